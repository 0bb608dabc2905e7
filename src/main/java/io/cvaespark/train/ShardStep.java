package io.cvaespark.train;

import io.cvaespark.batch.Augmentation;
import io.cvaespark.batch.BatchAssembler;
import io.cvaespark.batch.Block;
import io.cvaespark.batch.Dealing;
import io.cvaespark.batch.EpochOrder;
import io.cvaespark.data.TableSchema;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.model.LatentNoise;
import io.cvaespark.model.LossSums;
import io.cvaespark.model.Objective;
import io.cvaespark.model.ObjectiveStep;
import io.cvaespark.model.RowLosses;
import io.cvaespark.nn.Gradient;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One shard's part of one step: its rows in the epoch's order, their losses, their summed gradient.
 *
 * <p>Holds the buffers of one thread; one GEMM sequence per shard, since the bits of a product depend on its rows.
 */
public final class ShardStep {
    private final CvaeNetwork network;
    private final Objective objective;
    private final Dealing dealing;
    private final int blockRows;
    private final long seed;
    private final Workspace workspace;
    private final BatchAssembler assembler;
    private final RowLosses losses = new RowLosses();
    private final Gradient sink = Gradient.overwriting();

    /** With {@code augmentation} null rows stay as they are. */
    public ShardStep(
            CvaeNetwork network,
            Objective objective,
            TableSchema schema,
            Dealing dealing,
            long seed,
            @Nullable Augmentation augmentation,
            Workspace workspace) {
        this.network = network;
        this.objective = objective;
        this.dealing = dealing;
        this.blockRows = Block.maxRows(schema.rowWidth());
        this.seed = seed;
        this.workspace = workspace;
        this.assembler = new BatchAssembler(
                schema,
                dealing.maxShardRows(),
                workspace.math(),
                augmentation,
                network.architecture().networks().image());
    }

    /** Gives a shard's block by its index. */
    public interface Blocks {
        Block get(int index);
    }

    /** The order of the shard's rows in an epoch. */
    public EpochOrder order(int shard, int epoch) {
        return new EpochOrder(dealing.shardRows(shard), blockRows, seed, epoch, shard);
    }

    /** The step's labelled rows; each pass of a shard over its own has an order of its own. */
    private void addRecycled(Blocks blocks, int shard, int epoch, int step) {
        long number = (long) epoch * dealing.stepsPerEpoch() + step;
        long rows = dealing.recycledShardRows(shard);
        int firstBlock = dealing.firstRecycledBlock(shard, blockRows);
        long place = dealing.recycledStart(shard, number);
        long end = dealing.recycledStart(shard, number + 1);
        while (place < end) {
            long pass = place / rows;
            long passEnd = Math.min(end, (pass + 1) * rows);
            EpochOrder order = new EpochOrder(rows, blockRows, seed, pass, dealing.shards() + shard);
            order.visit(
                    place - pass * rows,
                    passEnd - pass * rows,
                    (block, row) ->
                            // Another id in each pass: a row that comes twice in an epoch has other noise each time.
                            add(blocks.get(firstBlock + block), row, (pass + 1) * dealing.allRows(), epoch));
            place = passEnd;
        }
    }

    private void add(Block block, int row, long idOffset, int epoch) {
        int width = block.values().length / block.rows();
        float[] weights = block.weights();
        float weight = weights == null ? 1f : weights[row];
        assembler.add(block.values(), row * width, weight, block.ids()[row] + idOffset, seed, epoch);
    }

    /** Writes the gradient of the shard's rows in step {@code step} of the epoch to {@code gradient}; returns the losses. */
    public LossSums run(
            Blocks blocks,
            int shard,
            EpochOrder order,
            int epoch,
            int step,
            float[] parameters,
            double beta,
            float[] gradient) {
        assembler.clear();
        order.visit(dealing.stepStart(shard, step), dealing.stepStart(shard, step + 1), (block, row) -> {
            add(blocks.get(block), row, 0, epoch);
        });
        if (dealing.recycledRows() > 0) {
            addRecycled(blocks, shard, epoch, step);
        }
        if (assembler.rows() == 0) {
            Arrays.fill(gradient, 0f);
            return LossSums.ZERO;
        }
        workspace.reset();
        sink.begin(gradient);
        objective.accumulate(new ObjectiveStep(
                network,
                parameters,
                assembler.batch(),
                LatentNoise.counterBased(seed, epoch),
                beta,
                losses,
                sink,
                workspace));
        sink.complete();
        return LossSums.of(losses, assembler.batch().weights(), assembler.rows());
    }
}
