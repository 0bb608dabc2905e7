package io.cvaespark.nn;

/**
 * A square convolution kernel: {@code size × size} values, applied every {@code stride} pixels to an image with {@code
 * padding} zeros around it.
 */
public record Kernel(int size, int stride, int padding) {

    public Kernel {
        if (size < 1 || stride < 1 || padding < 0) {
            throw new IllegalArgumentException(
                    "Expected a kernel of size and stride at least 1 and padding at least 0, found size %s, stride %s, padding %s"
                            .formatted(size, stride, padding));
        }
    }

    /** The number of values under the kernel in one channel. */
    int area() {
        return Math.multiplyExact(size, size);
    }

    /**
     * The output shape of a convolution of {@code image}: height ⌊(H + 2·padding − size)/stride⌋ + 1, and the same for
     * the width.
     */
    ImageShape convolved(ImageShape image, int channels, ImageShape.Layout layout) {
        int margin = 2 * padding - size;
        if (image.height() + margin < 0 || image.width() + margin < 0) {
            throw new IllegalArgumentException(
                    "A convolution of %s needs an image of at least %s x %s, found %s x %s: take a smaller kernel, more padding or fewer convolutions"
                            .formatted(this, -margin, -margin, image.height(), image.width()));
        }
        return new ImageShape(
                channels, (image.height() + margin) / stride + 1, (image.width() + margin) / stride + 1, layout);
    }

    /**
     * The output shape of a transposed convolution of {@code image}: height (H − 1)·stride − 2·padding + size, and the
     * same for the width.
     */
    ImageShape transposed(ImageShape image, int channels, ImageShape.Layout layout) {
        int height = Math.addExact(Math.multiplyExact(image.height() - 1, stride), size - 2 * padding);
        int width = Math.addExact(Math.multiplyExact(image.width() - 1, stride), size - 2 * padding);
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "A transposed convolution of %s makes %s x %s of an image of %s x %s, expected at least 1 x 1: take a larger kernel or less padding"
                            .formatted(this, height, width, image.height(), image.width()));
        }
        return new ImageShape(channels, height, width, layout);
    }

    @Override
    public String toString() {
        return "kernel " + size + ", stride " + stride + ", padding " + padding;
    }
}
