package io.cvaespark.train;

import static io.cvaespark.TestArrays.assertClose;
import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.doubles;
import static io.cvaespark.TestArrays.normals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.batch.Augmentation;
import io.cvaespark.batch.Batch;
import io.cvaespark.batch.Block;
import io.cvaespark.batch.Dealing;
import io.cvaespark.batch.EpochOrder;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.data.codec.Codec;
import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.model.Elbo;
import io.cvaespark.model.LatentNoise;
import io.cvaespark.model.LossSums;
import io.cvaespark.model.Models;
import io.cvaespark.model.ObjectiveStep;
import io.cvaespark.model.RowLosses;
import io.cvaespark.model.Variant;
import io.cvaespark.nn.Gradient;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The shards' parts of a step are the step, and an epoch is every row once. */
class ShardStepTest {
    private static final int X = 3;
    private static final int WIDTH = X + Models.CONDITIONS;
    private static final int ROWS = 21;
    private static final double BETA = 0.7;
    private static final TableSchema SCHEMA = new TableSchema(
            List.of(new Field("x", "double", ColumnType.CONTINUOUS, new Codec.Unit(X), "gaussian", null, false)),
            List.of(new Field(
                    "c", "double", ColumnType.CONTINUOUS, new Codec.Unit(Models.CONDITIONS), null, null, false)));
    private static final CvaeNetwork NETWORK =
            Models.network(Variant.CVAE_1, List.of(new LikelihoodSpec("gaussian", X)));
    private static final float[] PARAMETERS = Models.parameters(NETWORK, 1);
    private static final float[] VALUES = normals(2, ROWS * WIDTH);

    /** Every shard is one block; a row's id is its place in the canonical order, its weight follows from it. */
    private static Block block(Dealing dealing, int shard) {
        int start = (int) dealing.shardStart(shard);
        int rows = (int) dealing.shardRows(shard);
        long[] ids = new long[rows];
        float[] weights = new float[rows];
        for (int r = 0; r < rows; r++) {
            ids[r] = dealing.shardStart(shard) + r;
            weights[r] = 1 + 0.1f * (start + r);
        }
        float[] values = Arrays.copyOfRange(VALUES, start * WIDTH, (start + rows) * WIDTH);
        return new Block(shard, 0, values, weights, ids);
    }

    private static ShardStep shardStep(Dealing dealing) {
        return shardStep(dealing, null);
    }

    private static ShardStep shardStep(Dealing dealing, @Nullable Augmentation augmentation) {
        return new ShardStep(NETWORK, new Elbo(0f), SCHEMA, dealing, 3, augmentation, new Workspace(Blas.openBlas()));
    }

    private static LossSums run(
            ShardStep shardStep, Dealing dealing, int shard, int epoch, int step, float[] gradient) {
        EpochOrder order = shardStep.order(shard, epoch);
        Block block = block(dealing, shard);
        return shardStep.run(i -> block, shard, order, epoch, step, PARAMETERS, BETA, gradient);
    }

    /** The whole dataset as one batch, in the canonical order. */
    private static LossSums direct(int epoch, float[] gradient) {
        float[] weights = new float[ROWS];
        long[] ids = new long[ROWS];
        for (int r = 0; r < ROWS; r++) {
            weights[r] = 1 + 0.1f * r;
            ids[r] = r;
        }
        return direct(new Batch(Matrix.of(VALUES, ROWS, WIDTH), X, weights, ids), epoch, gradient);
    }

    private static LossSums direct(Batch batch, int epoch, float[] gradient) {
        RowLosses losses = new RowLosses();
        new Elbo(0f)
                .accumulate(new ObjectiveStep(
                        NETWORK,
                        PARAMETERS,
                        batch,
                        LatentNoise.counterBased(3, epoch),
                        BETA,
                        losses,
                        Gradient.adding(gradient),
                        new Workspace(Blas.openBlas())));
        return LossSums.of(losses, batch.weights(), ROWS);
    }

    @Test
    void theStepsOfAnEpochAddUpToTheWholeDataset() {
        int epoch = 2;
        float[] expected = new float[PARAMETERS.length];
        LossSums all = direct(epoch, expected);
        for (int shards : new int[] {1, 2, 4, 32}) {
            for (int batch : new int[] {1, 5, 8, 21, 100}) {
                Dealing dealing = new Dealing(ROWS, shards, batch);
                ShardStep shardStep = shardStep(dealing);
                float[] gradient = new float[PARAMETERS.length];
                float[] part = new float[PARAMETERS.length];
                LossSums sums = LossSums.ZERO;
                for (int step = 0; step < dealing.stepsPerEpoch(); step++) {
                    LossSums before = sums;
                    for (int shard = 0; shard < shards; shard++) {
                        sums = sums.plus(run(shardStep, dealing, shard, epoch, step, part));
                        Elementwise.plain().add(part, 0, gradient, 0, part.length);
                    }
                    assertEquals(dealing.stepRows(step), sums.rows() - before.rows(), "rows of step " + step);
                }
                assertEquals(ROWS, sums.rows());
                assertEquals(all.loss(), sums.loss(), 1e-4);
                assertEquals(all.reconstruction(), sums.reconstruction(), 1e-4);
                assertEquals(all.kl(), sums.kl(), 1e-4);
                assertEquals(all.weight(), sums.weight(), 1e-6);
                assertClose(doubles(expected), gradient, 1e-5, shards + " shards, batch " + batch);
            }
        }
    }

    /** To the bit: without augmentation the rows as they are, with noise what the networks see beside them. */
    @Test
    void aStepIsTheObjectiveOfItsRows() {
        Dealing dealing = new Dealing(ROWS, 1, 100);
        int epoch = 2;
        Block block = block(dealing, 0);
        Matrix xc = Matrix.zeros(ROWS, WIDTH);
        Matrix seen = Matrix.zeros(ROWS, WIDTH);
        float[] weights = new float[ROWS];
        long[] ids = new long[ROWS];
        int[] rows = {0};
        shardStep(dealing).order(0, epoch).visit(0, ROWS, (b, row) -> {
            int r = rows[0]++;
            weights[r] = 1 + 0.1f * row;
            ids[r] = row;
            long key = Noise.key(3, Noise.Purpose.AUGMENTATION, epoch, row, 1);
            for (int j = 0; j < WIDTH; j++) {
                float value = block.values()[row * WIDTH + j];
                xc.set(r, j, value);
                seen.set(r, j, j < X ? value + 0.5f * Noise.normal(key, j) : value);
            }
        });
        assertEquals(ROWS, rows[0]);
        Batch plain = new Batch(xc, X, weights, ids);
        assertSameStep(plain, dealing, null);
        assertSameStep(plain.seenAs(seen), dealing, new Augmentation(null, 0.5));
    }

    private static void assertSameStep(Batch batch, Dealing dealing, @Nullable Augmentation augmentation) {
        float[] expected = new float[PARAMETERS.length];
        LossSums losses = direct(batch, 2, expected);
        float[] gradient = new float[PARAMETERS.length];
        assertEquals(losses, run(shardStep(dealing, augmentation), dealing, 0, 2, 0, gradient));
        assertSameBits(expected, gradient, "gradient with " + augmentation);
    }

    /** A worker may hold one shard or all: what it computed before leaves no trace. */
    @Test
    void aShardsBitsDoNotDependOnWhoComputesIt() {
        Dealing dealing = new Dealing(ROWS, 4, 10);
        ShardStep busy = shardStep(dealing);
        for (int step = 0; step < dealing.stepsPerEpoch(); step++) {
            for (int shard = 0; shard < 4; shard++) {
                float[] among = new float[PARAMETERS.length];
                LossSums amongOthers = run(busy, dealing, shard, 1, step, among);
                float[] alone = new float[PARAMETERS.length];
                assertEquals(run(shardStep(dealing), dealing, shard, 1, step, alone), amongOthers);
                assertSameBits(alone, among, "shard " + shard + ", step " + step);
            }
        }
    }

    @Test
    void aShardWithoutRowsInAStepAddsNothing() {
        Dealing dealing = new Dealing(ROWS, 4, 2);
        float[] gradient = normals(8, PARAMETERS.length);
        assertEquals(LossSums.ZERO, run(shardStep(dealing), dealing, 3, 1, 0, gradient));
        assertSameBits(new float[PARAMETERS.length], gradient, "gradient");
    }
}
