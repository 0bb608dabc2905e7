package io.cvaespark.spark.exchange;

import io.cvaespark.spark.shards.Layouts;
import io.cvaespark.train.Exchange;
import io.cvaespark.train.TrainingConfig.ExchangeKind;
import io.cvaespark.train.TrainingPlan;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Creates the exchange of a training. */
public final class Exchanges {
    private static final Logger LOG = LoggerFactory.getLogger(Exchanges.class);

    private Exchanges() {}

    /**
     * Creates the exchange that {@code training.exchange} names; {@code auto} is allreduce if barrier stages are
     * allowed, else driver.
     */
    public static Exchange open(
            JavaSparkContext spark, Layouts layouts, TrainingPlan plan, WorkerSpec spec, int parameters) {
        return usesBarriers(plan.config().exchange(), spark.getConf(), spark.isLocal())
                ? new AllReduceExchange(spark, layouts, plan, spec, parameters)
                : onDriver(spark, layouts, plan, spec, parameters);
    }

    private static Exchange onDriver(
            JavaSparkContext spark, Layouts layouts, TrainingPlan plan, WorkerSpec spec, int parameters) {
        Slots slots = new Slots(spark.sc());
        int workers = Slots.workers(plan.dealing().shards(), slots.available());
        return new DriverExchange(spark, layouts.layout(workers, slots.locations(workers)), plan, spec, parameters);
    }

    /** True if the exchange is allreduce; throws if the job demands it and barrier stages are not allowed. */
    static boolean usesBarriers(ExchangeKind exchange, SparkConf conf, boolean local) {
        boolean dynamic = !local && conf.getBoolean("spark.dynamicAllocation.enabled", false);
        if (dynamic && exchange == ExchangeKind.ALLREDUCE) {
            throw new IllegalArgumentException(
                    "training.exchange: allreduce needs all workers at once, but spark.dynamicAllocation.enabled is true, and Spark then refuses barrier stages. Set it to false and spark.executor.instances to a number, or use exchange: driver (slower, the same model)");
        }
        if (dynamic && exchange == ExchangeKind.AUTO) {
            LOG.warn(
                    "exchange: driver is used, which is several times slower than allreduce, because spark.dynamicAllocation.enabled is true and Spark then refuses barrier stages. The model is the same to the last bit");
        }
        return !dynamic && exchange != ExchangeKind.DRIVER;
    }
}
