package io.cvaespark.nn;

/**
 * A convolution over images, with the same definition as PyTorch's: y = f(W ⋆ x + b).
 *
 * <p>y[o, i, j] = f(b[o] + Σ_{c,p,q} W[o, c, p, q] · x[c, s·i + p − padding, s·j + q − padding]), where x is 0 outside
 * of the image.
 *
 * <p>Shapes: x [B × C·H·W + passed], W [O, C, k, k], b [O], y [B × O·H′·W′ + passed] with H′ = ⌊(H + 2·padding − k)/s⌋
 * + 1; an {@link ImageShape} says how an image is stored in its row. Backward, with d = ∂L/∂y ⊙ f′: ∂W[o, c, p, q] += Σ
 * d[o, i, j] · x[c, s·i + p − padding, s·j + q − padding], ∂b += Σ d, ∂x = the transposed convolution of d.
 */
public final class Conv2d extends Convolution {

    /**
     * Creates the layer; throws {@link IllegalArgumentException} if the kernel does not fit the image.
     *
     * @param input the shape of the images in the input's rows
     * @param outputChannels O, the number of output channels
     * @param outputLayout the order in which the output's images are stored
     * @param passed the number of columns after the image, such as conditions, that are copied to the end of the output
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
