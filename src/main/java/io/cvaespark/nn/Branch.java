package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer that applies a network g to the last columns (the conditions) and copies the first p columns: y = [x_1..p |
 * g(x_p+1..)].
 *
 * <p>With p = 0 it is the whole network as one layer.
 *
 * @param passed p, the number of columns that are copied
 * @param inner g; its own offset is ignored
 */
public record Branch(int passed, Network inner) implements Layer {

    @Override
    public int inputWidth() {
        return Math.addExact(passed, inner.inputWidth());
    }

    @Override
    public int outputWidth() {
        return Math.addExact(passed, inner.outputWidth());
    }

    @Override
    public List<Tensor> tensors() {
        return inner.at(0).tensors();
    }

    @Override
    public long products() {
        return inner.layers().stream().mapToLong(Layer::products).sum();
    }

    @Override
    public void initialize(long seed, float[] parameters, int offset) {
        inner.at(offset).initialize(seed, parameters);
    }

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace) {
        return forward(parameters, offset, input, null, workspace);
    }

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, long @Nullable [] keys, Workspace workspace) {
        Matrix.requireShape(input, input.rows(), inputWidth());
        Matrix own = input.columns(passed, inputWidth());
        Network.Trace trace = inner.at(offset).forward(parameters, own, keys, workspace);
        if (passed == 0) {
            return new Trace(input, input, trace.output(), trace.layers());
        }
        Matrix y = workspace.matrix(input.rows(), outputWidth());
        y.columns(0, passed).copyFrom(input.columns(0, passed));
        y.columns(passed, outputWidth()).copyFrom(trace.output());
        return new Trace(input, input, y, trace.layers());
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
        Matrix own = null;
        if (inputGradient != null) {
            int wanted = inputGradient.cols();
            int first = Math.min(passed, wanted);
            inputGradient.columns(0, first).copyFrom(outputGradient.columns(0, first));
            own = wanted > passed ? inputGradient.columns(passed, wanted) : null;
        }
        // Copied, because layers overwrite the gradient they are given and expect a matrix without gaps between its
        // rows.
        Matrix d = workspace.matrix(outputGradient.rows(), inner.outputWidth());
        d.copyFrom(outputGradient.columns(passed, outputWidth()));
        inner.at(offset).backward(parameters, new Network.Trace(trace.inner()), d, own, gradient, workspace);
    }
}
