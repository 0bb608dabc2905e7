package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;

/**
 * The matrix products of one call of a {@link Convolution}, for a chunk of rows at a time.
 *
 * <p>With P sites per image and n rows in the chunk: U [n·P × k·k·C] are the {@link Windows} of the images, S [n·P × O]
 * the values at the sites, K [O × k·k·C] the weights. A convolution computes S = U·Kᵀ. A transposed convolution
 * computes U = S·K and adds up the windows. For both, ∂K = Sᵀ·U. If the sites store channels first, Sᵀ is used instead
 * of S: its rows consist of runs of P floats of the images, so nothing has to be transposed.
 */
final class ConvolutionProducts {
    /**
     * The most floats that a chunk may take (2 MB). Sizes between 0.5 and 2 MB make little difference. Whole batches of
     * 128 rows are a sixth slower, because nothing stays in the core's cache between two products. The value must not
     * depend on the machine, because the number of rows per product changes the last bits of the result.
     */
    private static final int CHUNK_FLOATS = 8 << 16;

    /**
     * The number of multiplications up to which OpenBLAS uses kernels that do not copy their operands. With one
     * channel, where one side of the product is as short as 9 or 16, they compute a weight's gradient up to four times
     * as fast.
     */
    private static final int SMALL_PRODUCT = 1_000_000;

    private final ImageShape sites;
    private final Windows windows;
    private final Workspace workspace;
    private final int chunk;
    private final Matrix padded;
    private final Matrix u;
    private final Matrix s;
    private final Matrix k;
    private final Matrix dk;

    ConvolutionProducts(Convolution convolution, int rows, Workspace workspace) {
        sites = convolution.sites();
        windows = new Windows(convolution.image(), sites, convolution.kernel());
        this.workspace = workspace;
        int length = windows.length();
        // One image a product has the same bits wherever the image stands.
        int most = workspace.blas().splitsRows() ? 1 : mostRows(convolution.image(), sites, length);
        chunk = Math.min(rows, most);
        padded = workspace.matrix(1, windows.paddedSize());
        u = workspace.matrix(Math.multiplyExact(chunk, sites.pixels()), length);
        s = workspace.matrix(Math.multiplyExact(chunk, sites.pixels()), sites.channels());
        k = workspace.matrix(sites.channels(), length);
        dk = workspace.matrix(sites.channels(), length);
        dk.fill(0f);
    }

    /** The most rows in a chunk. */
    private static int mostRows(ImageShape image, ImageShape sites, int length) {
        long product = (long) sites.size() * length;
        // Small products pay only where they still have several rows; with fewer rows, large layers would be slower.
        long rows = 8 * product <= SMALL_PRODUCT
                ? SMALL_PRODUCT / product
                : CHUNK_FLOATS / (image.size() + (long) sites.pixels() * (length + sites.channels()));
        return (int) Math.max(1, rows);
    }

    /** The number of rows in a chunk. */
    int chunk() {
        return chunk;
    }

    /** K ← the weights [O, C, k, k] at {@code offset}. */
    void readWeights(float[] parameters, int offset) {
        int channels = windows.image().channels();
        int area = windows.kernel().area();
        int at = offset;
        for (int o = 0; o < k.rows(); o++) {
            for (int c = 0; c < channels; c++) {
                for (int j = 0; j < area; j++) {
                    k.set(o, j * channels + c, parameters[at++]);
                }
            }
        }
    }

    /** Adds ∂K to the gradient of the weights [O, C, k, k] at {@code offset}. */
    void writeWeightGradient(Gradient gradient, int offset) {
        int channels = windows.image().channels();
        int area = windows.kernel().area();
        boolean add = gradient.claim(offset, dk.rows() * dk.cols()) != 0f;
        float[] values = gradient.values();
        int at = offset;
        for (int o = 0; o < dk.rows(); o++) {
            for (int c = 0; c < channels; c++) {
                for (int j = 0; j < area; j++) {
                    float value = dk.get(o, j * channels + c);
                    values[at] = add ? values[at] + value : value;
                    at++;
                }
            }
        }
    }

    /** U ← the windows of {@code images}. */
    void unfold(Matrix images) {
        windows.unfold(images, padded.data(), windowsOf(images));
    }

    /** Computes S = U·Kᵀ and writes it to {@code siteValues}. */
    void windowsToSites(Matrix siteValues) {
        Matrix values = siteMatrix(siteValues);
        if (sites.interleaved()) {
            workspace.blas().multiplyTransposed(windowsOf(siteValues), k, 0f, values);
        } else {
            workspace.blas().multiplyTransposed(k, windowsOf(siteValues), 0f, values);
        }
        copySites(siteValues, values, false);
    }

    /** Computes U = S·K and writes the sums of the windows to {@code images}. */
    void sitesToImages(Matrix siteValues, Matrix images) {
        Matrix values = siteMatrix(siteValues);
        copySites(siteValues, values, true);
        Matrix products = windowsOf(images);
        if (sites.interleaved()) {
            workspace.blas().multiply(values, k, 0f, products);
        } else {
            workspace.blas().transposedMultiply(values, k, 0f, products);
        }
        windows.fold(products, padded.data(), images, workspace.math());
    }

    /** Computes ∂K ← ∂K + Sᵀ·U, where U holds the windows of the last {@link #unfold}. */
    void addWeightGradient(Matrix siteValues) {
        Matrix values = siteMatrix(siteValues);
        copySites(siteValues, values, true);
        if (sites.interleaved()) {
            workspace.blas().transposedMultiply(values, windowsOf(siteValues), 1f, dk);
        } else {
            workspace.blas().multiply(values, windowsOf(siteValues), 1f, dk);
        }
    }

    /** The part of U for as many rows as {@code rows} has. */
    private Matrix windowsOf(Matrix rows) {
        return u.rowRange(0, rows.rows() * sites.pixels());
    }

    /**
     * S, or Sᵀ if the sites store channels first. It is a view of {@code rows} if their storage order allows that, else
     * a buffer.
     */
    private Matrix siteMatrix(Matrix rows) {
        int n = rows.rows() * sites.pixels();
        int channels = sites.channels();
        if (!sites.interleaved()) {
            return new Matrix(s.data(), 0, channels, n, n);
        }
        return rows.stride() == rows.cols()
                ? new Matrix(rows.data(), rows.offset(), n, channels, channels)
                : s.rowRange(0, n);
    }

    /**
     * Copies the sites of each row to {@code values}, or back; does nothing if {@code values} is a view of the rows.
     */
    private void copySites(Matrix rows, Matrix values, boolean toValues) {
        if (values.data() == rows.data()) {
            return;
        }
        // A row is one run with all channels of each pixel, or one run for each channel.
        int runs = sites.interleaved() ? 1 : sites.channels();
        int run = sites.size() / runs;
        for (int r = 0; r < rows.rows(); r++) {
            for (int c = 0; c < runs; c++) {
                int row = rows.row(r) + c * run;
                int value = values.offset() + c * values.stride() + r * run;
                if (toValues) {
                    System.arraycopy(rows.data(), row, values.data(), value, run);
                } else {
                    System.arraycopy(values.data(), value, rows.data(), row, run);
                }
            }
        }
    }
}
