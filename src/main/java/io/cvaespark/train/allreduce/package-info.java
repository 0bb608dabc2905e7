/**
 * The synchronous step across workers and executors, without Spark: the ownership of slices, the order of every sum,
 * and the protocol of a step.
 *
 * <p>A <b>worker</b> computes the gradient of its shards; its number among the W workers of a round is its <b>rank</b>.
 * A <b>node</b> is an executor with its workers. It has one copy of the parameters, updates one <b>slice</b> of them,
 * and has connections to the other nodes. When all gradients of a node are computed, a step goes on like this:
 *
 * <ol>
 *   <li>the workers of the node sum their gradients in memory, and the node sends to every other node the sums of that
 *       node's slice;
 *   <li>the owner of a slice adds what it received, in the fixed tree, and applies the optimiser to the slice;
 *   <li>it sends the new parameters of the slice to the other nodes.
 * </ol>
 *
 * Each node sends and receives about 2·P floats a step, however many nodes there are (the reduce-scatter and all-gather
 * of Rabenseifner 2004, and BigDL's parameter slices).
 */
@NullMarked
package io.cvaespark.train.allreduce;

import org.jspecify.annotations.NullMarked;
