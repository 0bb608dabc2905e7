package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A convolution over images, as PyTorch's: y = f(W ⋆ x + b).
 *
 * <p>y[o, i, j] = f(b[o] + Σ_{c,p,q} W[o, c, p, q] · x[c, s·i + p − padding, s·j + q − padding]), x being 0 outside.
 *
 * <p>Shapes: x [B × C·H·W + passed], W [O, C, k, k], b [O], y [B × O·H′·W′ + passed] with H′ = ⌊(H + 2·padding − k)/s⌋ + 1;
 * images lie in their rows as their {@link ImageShape} says. Backward, with d = ∂L/∂y ⊙ f′: ∂W[o, c, p, q] += Σ d[o, i, j] ·
 * x[c, s·i + p − padding, s·j + q − padding], ∂b += Σ d, ∂x = the transposed convolution of d.
 *
 * @param input the images in the input's rows
 * @param outputChannels O
 * @param outputLayout how the output's images lie in their rows
 * @param passed columns behind the image, such as conditions, that are copied behind the output's
 */
public record Conv2d(
        ImageShape input,
        int outputChannels,
        ImageShape.Layout outputLayout,
        Kernel kernel,
        int passed,
        Activation activation)
        implements Layer {

    public Conv2d {
        // throws where the sizes do not work out
        new Convolution(
                input, kernel.convolved(input, outputChannels, outputLayout), kernel, false, passed, activation);
    }

    /** The images in the output's rows. */
    public ImageShape output() {
        return kernel.convolved(input, outputChannels, outputLayout);
    }

    private Convolution convolution() {
        return new Convolution(input, output(), kernel, false, passed, activation);
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
        return (long) output().pixels() * tensors().get(0).size();
    }

    @Override
    public List<Tensor> tensors() {
        return convolution().tensors();
    }

    /** See {@link Initialization#fill}, with fan-in k²·C. */
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
