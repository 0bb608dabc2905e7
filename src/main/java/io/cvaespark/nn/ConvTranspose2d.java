package io.cvaespark.nn;

/**
 * A transposed convolution over images, as PyTorch's: each value of the input is spread over a window of the output.
 *
 * <p>y[o, m, n] = f(b[o] + Σ_c Σ x[c, i, j] · W[c, o, p, q]), the inner sum over all i, p with s·i + p − padding = m and j, q
 * with s·j + q − padding = n.
 *
 * <p>Shapes: x [B × C·H·W + passed], W [C, O, k, k], b [O], y [B × O·H′·W′ + passed] with H′ = (H − 1)·s − 2·padding + k;
 * images lie in their rows as their {@link ImageShape} says. Backward, with d = ∂L/∂y ⊙ f′: ∂W[c, o, p, q] += Σ x[c, i, j] ·
 * d[o, s·i + p − padding, s·j + q − padding], ∂b += Σ d, ∂x = the convolution of d.
 */
public final class ConvTranspose2d extends Convolution {

    /**
     * Throws where the sizes do not work out.
     *
     * @param input the images in the input's rows
     * @param outputChannels O
     * @param outputLayout how the output's images lie in their rows
     * @param passed columns behind the image, such as conditions, that are copied behind the output's
     */
    public ConvTranspose2d(
            ImageShape input,
            int outputChannels,
            ImageShape.Layout outputLayout,
            Kernel kernel,
            int passed,
            Activation activation) {
        super(kernel.transposed(input, outputChannels, outputLayout), input, kernel, true, passed, activation);
    }
}
