package io.cvaespark.nn;

import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import java.util.Arrays;

/**
 * The windows of a kernel on an image: it copies them out of the image (im2col) and adds them up again (col2im).
 *
 * <p>A window holds the values that the kernel covers at one site: a row of k·k·C floats, [ky, kx, c]. The image is
 * first copied to the middle of a padded image with interleaved channels. There, each kernel row of a window is one run
 * of k·C floats, and the border needs no special case.
 *
 * @param image the image that the kernel moves over
 * @param sites the positions of the kernel; only height and width are used
 */
record Windows(ImageShape image, ImageShape sites, Kernel kernel) {
    /** Up to this length of a run, a loop over the sites is faster than a loop over the run. */
    private static final int SHORT_RUN = 12;

    /** The number of floats in a window. */
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
        // The padding stays zero from image to image.
        Arrays.fill(padded, 0, paddedSize(), 0f);
        int at = windows.offset();
        for (int r = 0; r < images.rows(); r++) {
            pad(images.data(), images.row(r), padded);
            for (int y = 0; y < sites.height(); y++) {
                for (int ky = 0; ky < kernel.size(); ky++) {
                    copyRuns(padded, paddedRun(y, ky), windows.data(), at + ky * run());
                }
                at += sites.width() * length();
            }
        }
    }

    /** Writes to each row of {@code images} the sum of its windows; it is the transpose of {@link #unfold}. */
    void fold(Matrix windows, float[] padded, Matrix images, Elementwise math) {
        int at = windows.offset();
        for (int r = 0; r < images.rows(); r++) {
            Arrays.fill(padded, 0, paddedSize(), 0f);
            for (int y = 0; y < sites.height(); y++) {
                for (int ky = 0; ky < kernel.size(); ky++) {
                    addRuns(windows.data(), at + ky * run(), padded, paddedRun(y, ky), math);
                }
                at += sites.width() * length();
            }
            unpad(padded, images.data(), images.row(r));
        }
    }

    /** The number of floats in one kernel row of a window; they lie side by side in the padded image. */
    private int run() {
        return kernel.size() * image.channels();
    }

    /** Copies one kernel row of all windows in a row of sites. */
    private void copyRuns(float[] padded, int from, float[] windows, int to) {
        int run = run();
        int length = length();
        int step = kernel.stride() * image.channels();
        int width = sites.width();
        if (run > SHORT_RUN) {
            for (int x = 0; x < width; x++) {
                System.arraycopy(padded, from + x * step, windows, to + x * length, run);
            }
        } else {
            for (int j = 0; j < run; j++) {
                for (int x = 0; x < width; x++) {
                    windows[to + j + x * length] = padded[from + j + x * step];
                }
            }
        }
    }

    /** Adds one kernel row of all windows in a row of sites. */
    private void addRuns(float[] windows, int from, float[] padded, int to, Elementwise math) {
        int run = run();
        int length = length();
        int step = kernel.stride() * image.channels();
        int width = sites.width();
        if (run > SHORT_RUN) {
            for (int x = 0; x < width; x++) {
                math.add(windows, from + x * length, padded, to + x * step, run);
            }
        } else {
            for (int j = 0; j < run; j++) {
                for (int x = 0; x < width; x++) {
                    padded[to + j + x * step] += windows[from + j + x * length];
                }
            }
        }
    }

    /** The index in the padded image at which kernel row ky of the windows in row y of the sites begins. */
    private int paddedRun(int y, int ky) {
        return (kernel.stride() * y + ky) * paddedRow();
    }

    /** The index in the padded image at which row y of the image begins. */
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
}
