package io.cvaespark.spark;

import io.cvaespark.data.Dealing;
import io.cvaespark.data.TableSchema;
import io.cvaespark.linalg.Blas;
import io.cvaespark.model.Architecture;
import io.cvaespark.train.TrainingConfig;
import io.cvaespark.train.TrainingPlan;
import java.io.Serializable;
import java.util.UUID;

/**
 * What an executor must know to compute gradients; the same for every step of a training.
 *
 * @param run names the training, so that executors keep the buffers of several apart; also the secret of its exchange
 */
record WorkerSpec(UUID run, Architecture architecture, TableSchema schema, Dealing dealing, TrainingConfig config)
        implements Serializable {

    static WorkerSpec of(Architecture architecture, TableSchema schema, TrainingPlan plan) {
        return new WorkerSpec(UUID.randomUUID(), architecture, schema, plan.dealing(), plan.config());
    }

    TrainingPlan plan() {
        return new Plan(config, dealing).plan();
    }

    /** A {@link TrainingPlan} on its way. */
    record Plan(TrainingConfig config, Dealing dealing) implements Serializable {
        TrainingPlan plan() {
            return new TrainingPlan(config, dealing);
        }
    }

    /** The BLAS that {@code training.blas} names; throws when the native one cannot be loaded. */
    static Blas blas(String name) {
        return name.equals("java") ? Blas.java() : Blas.openBlas();
    }
}
