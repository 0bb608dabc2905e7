package io.cvaespark.spark.training;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.cvaespark.batch.Dealing;
import io.cvaespark.linalg.Blas;
import io.cvaespark.spark.exchange.Slots;
import io.cvaespark.spark.table.TableFitter;
import io.cvaespark.train.TrainingConfig;
import io.cvaespark.train.TrainingPlan;

/**
 * What a training will take, roughly.
 *
 * @param mostSteps those of all epochs; {@code patience} may end training sooner
 * @param modelBytes parameters, gradient, and what the optimiser and the average keep, of each executor
 * @param rowBytes all rows as floats, over all executors
 * @param workers the cores that compute at once
 * @param gflops what a core of the driver computes in matrix products, 10⁹ operations per second
 * @param mostMinutes of all epochs, if every core of the cluster is like the driver's
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record Estimate(
        long trainingRows,
        long heldOutRows,
        int parameters,
        int stepsPerEpoch,
        int epochs,
        long mostSteps,
        long modelBytes,
        long rowBytes,
        int workers,
        double gflops,
        double mostMinutes) {
    /** The share of the speed of large products that training steps reach: of layers (dense: 0.8, convolutions: less), and of narrow heads (Adult: 0.18). */
    private static final double SHARE_OF_LAYERS = 0.5;

    private static final double SHARE_OF_HEADS = 0.2;

    /** Validation computes forward only. */
    private static final double SHARE_OF_FORWARD = 1 / 3.0;

    private static final int PRODUCT_SIZE = 512;
    private static final int PRODUCTS = 4;
    private static final double SECONDS_PER_MINUTE = 60;

    static Estimate of(Preparation prepared) {
        TrainingConfig config = prepared.request().config();
        TableFitter.Fitted fitted = prepared.fitted();
        Integer stated = config.shards();
        int shards = stated == null ? Integer.highestOneBit(prepared.slots()) : stated;
        Dealing dealing = prepared.dealing(shards);
        TrainingPlan plan = new TrainingPlan(config, dealing);
        int parameters = prepared.network().parameterCount();
        int workers = Slots.workers(shards, prepared.slots());
        double gflops = Blas.of(config.blas()).measureGflops(PRODUCT_SIZE, PRODUCTS);
        double share = prepared.network().isAutoregressive() ? SHARE_OF_HEADS : SHARE_OF_LAYERS;
        double rows = dealing.epochRows() + SHARE_OF_FORWARD * fitted.validationRows();
        double operations = rows
                * prepared.network().trainingOperationsPerRow()
                * prepared.architecture().objective().draws();
        double seconds = config.epochs() * operations / (gflops * 1e9 * share * workers);
        return new Estimate(
                fitted.trainingRows(),
                fitted.validationRows(),
                parameters,
                dealing.stepsPerEpoch(),
                config.epochs(),
                plan.totalSteps(),
                (long) Float.BYTES * parameters * (2 + plan.moments()),
                (fitted.trainingRows() + fitted.validationRows())
                        * ((long) Float.BYTES * fitted.schema().rowWidth() + Long.BYTES),
                workers,
                gflops,
                seconds / SECONDS_PER_MINUTE);
    }
}
