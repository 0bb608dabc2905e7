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
 * Gathers rows into a batch, binarising what the schema says: each value p becomes 1 with probability p, a new draw for
 * every (seed, epoch, row).
 *
 * <p>In training an {@link Augmentation} may change them at every visit: the image is shifted before it is binarised, what the
 * networks see gets noise afterwards.
 *
 * <p>A target that is not known is NaN in the row; in the batch it is 0, and so is its place in {@link Batch#observed}. Its
 * arrays are reused by the next batch.
 */
public final class BatchAssembler {
    private final int rowWidth;
    private final int targetWidth;
    private final List<TargetRange> binarized;
    /** The cell of each target float. */
    private final int[] cells;

    private final int cellWidth;
    private float[] known = {};
    private boolean anyMissing;
    private final float[] values;
    /** What the networks see of the rows; the same array where nothing is added. */
    private final float[] seen;

    private final @Nullable Augmenter augmenter;
    private final float[] weights;
    private final long[] ids;
    private final Elementwise math;
    private int rows;

    /** Rows as they are. */
    public BatchAssembler(TableSchema schema, int maxRows, Elementwise math) {
        this(schema, maxRows, math, null, null);
    }

    /**
     * Rows for training.
     *
     * @param augmentation null: rows as they are
     * @param image channels, height and width of the targets, channels first; null: they are no image
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
        int from = 0;
        int cell = 0;
        for (Field field : schema.targets()) {
            int width = field.codec().width();
            for (int j = 0; j < width; j++) {
                cells[from + j] = cell + Math.min(j, field.codec().cells() - 1);
            }
            from += width;
            cell += field.codec().cells();
        }
        this.cellWidth = cell;
    }

    /** Forgets the rows gathered so far. */
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

    /** Adds a row, {@code source[from .. from + X + C)}, its draws keyed by (seed, epoch, id). */
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
            known = known.length == 0 ? new float[ids.length * cellWidth] : known;
            Arrays.fill(known, 1f);
        } else if (anyMissing) {
            Arrays.fill(known, rows * cellWidth, (rows + 1) * cellWidth, 1f);
        }
        for (int j = 0; missing && j < targetWidth; j++) {
            if (Float.isNaN(values[at + j])) {
                values[at + j] = 0f;
                known[rows * cellWidth + cells[j]] = 0f;
            }
        }
    }

    /** Keeps what is not known at 0, whatever was added. */
    private void hideMissing(int at) {
        for (int j = 0; anyMissing && j < targetWidth; j++) {
            if (known[rows * cellWidth + cells[j]] == 0f) {
                seen[at + j] = 0f;
            }
        }
    }

    /** The rows gathered so far. */
    public Batch batch() {
        return batch(rows);
    }

    private Batch batch(int size) {
        Matrix observed = anyMissing ? new Matrix(known, 0, size, cellWidth, cellWidth) : null;
        Batch batch = new Batch(new Matrix(values, 0, size, rowWidth, rowWidth), targetWidth, observed, weights, ids);
        return seen == values ? batch : batch.seenAs(new Matrix(seen, 0, size, rowWidth, rowWidth));
    }

    /** All places, the unused ones zero and of weight 0: for kernels of one fixed size. */
    public Batch padded() {
        Arrays.fill(weights, rows, weights.length, 0f);
        Arrays.fill(values, rows * rowWidth, values.length, 0f);
        Arrays.fill(seen, rows * rowWidth, seen.length, 0f);
        return batch(ids.length);
    }
}
