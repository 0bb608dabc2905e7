package io.cvaespark.nn;

import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import java.util.Arrays;

/**
 * The windows of a kernel on an image (im2col), and their sum (col2im).
 *
 * <p>A window is what the kernel covers at one site: a row of k·k·C floats, [ky, kx, c]. The image is first copied to
 * the middle of a padded one with its channels interleaved, so that each kernel row of a window is one run of k·C floats
 * there, without a border to look out for.
 *
 * @param image what the kernel moves over
 * @param sites where it stops; only height and width matter
 */
record Windows(ImageShape image, ImageShape sites, Kernel kernel) {
    /** Below this length a loop beats a call. */
    private static final int SHORT_RUN = 12;

    /** Floats per window. */
    int length() {
        return Math.multiplyExact(kernel.area(), image.channels());
    }

    int paddedSize() {
        return Math.multiplyExact(image.height() + 2 * kernel.padding(), paddedRow());
    }

    private int paddedRow() {
        return Math.multiplyExact(image.width() + 2 * kernel.padding(), image.channels());
    }

    /** Copies the windows of every row of {@code images} to {@code windows} [B·sites × k·k·C]. */
    void unfold(Matrix images, float[] padded, Matrix windows) {
        int run = kernel.size() * image.channels();
        float[] to = windows.data();
        int at = windows.offset();
        // The padding stays zero from image to image.
        Arrays.fill(padded, 0, paddedSize(), 0f);
        for (int r = 0; r < images.rows(); r++) {
            pad(images.data(), images.row(r), padded);
            for (int y = 0; y < sites.height(); y++) {
                for (int x = 0; x < sites.width(); x++) {
                    int from = window(y, x);
                    for (int ky = 0; ky < kernel.size(); ky++) {
                        copy(padded, from, to, at, run);
                        from += paddedRow();
                        at += run;
                    }
                }
            }
        }
    }

    /** Writes to each row of {@code images} the sum of its windows, which are those of {@link #unfold}. */
    void fold(Matrix windows, float[] padded, Matrix images, Elementwise math) {
        int run = kernel.size() * image.channels();
        float[] from = windows.data();
        int at = windows.offset();
        for (int r = 0; r < images.rows(); r++) {
            Arrays.fill(padded, 0, paddedSize(), 0f);
            for (int y = 0; y < sites.height(); y++) {
                for (int x = 0; x < sites.width(); x++) {
                    int to = window(y, x);
                    for (int ky = 0; ky < kernel.size(); ky++) {
                        add(from, at, padded, to, run, math);
                        to += paddedRow();
                        at += run;
                    }
                }
            }
            unpad(padded, images.data(), images.row(r));
        }
    }

    /** Where the window of a site begins in the padded image. */
    private int window(int y, int x) {
        return kernel.stride() * (y * paddedRow() + x * image.channels());
    }

    /** Where a row of pixels of the image begins in the padded one. */
    private int pixels(int y) {
        return (y + kernel.padding()) * paddedRow() + kernel.padding() * image.channels();
    }

    private void pad(float[] from, int at, float[] padded) {
        int channels = image.channels();
        int row = image.width() * channels;
        for (int y = 0; y < image.height(); y++) {
            int to = pixels(y);
            if (image.interleaved()) {
                System.arraycopy(from, at + y * row, padded, to, row);
            } else {
                for (int c = 0; c < channels; c++) {
                    int plane = at + (c * image.height() + y) * image.width();
                    for (int x = 0; x < image.width(); x++) {
                        padded[to + x * channels + c] = from[plane + x];
                    }
                }
            }
        }
    }

    private void unpad(float[] padded, float[] to, int at) {
        int channels = image.channels();
        int row = image.width() * channels;
        for (int y = 0; y < image.height(); y++) {
            int from = pixels(y);
            if (image.interleaved()) {
                System.arraycopy(padded, from, to, at + y * row, row);
            } else {
                for (int c = 0; c < channels; c++) {
                    int plane = at + (c * image.height() + y) * image.width();
                    for (int x = 0; x < image.width(); x++) {
                        to[plane + x] = padded[from + x * channels + c];
                    }
                }
            }
        }
    }

    private static void copy(float[] from, int at, float[] to, int toAt, int n) {
        if (n > SHORT_RUN) {
            System.arraycopy(from, at, to, toAt, n);
        } else {
            for (int j = 0; j < n; j++) {
                to[toAt + j] = from[at + j];
            }
        }
    }

    private static void add(float[] from, int at, float[] to, int toAt, int n, Elementwise math) {
        if (n > SHORT_RUN) {
            math.add(from, at, to, toAt, n);
        } else {
            for (int j = 0; j < n; j++) {
                to[toAt + j] += from[at + j];
            }
        }
    }
}
