package io.cvaespark.linalg;

import java.util.ArrayList;
import java.util.List;

/**
 * The kernels of one thread, and its memory, which is reused from step to step.
 *
 * <p>A step takes its buffers in the same order every time, so after {@link #reset()} the same calls hand out the same
 * arrays and nothing is allocated. Buffers are not cleared. Not safe for use by several threads.
 */
public final class Workspace {
    private final Blas blas;
    private final Elementwise math;
    private final List<Slot> slots = new ArrayList<>();
    private int next;

    public Workspace(Blas blas, Elementwise math) {
        this.blas = blas;
        this.math = math;
    }

    /** Creates a workspace with the fastest elementwise kernels of this JVM. */
    public Workspace(Blas blas) {
        this(blas, Elementwise.create());
    }

    public Blas blas() {
        return blas;
    }

    public Elementwise math() {
        return math;
    }

    /** Takes all buffers back; matrices that were handed out before must no longer be used. */
    public void reset() {
        next = 0;
    }

    /** The number of buffers in use, for {@link #release}. */
    public int mark() {
        return next;
    }

    /** Takes back all buffers that were handed out since {@code mark}; for loops inside a step. */
    public void release(int mark) {
        next = mark;
    }

    /** Hands out a {@code rows × cols} matrix with unspecified content, valid until {@link #reset()}. */
    public Matrix matrix(int rows, int cols) {
        return slot().matrix(rows, cols);
    }

    /** Hands out a {@code rows × cols} matrix of zeros, valid until {@link #reset()}. */
    public Matrix zeros(int rows, int cols) {
        Matrix zeros = matrix(rows, cols);
        zeros.fill(0f);
        return zeros;
    }

    /** Hands out an array of at least {@code length} doubles, of which the first {@code length} are 0. */
    public double[] zeroDoubles(int length) {
        return slot().zeroDoubles(length);
    }

    private Slot slot() {
        if (next == slots.size()) {
            slots.add(new Slot());
        }
        return slots.get(next++);
    }

    private static final class Slot {
        private float[] floats = {};
        private double[] doubles = {};
        private Matrix matrix = new Matrix(floats, 0, 0, 0, 0);

        Matrix matrix(int rows, int cols) {
            if (matrix.rows() != rows || matrix.cols() != cols) {
                int size = Math.multiplyExact(rows, cols);
                if (floats.length < size) {
                    floats = new float[size];
                }
                matrix = new Matrix(floats, 0, rows, cols, cols);
            }
            return matrix;
        }

        double[] zeroDoubles(int length) {
            if (doubles.length < length) {
                doubles = new double[length];
            } else {
                java.util.Arrays.fill(doubles, 0, length, 0.0);
            }
            return doubles;
        }
    }
}
