package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A transposed convolution over images, as PyTorch's: each value of the input is spread over a window of the output.
 *
 * <p>y[o, m, n] = f(b[o] + Σ_c Σ x[c, i, j] · W[c, o, p, q]), the inner sum over all i, p with s·i + p − padding = m and j, q
 * with s·j + q − padding = n.
 *
 * <p>Shapes: x [B × C·H·W + passed], W [C, O, k, k], b [O], y [B × O·H′·W′ + passed] with H′ = (H − 1)·s − 2·padding + k;
 * images lie in their rows as their {@link ImageShape} says. Backward, with d = ∂L/∂y ⊙ f′: ∂W[c, o, p, q] += Σ x[c, i, j] ·
 * d[o, s·i + p − padding, s·j + q − padding], ∂b += Σ d, ∂x = the convolution of d.
 *
 * @param input the images in the input's rows
 * @param outputChannels O
 * @param outputLayout how the output's images lie in their rows
 * @param passed columns behind the image, such as conditions, that are copied behind the output's
 */
public record ConvTranspose2d(
        ImageShape input,
        int outputChannels,
        ImageShape.Layout outputLayout,
        Kernel kernel,
        int passed,
        Activation activation)
        implements Layer {

    public ConvTranspose2d {
        // throws where the sizes do not work out
        new Convolution(
                kernel.transposed(input, outputChannels, outputLayout), input, kernel, true, passed, activation);
    }

    /** The images in the output's rows. */
    public ImageShape output() {
        return kernel.transposed(input, outputChannels, outputLayout);
    }

    private Convolution convolution() {
        return new Convolution(output(), input, kernel, true, passed, activation);
    }

    @Override
    public int inputWidth() {
        return convolution().inputWidth();
    }

    @Override
    public int outputWidth() {
        return convolution().outputWidth();
    }

    @Override
    public long products() {
        return (long) input.pixels() * tensors().get(0).size();
    }

    @Override
    public List<Tensor> tensors() {
        return convolution().tensors();
    }

    /** See {@link Initialization#fill}, with fan-in k²·C/s². */
    @Override
    public void initialize(long seed, float[] parameters, int offset) {
        convolution().initialize(seed, parameters, offset);
    }

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace) {
        return convolution().forward(parameters, offset, input, workspace);
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
        convolution().backward(parameters, offset, trace, outputGradient, inputGradient, gradient, workspace);
    }
}
