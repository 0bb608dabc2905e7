package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer that inserts learned columns which are the same in every row, such as one variance for each target column.
 *
 * <p>Shapes: x [B×n], s [m], y [B×(n+m)]; column j of y is the next value of s if {@code shared[j]}, else the next
 * column of x. Backward: ∂s += Σ_rows of ∂y in the shared columns.
 *
 * @param shared for each column of y, true if it is shared by all rows
 */
public record SharedColumns(List<Boolean> shared) implements Layer {

    public SharedColumns {
        shared = List.copyOf(shared);
    }

    private int count() {
        return (int) shared.stream().filter(s -> s).count();
    }

    @Override
    public int inputWidth() {
        return shared.size() - count();
    }

    @Override
    public int outputWidth() {
        return shared.size();
    }

    @Override
    public List<Tensor> tensors() {
        return List.of(new Tensor("shared", 0, List.of(count())));
    }

    /** s = 0. */
    @Override
    public void initialize(long seed, float[] parameters, int offset) {
        Arrays.fill(parameters, offset, offset + count(), 0f);
    }

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace) {
        Matrix.requireShape(input, input.rows(), inputWidth());
        Matrix y = workspace.matrix(input.rows(), outputWidth());
        for (int r = 0; r < y.rows(); r++) {
            int own = 0;
            int common = offset;
            for (int j = 0; j < y.cols(); j++) {
                y.set(r, j, shared.get(j) ? parameters[common++] : input.get(r, own++));
            }
        }
        return new Trace(input, y, y);
    }

    @Override
    public void backward(
            float[] parameters,
            int offset,
            Trace trace,
            Matrix outputGradient,
            @Nullable Matrix inputGradient,
            Gradient gradient,
            Workspace workspace) {
        if (gradient.claim(offset, count()) == 0f) {
            Arrays.fill(gradient.values(), offset, offset + count(), 0f);
        }
        for (int r = 0; r < outputGradient.rows(); r++) {
            int own = 0;
            int common = offset;
            for (int j = 0; j < outputGradient.cols(); j++) {
                float d = outputGradient.get(r, j);
                if (shared.get(j)) {
                    gradient.values()[common++] += d;
                } else if (inputGradient != null && own < inputGradient.cols()) {
                    inputGradient.set(r, own++, d);
                }
            }
        }
    }
}
