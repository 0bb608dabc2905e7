package io.cvaespark.nn;

/**
 * A convolution over images, as PyTorch's: y = f(W ⋆ x + b).
 *
 * <p>y[o, i, j] = f(b[o] + Σ_{c,p,q} W[o, c, p, q] · x[c, s·i + p − padding, s·j + q − padding]), x being 0 outside.
 *
 * <p>Shapes: x [B × C·H·W + passed], W [O, C, k, k], b [O], y [B × O·H′·W′ + passed] with H′ = ⌊(H + 2·padding − k)/s⌋ + 1;
 * images lie in their rows as their {@link ImageShape} says. Backward, with d = ∂L/∂y ⊙ f′: ∂W[o, c, p, q] += Σ d[o, i, j] ·
 * x[c, s·i + p − padding, s·j + q − padding], ∂b += Σ d, ∂x = the transposed convolution of d.
 */
public final class Conv2d extends Convolution {

    /**
     * Throws where the sizes do not work out.
     *
     * @param input the images in the input's rows
     * @param outputChannels O
     * @param outputLayout how the output's images lie in their rows
     * @param passed columns behind the image, such as conditions, that are copied behind the output's
     */
    public Conv2d(
            ImageShape input,
            int outputChannels,
            ImageShape.Layout outputLayout,
            Kernel kernel,
            int passed,
            Activation activation) {
        super(input, kernel.convolved(input, outputChannels, outputLayout), kernel, false, passed, activation);
    }
}
