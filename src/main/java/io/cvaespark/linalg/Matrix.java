package io.cvaespark.linalg;

/**
 * A row-major float32 matrix: a view of an array that other matrices may share.
 *
 * <p>Element (r, j) is {@code data[offset + r·stride + j]}. A view of some columns of a wider matrix has a stride
 * larger than its number of columns, so {@code [x | c]} can be stored once and seen as x, as c, and as the encoder's
 * input.
 */
public final class Matrix {
    private final float[] data;
    private final int offset;
    private final int rows;
    private final int cols;
    private final int stride;

    /** Creates a view of {@code data}; throws {@link IllegalArgumentException} if it does not lie within the array. */
    public Matrix(float[] data, int offset, int rows, int cols, int stride) {
        if (rows < 0 || cols < 0 || stride < cols || offset < 0) {
            throw new IllegalArgumentException(
                    "Invalid matrix view: offset %s, %s x %s, stride %s".formatted(offset, rows, cols, stride));
        }
        long end = rows == 0 ? offset : offset + (long) (rows - 1) * stride + cols;
        if (end > data.length) {
            throw new IllegalArgumentException(
                    "Matrix view of %s x %s (offset %s, stride %s) ends at %s in array of length %s"
                            .formatted(rows, cols, offset, stride, end, data.length));
        }
        this.data = data;
        this.offset = offset;
        this.rows = rows;
        this.cols = cols;
        this.stride = stride;
    }

    /** Creates a matrix of zeros. */
    public static Matrix zeros(int rows, int cols) {
        return new Matrix(new float[Math.multiplyExact(rows, cols)], 0, rows, cols, cols);
    }

    /** Creates a view of {@code data} as a matrix without gaps between its rows. */
    public static Matrix of(float[] data, int rows, int cols) {
        return new Matrix(data, 0, rows, cols, cols);
    }

    public float[] data() {
        return data;
    }

    public int offset() {
        return offset;
    }

    public int rows() {
        return rows;
    }

    public int cols() {
        return cols;
    }

    public int stride() {
        return stride;
    }

    /** The index in {@link #data()} of the first element of row {@code r}. */
    public int row(int r) {
        return offset + r * stride;
    }

    public float get(int r, int j) {
        return data[row(r) + j];
    }

    public void set(int r, int j, float value) {
        data[row(r) + j] = value;
    }

    /** A view of the columns from {@code from} (inclusive) to {@code to} (exclusive). */
    public Matrix columns(int from, int to) {
        return from == 0 && to == cols ? this : new Matrix(data, offset + from, rows, to - from, stride);
    }

    /** A view of the rows from {@code from} (inclusive) to {@code to} (exclusive). */
    public Matrix rowRange(int from, int to) {
        return from == 0 && to == rows ? this : new Matrix(data, offset + from * stride, to - from, cols, stride);
    }

    /** Copies every element of {@code source}, which has this matrix's shape. */
    public void copyFrom(Matrix source) {
        requireShape(source, rows, cols);
        for (int r = 0; r < rows; r++) {
            System.arraycopy(source.data, source.row(r), data, row(r), cols);
        }
    }

    public void fill(float value) {
        for (int r = 0; r < rows; r++) {
            java.util.Arrays.fill(data, row(r), row(r) + cols, value);
        }
    }

    /** A copy of the elements, row by row. */
    public float[] toArray() {
        float[] copy = new float[rows * cols];
        for (int r = 0; r < rows; r++) {
            System.arraycopy(data, row(r), copy, r * cols, cols);
        }
        return copy;
    }

    /**
     * Throws {@link IllegalArgumentException}, with both shapes in its message, unless {@code m} is {@code rows ×
     * cols}.
     */
    public static void requireShape(Matrix m, int rows, int cols) {
        if (m.rows != rows || m.cols != cols) {
            throw new IllegalArgumentException(
                    "Expected a matrix of %s x %s, found %s x %s".formatted(rows, cols, m.rows, m.cols));
        }
    }

    @Override
    public String toString() {
        return "Matrix[" + rows + " x " + cols + "]";
    }
}
