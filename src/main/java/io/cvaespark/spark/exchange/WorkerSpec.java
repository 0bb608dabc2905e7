package io.cvaespark.spark.exchange;

import io.cvaespark.batch.Dealing;
import io.cvaespark.data.TableSchema;
import io.cvaespark.model.Architecture;
import io.cvaespark.train.TrainingConfig;
import io.cvaespark.train.TrainingPlan;
import java.io.Serializable;
import java.util.UUID;

/**
 * What an executor must know to compute gradients; the same for every step of a training.
 *
 * @param trainingId names the training, so that executors keep the buffers of several apart; also the secret of its exchange
 */
public record WorkerSpec(
        UUID trainingId, Architecture architecture, TableSchema schema, Dealing dealing, TrainingConfig config)
        implements Serializable {

    public static WorkerSpec of(Architecture architecture, TableSchema schema, TrainingPlan plan) {
        return new WorkerSpec(UUID.randomUUID(), architecture, schema, plan.dealing(), plan.config());
    }

    public TrainingPlan plan() {
        return new Plan(config, dealing).plan();
    }

    /** A {@link TrainingPlan} on its way. */
    public record Plan(TrainingConfig config, Dealing dealing) implements Serializable {
        public TrainingPlan plan() {
            return new TrainingPlan(config, dealing);
        }
    }
}
