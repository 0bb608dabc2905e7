package io.cvaespark.batch;

import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects rows into a batch and binarises the columns for which the schema says so: each value p becomes 1 with
 * probability p, by a new draw for every (seed, epoch, row).
 *
 * <p>In training an {@link Augmentation} may change the rows at every visit. The image is shifted before it is
 * binarised; noise is added to the networks' input after that.
 *
 * <p>A missing target is NaN in the row. In the batch both its value and its cell in {@link Batch#observed} are 0; in place of a code stands −1. The
 * arrays of a batch are reused by the next batch.
 */
public final class BatchAssembler {
    private final int rowWidth;
    private final int targetWidth;
    private final List<TargetRange> binarized;
    /** The index of the cell that each target float belongs to. */
    private final int[] cells;
    /** What stands for each target float that is not known: 0, or −1 in place of a code. */
    private final float[] unknown;

    private final int cellWidth;
    private float[] observed = {};
    private boolean anyMissing;
    private final float[] values;
    /** The networks' input; the same array as {@link #values} if no noise is added. */
    private final float[] seen;

    private final @Nullable Augmenter augmenter;
    private final float[] weights;
    private final long[] ids;
    private final Elementwise math;
    private int rows;

    /** Creates an assembler without augmentation. */
    public BatchAssembler(TableSchema schema, int maxRows, Elementwise math) {
        this(schema, maxRows, math, null, null);
    }

    /**
     * Creates an assembler for training.
     *
     * @param augmentation the changes of the rows; null for none
     * @param image channels, height and width of the targets, channels first; null if they are no image
     */
    public BatchAssembler(
            TableSchema schema,
            int maxRows,
            Elementwise math,
            @Nullable Augmentation augmentation,
            @Nullable List<Integer> image) {
        this.rowWidth = schema.rowWidth();
        this.targetWidth = schema.targetWidth();
        this.values = new float[Math.multiplyExact(maxRows, rowWidth)];
        this.augmenter = augmentation == null ? null : new Augmenter(augmentation, schema, image, math);
        this.seen = augmenter != null && augmenter.addsNoise() ? new float[values.length] : values;
        this.weights = new float[maxRows];
        this.ids = new long[maxRows];
        this.math = math;
        this.binarized = TargetRange.of(schema, Field::binarize);
        this.cells = new int[targetWidth];
        this.unknown = new float[targetWidth];
        int from = 0;
        int cell = 0;
        for (Field field : schema.targets()) {
            int width = field.codec().width();
            unknown[from] = field.codec().codes() > 0 ? -1f : 0f;
            for (int j = 0; j < width; j++) {
                cells[from + j] = cell + Math.min(j, field.codec().cells() - 1);
            }
            from += width;
            cell += field.codec().cells();
        }
        this.cellWidth = cell;
    }

    /** Removes all rows. */
    public void clear() {
        rows = 0;
        anyMissing = false;
    }

    public int rows() {
        return rows;
    }

    public boolean isFull() {
        return rows == ids.length;
    }

    /** Adds the row {@code source[from .. from + X + C)}; its random draws are keyed by (seed, epoch, id). */
    public void add(float[] source, int from, float weight, long id, long seed, long epoch) {
        int to = rows * rowWidth;
        System.arraycopy(source, from, values, to, rowWidth);
        if (augmenter != null) {
            augmenter.shift(source, from, values, to, seed, epoch, id);
        }
        markMissing(to);
        for (TargetRange range : binarized) {
            long key = Noise.key(seed, Noise.Purpose.BINARIZATION, epoch, id, range.field());
            math.bernoulliDraws(key, values, to + range.from(), values, to + range.from(), range.width());
        }
        if (augmenter != null && augmenter.addsNoise()) {
            System.arraycopy(values, to, seen, to, rowWidth);
            augmenter.addNoise(values, seen, to, seed, epoch, id);
            hideMissing(to);
        }
        weights[rows] = weight;
        ids[rows] = id;
        rows++;
    }

    private void markMissing(int at) {
        boolean missing = false;
        for (int j = 0; j < targetWidth; j++) {
            missing |= Float.isNaN(values[at + j]);
        }
        if (missing && !anyMissing) {
            anyMissing = true;
            observed = observed.length == 0 ? new float[ids.length * cellWidth] : observed;
            Arrays.fill(observed, 1f);
        } else if (anyMissing) {
            Arrays.fill(observed, rows * cellWidth, (rows + 1) * cellWidth, 1f);
        }
        for (int j = 0; missing && j < targetWidth; j++) {
            if (Float.isNaN(values[at + j])) {
                values[at + j] = unknown[j];
                observed[rows * cellWidth + cells[j]] = 0f;
            }
        }
    }

    /** Makes missing values unknown again, after noise was added. */
    private void hideMissing(int at) {
        for (int j = 0; anyMissing && j < targetWidth; j++) {
            if (observed[rows * cellWidth + cells[j]] == 0f) {
                seen[at + j] = unknown[j];
            }
        }
    }

    /** Returns the rows added so far. */
    public Batch batch() {
        return batch(rows);
    }

    private Batch batch(int size) {
        Matrix observedCells = anyMissing ? new Matrix(observed, 0, size, cellWidth, cellWidth) : null;
        Batch batch =
                new Batch(new Matrix(values, 0, size, rowWidth, rowWidth), targetWidth, observedCells, weights, ids);
        return seen == values ? batch : batch.seenAs(new Matrix(seen, 0, size, rowWidth, rowWidth));
    }

    /**
     * Returns a batch of full size, in which unused rows are zero and have weight 0, so that matrix products have one
     * fixed size.
     */
    public Batch padded() {
        Arrays.fill(weights, rows, weights.length, 0f);
        Arrays.fill(values, rows * rowWidth, values.length, 0f);
        Arrays.fill(seen, rows * rowWidth, seen.length, 0f);
        return batch(ids.length);
    }
}
