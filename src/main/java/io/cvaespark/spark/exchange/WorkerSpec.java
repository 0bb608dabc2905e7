package io.cvaespark.spark.exchange;

import io.cvaespark.batch.Dealing;
import io.cvaespark.data.TableSchema;
import io.cvaespark.model.Architecture;
import io.cvaespark.train.TrainingConfig;
import io.cvaespark.train.TrainingPlan;
import java.io.Serializable;
import java.util.UUID;

/**
 * The settings that an executor needs to compute gradients. They are the same for all steps of a training.
 *
 * @param trainingId the id of the training, by which executors distinguish the buffers of several trainings; it is also
 *     the secret of its exchange
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

    /** The serialisable settings from which executors create a {@link TrainingPlan}. */
    public record Plan(TrainingConfig config, Dealing dealing) implements Serializable {
        public TrainingPlan plan() {
            return new TrainingPlan(config, dealing);
        }
    }
}
