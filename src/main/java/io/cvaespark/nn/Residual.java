package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A residual block (He et al. 2016): y = x + g(x), where the layer g has as many outputs as inputs. */
public record Residual(Layer inner) implements Layer {

    public Residual {
        if (inner.inputWidth() != inner.outputWidth()) {
            throw new IllegalArgumentException("A residual block needs as many inputs as outputs, found %s and %s"
                    .formatted(inner.inputWidth(), inner.outputWidth()));
        }
    }

    @Override
    public int inputWidth() {
        return inner.inputWidth();
    }

    @Override
    public int outputWidth() {
        return inner.outputWidth();
    }

    @Override
    public List<Tensor> tensors() {
        return inner.tensors();
    }

    @Override
    public long products() {
        return inner.products();
    }

    @Override
    public void initialize(long seed, float[] parameters, int offset) {
        inner.initialize(seed, parameters, offset);
    }

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace) {
        return forward(parameters, offset, input, null, workspace);
    }

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, long @Nullable [] keys, Workspace workspace) {
        Trace trace = inner.forward(parameters, offset, input, keys, workspace);
        Matrix y = workspace.matrix(input.rows(), input.cols());
        y.copyFrom(trace.output());
        for (int r = 0; r < y.rows(); r++) {
            workspace.math().add(input.data(), input.row(r), y.data(), y.row(r), y.cols());
        }
        return new Trace(input, trace.preActivation(), y, List.of(trace));
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
        Matrix innerGradient = workspace.matrix(outputGradient.rows(), outputGradient.cols());
        innerGradient.copyFrom(outputGradient);
        Trace innerTrace = trace.inner().get(0);
        inner.backward(parameters, offset, innerTrace, innerGradient, inputGradient, gradient, workspace);
        if (inputGradient != null) {
            for (int r = 0; r < inputGradient.rows(); r++) {
                workspace
                        .math()
                        .add(
                                outputGradient.data(),
                                outputGradient.row(r),
                                inputGradient.data(),
                                inputGradient.row(r),
                                inputGradient.cols());
            }
        }
    }
}
