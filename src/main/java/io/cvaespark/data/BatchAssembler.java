package io.cvaespark.data;

import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import java.util.ArrayList;
import java.util.List;

/**
 * Gathers rows into a batch, binarising what the schema says: each value p becomes 1 with probability p, a new draw for
 * every (seed, epoch, row).
 *
 * <p>Its arrays are reused by the next batch.
 */
public final class BatchAssembler {
    /** The floats of a target column that is binarised dynamically. */
    private record Range(int from, int width, int field) {}

    private final int rowWidth;
    private final int targetWidth;
    private final List<Range> binarized = new ArrayList<>();
    private final float[] values;
    private final float[] weights;
    private final long[] ids;
    private final Elementwise math;
    private int rows;

    public BatchAssembler(TableSchema schema, int maxRows, Elementwise math) {
        this.rowWidth = schema.rowWidth();
        this.targetWidth = schema.targetWidth();
        this.values = new float[Math.multiplyExact(maxRows, rowWidth)];
        this.weights = new float[maxRows];
        this.ids = new long[maxRows];
        this.math = math;
        int from = 0;
        for (int f = 0; f < schema.targets().size(); f++) {
            Field field = schema.targets().get(f);
            if (field.binarize()) {
                binarized.add(new Range(from, field.codec().width(), f));
            }
            from += field.codec().width();
        }
    }

    /** Forgets the rows gathered so far. */
    public void clear() {
        rows = 0;
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
        for (Range range : binarized) {
            long key = Noise.key(seed, Noise.Purpose.BINARIZATION, epoch, id, range.field());
            math.bernoulliDraws(key, values, to + range.from(), values, to + range.from(), range.width());
        }
        weights[rows] = weight;
        ids[rows] = id;
        rows++;
    }

    /** The rows gathered so far. */
    public Batch batch() {
        return new Batch(new Matrix(values, 0, rows, rowWidth, rowWidth), targetWidth, weights, ids);
    }

    /** All places, the unused ones zero and of weight 0: for kernels of one fixed size. */
    public Batch padded() {
        java.util.Arrays.fill(weights, rows, weights.length, 0f);
        java.util.Arrays.fill(values, rows * rowWidth, values.length, 0f);
        return new Batch(new Matrix(values, 0, ids.length, rowWidth, rowWidth), targetWidth, weights, ids);
    }
}
