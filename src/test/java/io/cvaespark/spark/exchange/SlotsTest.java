package io.cvaespark.spark.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.spark.internal.ClusterView.Executor;
import io.cvaespark.train.TrainingConfig.ExchangeKind;
import java.util.List;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlotsTest {

    @ParameterizedTest
    @CsvSource({"8,2,2", "2,8,2", "4,3,2", "8,8,8", "1,64,1", "4,0,1", "16,7,4"})
    void workersAreThePowerOfTwoThatShardsAndSlotsAllow(int shards, int slots, int workers) {
        assertEquals(workers, Slots.workers(shards, slots));
    }

    @Test
    void theSlotsAskedForFollowTheSettings() {
        assertEquals(0, Slots.requested(new SparkConf(false)));
        assertEquals(8, Slots.requested(new SparkConf(false).set("spark.cores.max", "8")));
        assertEquals(
                12,
                Slots.requested(new SparkConf(false)
                        .set("spark.executor.instances", "3")
                        .set("spark.executor.cores", "4")));
        assertEquals(
                6,
                Slots.requested(new SparkConf(false)
                        .set("spark.executor.instances", "3")
                        .set("spark.executor.cores", "4")
                        .set("spark.task.cpus", "2")));
        assertEquals(
                5,
                Slots.requested(new SparkConf(false)
                        .set("spark.executor.instances", "3")
                        .set("spark.executor.cores", "4")
                        .set("spark.cores.max", "5")));
    }

    @Test
    void neighboursArePlacedOnOneExecutor() {
        Executor a = new Executor("0", "h1", 4);
        Executor b = new Executor("1", "h2", 4);
        assertEquals(
                List.of(a.location(), a.location(), b.location(), b.location()), Slots.locations(List.of(a, b), 4));
        Executor small = new Executor("2", "h3", 1);
        assertEquals(
                List.of(a.location(), a.location(), a.location(), small.location()),
                Slots.locations(List.of(a, small), 4));
        assertEquals("executor_h1_0", a.location());
    }

    @Test
    void withoutRoomForAllNobodyIsPlaced() {
        assertEquals(List.of(), Slots.locations(List.of(), 2));
        assertEquals(List.of(), Slots.locations(List.of(new Executor("0", "h", 1)), 2));
    }

    @Test
    void allreduceIsUsedWhereverBarriersAreAllowed() {
        SparkConf plain = new SparkConf(false);
        SparkConf dynamic = new SparkConf(false).set("spark.dynamicAllocation.enabled", "true");
        assertTrue(Exchanges.usesBarriers(ExchangeKind.AUTO, plain, false));
        assertTrue(Exchanges.usesBarriers(ExchangeKind.ALLREDUCE, plain, false));
        assertFalse(Exchanges.usesBarriers(ExchangeKind.DRIVER, plain, false));
        assertFalse(Exchanges.usesBarriers(ExchangeKind.AUTO, dynamic, false));
        assertTrue(Exchanges.usesBarriers(ExchangeKind.AUTO, dynamic, true), "local mode has no executors to allocate");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> Exchanges.usesBarriers(ExchangeKind.ALLREDUCE, dynamic, false),
                "spark.dynamicAllocation.enabled",
                "exchange: driver");
    }

    /** What Spark says of a failed barrier stage is long; the line that matters is one. */
    @Test
    void ofAFailedStageTheTasksOwnWordsAreKept() {
        String message = """
            Job aborted due to stage failure: Could not recover from a failed barrier ResultStage. Most recent failure reason: Stage failed because barrier task ResultTask(5, 1) finished unsuccessfully.
            io.cvaespark.train.allreduce.ExchangeException: executor 1 (h:1) is gone: it closed the connection
            \tat io.cvaespark.Somewhere
            """;
        assertEquals(
                "io.cvaespark.train.allreduce.ExchangeException: executor 1 (h:1) is gone: it closed the connection",
                AllReduceExchange.reason(new RuntimeException(message)));
        assertEquals("just this", AllReduceExchange.reason(new RuntimeException("just this")));
    }
}
