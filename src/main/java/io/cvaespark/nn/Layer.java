package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stateless pair of functions, forward and backward, over a range of the model's flat parameter array.
 *
 * <p>The parameters of a layer are {@code parameters[offset .. offset + parameterCount()]}; its gradient lies at the same
 * place of the gradient array, and backward adds to it. What backward needs of forward lies in the {@link Trace}, so one
 * layer can run several times in a step.
 */
public interface Layer {

    /**
     * What backward needs of one forward call; its matrices belong to the workspace.
     *
     * @param inner of the layers inside, where one is around others
     */
    record Trace(Matrix input, Matrix preActivation, Matrix output, List<Trace> inner) {
        Trace(Matrix input, Matrix preActivation, Matrix output) {
            this(input, preActivation, output, List.of());
        }
    }

    int inputWidth();

    int outputWidth();

    /** The layer's tensors in the order of its parameters: name within the layer, and shape. */
    List<Tensor> tensors();

    /** Number of parameters. */
    default int parameterCount() {
        return tensors().stream().mapToInt(Tensor::size).sum();
    }

    /** Multiplications of one row's forward product: each weight once, in a convolution once per place of the kernel. */
    default long products() {
        return parameterCount();
    }

    /** Fills the layer's parameters with initial values, a pure function of {@code seed} and {@code offset}. */
    void initialize(long seed, float[] parameters, int offset);

    /** Computes the output [B×out] of {@code input} [B×in]. */
    Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace);

    /**
     * The same in a training step, where a layer may drop values.
     *
     * @param keys of noise, one for each row; null: nothing is dropped
     */
    default Trace forward(float[] parameters, int offset, Matrix input, long @Nullable [] keys, Workspace workspace) {
        return forward(parameters, offset, input, workspace);
    }

    /**
     * Adds ∂L/∂parameters to {@code gradient}, and writes ∂L/∂input to {@code inputGradient} where it is wanted.
     *
     * @param outputGradient ∂L/∂output [B×out]; overwritten
     * @param inputGradient [B×w], the gradient of the first w ≤ in input columns; null when none is needed
     */
    void backward(
            float[] parameters,
            int offset,
            Trace trace,
            Matrix outputGradient,
            @Nullable Matrix inputGradient,
            Gradient gradient,
            Workspace workspace);
}
