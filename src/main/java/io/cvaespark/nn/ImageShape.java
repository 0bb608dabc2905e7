package io.cvaespark.nn;

import java.util.List;

/**
 * How an image lies in a row of a matrix: {@code channels·height·width} floats.
 *
 * <p>With one channel both layouts are the same.
 */
public record ImageShape(int channels, int height, int width, Layout layout) {

    /** Which index runs slowest and which fastest. */
    public enum Layout {
        /** C×H×W: how x and dense layers see an image. */
        CHANNELS_FIRST,
        /** H×W×C: what convolutions compute with; the faster one between them. */
        CHANNELS_LAST
    }

    public ImageShape {
        if (channels < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "An image needs at least one channel, row and column, found %s channels of %s x %s"
                            .formatted(channels, height, width));
        }
    }

    /** Channels, height and width as a job gives them; throws naming {@code key} for what they cannot be. */
    static List<Integer> checked(String key, List<Integer> sizes) {
        if (sizes.size() != 3 || sizes.stream().anyMatch(n -> n < 1)) {
            throw new IllegalArgumentException(
                    "%s must be [channels, height, width], such as [1, 28, 28], found %s".formatted(key, sizes));
        }
        return List.copyOf(sizes);
    }

    /** Number of floats of such an image. */
    static int size(List<Integer> sizes) {
        return sizes.stream().reduce(1, Math::multiplyExact);
    }

    /** Such an image, channels first. */
    static ImageShape of(List<Integer> sizes) {
        return new ImageShape(sizes.get(0), sizes.get(1), sizes.get(2), Layout.CHANNELS_FIRST);
    }

    /** Number of floats. */
    public int size() {
        return Math.multiplyExact(channels, pixels());
    }

    int pixels() {
        return Math.multiplyExact(height, width);
    }

    /** Whether the channels of one pixel lie side by side. */
    boolean interleaved() {
        return channels == 1 || layout == Layout.CHANNELS_LAST;
    }

    /** {@code image ← } each channel's value at each of its pixels. */
    void spread(float[] values, int offset, float[] image) {
        int channelStep = interleaved() ? 1 : pixels();
        int pixelStep = interleaved() ? channels : 1;
        for (int p = 0; p < pixels(); p++) {
            for (int c = 0; c < channels; c++) {
                image[p * pixelStep + c * channelStep] = values[offset + c];
            }
        }
    }

    /** {@code values[c] += Σ_pixels image[c]}, from the first pixel to the last. */
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
