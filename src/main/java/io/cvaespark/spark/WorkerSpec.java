package io.cvaespark.spark;

import io.cvaespark.data.Dealing;
import io.cvaespark.data.TableSchema;
import io.cvaespark.linalg.Blas;
import io.cvaespark.model.Architecture;
import io.cvaespark.train.TrainingPlan;
import java.io.Serializable;
import java.util.UUID;

/**
 * What an executor must know to compute gradients; the same for every step of a training.
 *
 * @param run names the training, so that executors keep the buffers of several apart
 */
record WorkerSpec(
        String run,
        Architecture architecture,
        TableSchema schema,
        Dealing dealing,
        int workers,
        float freeBits,
        long seed,
        String blas)
        implements Serializable {

    static WorkerSpec of(Architecture architecture, TableSchema schema, TrainingPlan plan, int workers) {
        return new WorkerSpec(
                UUID.randomUUID().toString(),
                architecture,
                schema,
                plan.dealing(),
                workers,
                plan.config().freeBits().floatValue(),
                plan.config().seed(),
                plan.config().blas());
    }

    /** The BLAS that {@code training.blas} names; throws when the native one cannot be loaded. */
    static Blas blas(String name) {
        return name.equals("java") ? Blas.java() : Blas.openBlas();
    }
}
