package io.cvaespark.nn;

/**
 * A transposed convolution over images, with the same definition as PyTorch's: each input value is added, weighted, to
 * a window of the output.
 *
 * <p>y[o, m, n] = f(b[o] + Σ_c Σ x[c, i, j] · W[c, o, p, q]), the inner sum over all i, p with s·i + p − padding = m
 * and j, q with s·j + q − padding = n.
 *
 * <p>Shapes: x [B × C·H·W + passed], W [C, O, k, k], b [O], y [B × O·H′·W′ + passed] with H′ = (H − 1)·s − 2·padding +
 * k; an {@link ImageShape} says how an image is stored in its row. Backward, with d = ∂L/∂y ⊙ f′: ∂W[c, o, p, q] += Σ
 * x[c, i, j] · d[o, s·i + p − padding, s·j + q − padding], ∂b += Σ d, ∂x = the convolution of d.
 */
public final class ConvTranspose2d extends Convolution {

    /**
     * Creates the layer; throws {@link IllegalArgumentException} if the output would have no pixels.
     *
     * @param input the shape of the images in the input's rows
     * @param outputChannels O, the number of output channels
     * @param outputLayout the order in which the output's images are stored
     * @param passed the number of columns after the image, such as conditions, that are copied to the end of the output
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
