package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Layers of their own for the last columns, the conditions, while the first ones pass: y = [x_1..p | g(x_p+1..)].
 *
 * <p>With nothing passed it is the layers one after another, as one.
 *
 * @param passed p, columns that pass
 * @param inner g; its offset counts for nothing
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
        // A copy: layers overwrite what they are given, and its stride would be that of the whole.
        Matrix d = workspace.matrix(outputGradient.rows(), inner.outputWidth());
        d.copyFrom(outputGradient.columns(passed, outputWidth()));
        inner.at(offset).backward(parameters, new Network.Trace(trace.inner()), d, own, gradient, workspace);
    }
}
