package io.cvaespark.nn;

import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * The activation function of a layer: y = f(u). It is applied together with the layer's bias, in one pass over each
 * row.
 */
public enum Activation {
    /** f(u) = u, the activation of a network's last layer. */
    IDENTITY(false, 1f) {
        @Override
        void apply(Matrix u, Matrix y, int r, Elementwise math) {}

        @Override
        void gradient(Matrix u, Matrix y, Matrix d, int r, Matrix scratch, Elementwise math) {}
    },
    /** f(u) = max(u, 0). */
    RELU(false, 2f) {
        @Override
        void forward(Matrix u, float[] bias, int biasOffset, Matrix y, Elementwise math) {
            for (int r = 0; r < u.rows(); r++) {
                math.addRelu(bias, biasOffset, u.data(), u.row(r), u.cols());
            }
        }

        @Override
        void apply(Matrix u, Matrix y, int r, Elementwise math) {
            throw new AssertionError("relu adds its bias itself");
        }

        @Override
        void gradient(Matrix u, Matrix y, Matrix d, int r, Matrix scratch, Elementwise math) {
            math.reluGradient(y.data(), y.row(r), d.data(), d.row(r), y.cols());
        }
    },
    /** f(u) = tanh u. */
    TANH(false, 1f) {
        @Override
        void apply(Matrix u, Matrix y, int r, Elementwise math) {
            math.tanh(u.data(), u.row(r), y.data(), y.row(r), u.cols());
        }

        @Override
        void gradient(Matrix u, Matrix y, Matrix d, int r, Matrix scratch, Elementwise math) {
            float[] dData = d.data();
            float[] yData = y.data();
            int di = d.row(r);
            int yi = y.row(r);
            for (int j = 0; j < y.cols(); j++) {
                dData[di + j] *= 1f - yData[yi + j] * yData[yi + j];
            }
        }
    },
    /** f(u) = ln(1 + eᵘ). */
    SOFTPLUS(true, 2f) {
        @Override
        void apply(Matrix u, Matrix y, int r, Elementwise math) {
            math.softplus(u.data(), u.row(r), y.data(), y.row(r), u.cols());
        }

        @Override
        void gradient(Matrix u, Matrix y, Matrix d, int r, Matrix scratch, Elementwise math) {
            math.sigmoid(u.data(), u.row(r), scratch.data(), scratch.row(0), u.cols());
            float[] dData = d.data();
            float[] s = scratch.data();
            int di = d.row(r);
            int si = scratch.row(0);
            for (int j = 0; j < u.cols(); j++) {
                dData[di + j] *= s[si + j];
            }
        }
    },
    /** f(u) = u·σ(u) (Elfwing et al. 2018). */
    SILU(true, 2f) {
        @Override
        void apply(Matrix u, Matrix y, int r, Elementwise math) {
            math.sigmoid(u.data(), u.row(r), y.data(), y.row(r), u.cols());
            float[] uData = u.data();
            float[] yData = y.data();
            int ui = u.row(r);
            int yi = y.row(r);
            for (int j = 0; j < u.cols(); j++) {
                yData[yi + j] *= uData[ui + j];
            }
        }

        @Override
        void gradient(Matrix u, Matrix y, Matrix d, int r, Matrix scratch, Elementwise math) {
            math.sigmoid(u.data(), u.row(r), scratch.data(), scratch.row(0), u.cols());
            float[] dData = d.data();
            float[] s = scratch.data();
            float[] uData = u.data();
            int di = d.row(r);
            int si = scratch.row(0);
            int ui = u.row(r);
            for (int j = 0; j < u.cols(); j++) {
                float sigma = s[si + j];
                dData[di + j] *= sigma * (1f + uData[ui + j] * (1f - sigma));
            }
        }
    };

    private final boolean needsInput;
    private final float gain;

    Activation(boolean needsInput, float gain) {
        this.needsInput = needsInput;
        this.gain = gain;
    }

    /** Those of hidden layers: the ones that a job may name. */
    public static List<Activation> ofHiddenLayers() {
        return Stream.of(values()).filter(a -> a != IDENTITY).toList();
    }

    /** The name in job files. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** True if {@link #backward} needs u itself. Then u and y must be different matrices. */
    boolean needsInput() {
        return needsInput;
    }

    /**
     * The gain of the initialisation: 2 for relu-like activations, which pass about half of their inputs, and 1 for
     * others.
     */
    float gain() {
        return gain;
    }

    /**
     * Computes y ← f(u + bias) and leaves u + bias in u. y may be the same matrix as u if {@link #needsInput} is false.
     */
    void forward(Matrix u, float[] bias, int biasOffset, Matrix y, Elementwise math) {
        for (int r = 0; r < u.rows(); r++) {
            math.add(bias, biasOffset, u.data(), u.row(r), u.cols());
            apply(u, y, r, math);
        }
    }

    /** d ← d ⊙ f′(u), in place. */
    void backward(Matrix u, Matrix y, Matrix d, Workspace workspace) {
        if (this == IDENTITY) {
            return;
        }
        Matrix scratch = workspace.matrix(1, y.cols());
        for (int r = 0; r < y.rows(); r++) {
            gradient(u, y, d, r, scratch, workspace.math());
        }
    }

    abstract void apply(Matrix u, Matrix y, int r, Elementwise math);

    abstract void gradient(Matrix u, Matrix y, Matrix d, int r, Matrix scratch, Elementwise math);
}
