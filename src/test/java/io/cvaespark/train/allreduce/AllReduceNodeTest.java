package io.cvaespark.train.allreduce;

import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.normals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.cvaespark.batch.Dealing;
import io.cvaespark.optim.GradientNorm;
import io.cvaespark.train.GradientTree;
import io.cvaespark.train.OptimizerConfig;
import io.cvaespark.train.TrainingConfig;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes end with the bits of one machine, whoever runs where. In a placement, equal letters are workers of one node. */
class AllReduceNodeTest {
    private static final int P = 9 * GradientNorm.BLOCK + 123;
    /** Four steps an epoch, of 32, 32, 32 and 4 rows. */
    private static final Dealing DEALING = new Dealing(100, 8, 32);
    /** In the middle of an epoch, so that the steps cross its end. */
    private static final int FIRST = 2;

    private static final int STEPS = 4;
    private static final float[] NORMALS = normals(5, P);
    private static final float[] SIZES = {1e-4f, 1e-3f, 1e-2f, 1e-1f, 1f, 1e1f, 1e2f, 1e3f, 1e4f};

    private static TrainingPlan plan(OptimizerConfig.Type optimizer, @Nullable Double clipNorm) {
        OptimizerConfig config = OptimizerConfig.DEFAULT
                .with(OptimizerConfig.TYPE, optimizer)
                .with(OptimizerConfig.LEARNING_RATE, 0.05)
                .with(OptimizerConfig.SCHEDULE, OptimizerConfig.Course.COSINE)
                .with(OptimizerConfig.WARMUP, 0.2)
                .with(OptimizerConfig.WEIGHT_DECAY, 0.1)
                .with(OptimizerConfig.CLIP_NORM, clipNorm);
        return new TrainingPlan(
                TrainingConfig.DEFAULT
                        .with(TrainingConfig.EPOCHS, 3)
                        .with(TrainingConfig.BATCH, 32)
                        .with(TrainingConfig.OPTIMIZER, config),
                DEALING);
    }

    /** Gradients of very different sizes that depend on the parameters, so that what one step gets wrong stays. */
    private static void gradient(int rank, long step, float[] parameters, float[] gradient) {
        int shift = 1000 * rank + 31 * Math.toIntExact(step);
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = SIZES[(rank * 7 + i) % SIZES.length] * NORMALS[(i + shift) % P] + parameters[i];
        }
    }

    /** One machine's steps. */
    private static void reference(TrainingPlan plan, TrainingState state, int workers, long from, long to) {
        for (long step = from; step < to; step++) {
            GradientTree tree = new GradientTree(state.parameters().length, false);
            for (int rank = 0; rank < workers; rank++) {
                float[] leaf = new float[state.parameters().length];
                gradient(rank, step, state.parameters(), leaf);
                tree.push(leaf, 1);
            }
            int rows = DEALING.stepRows(plan.stepInEpoch(step));
            plan.update(state, tree.root(workers), step, rows);
        }
    }

    private static void assertBitsOfOneMachine(TrainingPlan plan, String placement, int parameters) {
        String what = "%s, %s parameters, %s"
                .formatted(placement, parameters, plan.config().optimizer());
        TrainingState state = new TrainingState(normals(1, parameters), plan.moments());
        reference(plan, state, placement.length(), 0, FIRST);
        float[] before = state.parameters().clone();
        try (MemoryCluster cluster = new MemoryCluster(plan, placement, state, FIRST, () -> false)) {
            cluster.startAll(STEPS, AllReduceNodeTest::gradient).forEach(CompletableFuture::join);
            reference(plan, state, placement.length(), FIRST, FIRST + STEPS);
            assertFalse(Arrays.equals(before, state.parameters()));
            Membership members = cluster.members();
            for (int node = 0; node < members.nodes(); node++) {
                String where = what + ", node " + node;
                assertSameBits(state.parameters(), cluster.node(node).parameters(), where);
                for (int m = 0; m < state.moments().length; m++) {
                    float[] slice =
                            Arrays.copyOfRange(state.moments()[m], members.sliceStart(node), members.sliceEnd(node));
                    assertSameBits(slice, cluster.node(node).moments()[m], where + ", moment " + m);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "aa",
                "ab",
                "aabb",
                "abab",
                "abba",
                "aaab",
                "abcd",
                "aaaaaaaa",
                "aaaabbbb",
                "abababab",
                "aabbaabb",
                "aaabbbbc",
                "abbbbbbb",
                "abcabcab",
                "abcdefgh"
            })
    void everyPlacementGivesTheBitsOfOneMachine(String placement) {
        assertBitsOfOneMachine(plan(OptimizerConfig.Type.ADAM, null), placement, P);
        assertBitsOfOneMachine(plan(OptimizerConfig.Type.ADAM, 0.5), placement, P);
    }

    @ParameterizedTest
    @CsvSource({"ADAM, 1e9", "SGD,", "SGD, 0.5", "SGD, 1e9"})
    void everyOptimizerGivesTheBitsOfOneMachine(OptimizerConfig.Type optimizer, @Nullable Double clipNorm) {
        for (String placement : new String[] {"a", "ab", "abab", "aaabbbbc"}) {
            assertBitsOfOneMachine(plan(optimizer, clipNorm), placement, P);
        }
    }

    /** Fewer blocks than nodes or workers: some own nothing, and take part all the same. */
    @ParameterizedTest
    @ValueSource(ints = {1, GradientNorm.BLOCK, GradientNorm.BLOCK + 1, 3 * GradientNorm.BLOCK})
    void aVectorMayHaveFewerBlocksThanThereAreWorkers(int parameters) {
        for (String placement : new String[] {"aa", "aaab", "abababab", "abcdefgh"}) {
            assertBitsOfOneMachine(plan(OptimizerConfig.Type.ADAM, null), placement, parameters);
            assertBitsOfOneMachine(plan(OptimizerConfig.Type.SGD, 0.5), placement, parameters);
        }
    }

    /** A round's end is no different from a step's: what the nodes hold begins the next round elsewhere. */
    @Test
    void aRoundMayGoOnWithAnotherPlacement() {
        TrainingPlan plan = plan(OptimizerConfig.Type.ADAM, 0.5);
        TrainingState state = new TrainingState(normals(1, P), plan.moments());
        TrainingState carried = new TrainingState(normals(1, P), plan.moments());
        reference(plan, state, 4, 0, 6);
        long step = 0;
        for (String placement : new String[] {"aabb", "abca", "abbb"}) {
            try (MemoryCluster cluster = new MemoryCluster(plan, placement, carried, step, () -> false)) {
                cluster.startAll(2, AllReduceNodeTest::gradient).forEach(CompletableFuture::join);
                for (int node = 0; node < cluster.members().nodes(); node++) {
                    collect(cluster, node, carried);
                }
            }
            step += 2;
        }
        assertSameBits(state.parameters(), carried.parameters(), "parameters");
        assertSameBits(state.moments()[0], carried.moments()[0], "first moment");
        assertSameBits(state.moments()[1], carried.moments()[1], "second moment");
    }

    private static void collect(MemoryCluster cluster, int node, TrainingState state) {
        int start = cluster.members().sliceStart(node);
        int length = cluster.members().sliceEnd(node) - start;
        System.arraycopy(cluster.node(node).parameters(), start, state.parameters(), start, length);
        for (int m = 0; m < state.moments().length; m++) {
            System.arraycopy(cluster.node(node).moments()[m], 0, state.moments()[m], start, length);
        }
    }
}
