/**
 * Training steps on the cluster: task slots, rounds of steps, and two exchanges, which are ways to add up the
 * gradients.
 *
 * <p>{@code AllReduceExchange} runs on the driver and starts rounds. {@code RoundTask} is one worker's part of a round
 * on an executor. The tasks of one executor share a {@code SharedNode}, which holds the parameters and the links to the
 * other executors. {@code DriverExchange} is the simple way: each step is one Spark job.
 */
@NullMarked
package io.cvaespark.spark.exchange;

import org.jspecify.annotations.NullMarked;
