package io.cvaespark.linalg;

import java.util.ArrayList;
import java.util.List;

/**
 * What one thread computes with: its kernels, and memory that is reused from step to step.
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

    /** A workspace over {@code blas} with the fastest elementwise kernels this JVM has. */
    public Workspace(Blas blas) {
        this(blas, Elementwise.create());
    }

    public Blas blas() {
        return blas;
    }

    public Elementwise math() {
        return math;
    }

    /** Takes every buffer back; matrices handed out before must no longer be used. */
    public void reset() {
        next = 0;
    }

    /** How far buffers have been taken, for {@link #release}. */
    public int mark() {
        return next;
    }

    /** Takes back every buffer handed out since {@code mark}: for loops inside a step. */
    public void release(int mark) {
        next = mark;
    }

    /** A dense {@code rows × cols} matrix with unspecified content, valid until {@link #reset()}. */
    public Matrix matrix(int rows, int cols) {
        return slot().matrix(rows, cols);
    }

    /** The same filled with zeros. */
    public Matrix zeros(int rows, int cols) {
        Matrix zeros = matrix(rows, cols);
        zeros.fill(0f);
        return zeros;
    }

    /** An array of at least {@code length} doubles with the first {@code length} set to zero. */
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
