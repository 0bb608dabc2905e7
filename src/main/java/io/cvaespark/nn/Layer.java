package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer of a network: a stateless pair of functions, forward and backward, over a range of the model's flat parameter
 * array.
 *
 * <p>The parameters of a layer are {@code parameters[offset .. offset + parameterCount()]}; their gradient has the same
 * place in the gradient array, and backward adds to it. Forward returns what backward needs in a {@link Trace}, so one
 * layer can run several times in a step.
 */
public interface Layer {

    /**
     * The values of one forward call that backward needs; the matrices belong to the workspace.
     *
     * @param inner the traces of the layers inside this layer, empty for most layers
     */
    record Trace(Matrix input, Matrix preActivation, Matrix output, List<Trace> inner) {
        Trace(Matrix input, Matrix preActivation, Matrix output) {
            this(input, preActivation, output, List.of());
        }
    }

    int inputWidth();

    int outputWidth();

    /** The layer's tensors in the order of its parameters, with their names within the layer and their shapes. */
    List<Tensor> tensors();

    /** The number of parameters. */
    default int parameterCount() {
        return tensors().stream().mapToInt(Tensor::size).sum();
    }

    /**
     * The number of multiplications in one row's forward pass: each weight counts once, in a convolution once per
     * kernel position.
     */
    default long products() {
        return parameterCount();
    }

    /**
     * Fills the layer's parameters with initial values, which are a pure function of {@code seed} and {@code offset}.
     */
    void initialize(long seed, float[] parameters, int offset);

    /** Computes the output [B×out] of {@code input} [B×in]. */
    Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace);

    /**
     * Computes the output in a training step, in which a layer may drop values.
     *
     * @param keys a noise key for each row; null if nothing is to be dropped
     */
    default Trace forward(float[] parameters, int offset, Matrix input, long @Nullable [] keys, Workspace workspace) {
        return forward(parameters, offset, input, workspace);
    }

    /**
     * Adds ∂L/∂parameters to {@code gradient}, and writes ∂L/∂input to {@code inputGradient} unless that is null.
     *
     * @param outputGradient ∂L/∂output [B×out]; overwritten
     * @param inputGradient [B×w], receives the gradient of the first w ≤ in input columns; null if it is not needed
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
