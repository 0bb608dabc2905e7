package io.cvaespark.nn;

import java.util.List;

/**
 * The shape and storage order of an image in a row of a matrix: {@code channels·height·width} floats.
 *
 * <p>With one channel both layouts are the same.
 */
public record ImageShape(int channels, int height, int width, Layout layout) {

    /** The order of the indices, from the slowest to the fastest. */
    public enum Layout {
        /** C×H×W, the order of x and of dense layers. */
        CHANNELS_FIRST,
        /** H×W×C, the faster order between two convolutions. */
        CHANNELS_LAST
    }

    public ImageShape {
        if (channels < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "An image needs at least one channel, row and column, found %s channels of %s x %s"
                            .formatted(channels, height, width));
        }
    }

    /**
     * Returns {@code sizes} if they are a valid [channels, height, width]; else throws an error that names the job's
     * {@code key}.
     */
    static List<Integer> checked(String key, List<Integer> sizes) {
        if (sizes.size() != 3 || sizes.stream().anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException(
                    "%s must be [channels, height, width], such as [1, 28, 28], found %s".formatted(key, sizes));
        }
        return List.copyOf(sizes);
    }

    /** The number of floats of an image of {@code sizes} = [channels, height, width]. */
    static int size(List<Integer> sizes) {
        return sizes.stream().reduce(1, Math::multiplyExact);
    }

    /** The shape for {@code sizes} = [channels, height, width], channels first. */
    static ImageShape of(List<Integer> sizes) {
        return new ImageShape(sizes.get(0), sizes.get(1), sizes.get(2), Layout.CHANNELS_FIRST);
    }

    /** The number of floats of an image. */
    public int size() {
        return Math.multiplyExact(channels, pixels());
    }

    int pixels() {
        return Math.multiplyExact(height, width);
    }

    /** True if the channels of one pixel are stored side by side. */
    boolean interleaved() {
        return channels == 1 || layout == Layout.CHANNELS_LAST;
    }

    /** Fills {@code image}: each pixel of a channel gets that channel's value. */
    void spread(float[] values, int offset, float[] image) {
        int channelStep = interleaved() ? 1 : pixels();
        int pixelStep = interleaved() ? channels : 1;
        for (int p = 0; p < pixels(); p++) {
            for (int c = 0; c < channels; c++) {
                image[p * pixelStep + c * channelStep] = values[offset + c];
            }
        }
    }

    /** Computes {@code values[c] += Σ_pixels image[c]}, from the first pixel to the last. */
    void addSums(float[] image, float[] values, int offset) {
        int channelStep = interleaved() ? 1 : pixels();
        int pixelStep = interleaved() ? channels : 1;
        for (int p = 0; p < pixels(); p++) {
            for (int c = 0; c < channels; c++) {
                values[offset + c] += image[p * pixelStep + c * channelStep];
            }
        }
    }
}
