package io.cvaespark.linalg;

import dev.ludovic.netlib.blas.BLAS;
import dev.ludovic.netlib.blas.JavaBLAS;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Matrix products in float32: {@code C ← α·op(A)·op(B) + β·C}, row-major.
 *
 * <p>{@link #openBlas()} is the native library from this jar, one thread per call, because the tasks of Spark are the
 * parallelism. {@link #java()} is netlib's Java code, some 25 times slower, for platforms without the native library;
 * it is used only if the user asks for it.
 */
public final class Blas {
    private static final Logger LOG = LoggerFactory.getLogger(Blas.class);

    /** The implementations. */
    public enum Library {
        NATIVE,
        JAVA;

        /** The name in job files. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The number of rows for which inference relies on {@link #independentOfPlace}. */
    private static final int PROBED_ROWS = 256;

    /** Inputs and outputs of the layers that are probed; more than one block of every kernel, and less than one. */
    private static final int[][] PROBED_LAYERS = {{794, 512}, {512, 784}, {100, 37}, {33, 5}};

    private final BLAS netlib;
    private final String provider;
    /** The most rows of a product that are computed by one call of the library. */
    private final int rowsPerCall;

    /** What computes A·Bᵀ where a row's bits must not depend on its place, and the library's do; null: the library. */
    private final @Nullable RowProducts rowProducts;

    private @Nullable Blas independent;

    private Blas(BLAS netlib, String provider) {
        this(netlib, provider, Integer.MAX_VALUE, null);
    }

    private Blas(BLAS netlib, String provider, int rowsPerCall, @Nullable RowProducts rowProducts) {
        this.netlib = netlib;
        this.provider = provider;
        this.rowsPerCall = rowsPerCall;
        this.rowProducts = rowProducts;
    }

    /**
     * Returns OpenBLAS, which is loaded once per JVM.
     *
     * @throws IllegalStateException if it cannot be loaded; the message says why and what to do
     */
    public static Blas openBlas() {
        return Native.get();
    }

    /** Returns netlib's Java implementation. */
    public static Blas java() {
        return Java.INSTANCE;
    }

    /**
     * Returns the implementation that the job's key {@code training.blas} names.
     *
     * @throws IllegalStateException if the native one cannot be loaded
     */
    public static Blas of(Library library) {
        return library == Library.JAVA ? java() : openBlas();
    }

    /**
     * Returns the same products, with bits of a row that do not depend on the row's place among the others.
     *
     * <p>OpenBLAS computes several rows at once by kernels that differ in the last bit: on processors with AVX2, rows 0 to 5 of
     * every twelve are computed by one kernel and rows 6 to 11 by another. Where a probe of {@value #PROBED_ROWS} rows shows
     * this, a dense layer's products are computed by {@link RowProducts}, and others are made of calls with so few rows that one
     * kernel computes them all. Training does not need this, since its rows have fixed places.
     */
    public synchronized Blas independentOfPlace() {
        if (independent == null) {
            int rows = PROBED_ROWS;
            while (rows > 1 && !treatsRowsAlike(rows)) {
                rows /= 2;
            }
            independent = rows == PROBED_ROWS
                    ? this
                    : new Blas(netlib, provider, rows, new RowProducts(Elementwise.create()));
            LOG.debug("Inference multiplies {} rows at a time", rows);
        }
        return independent;
    }

    /** True if a product of several rows is made of several calls. */
    public boolean splitsRows() {
        return rowsPerCall < PROBED_ROWS;
    }

    /** True if {@code rows} equal rows have equal products, to the last bit. */
    private boolean treatsRowsAlike(int rows) {
        boolean alike = true;
        for (int[] layer : PROBED_LAYERS) {
            Matrix x = Matrix.zeros(rows, layer[0]);
            Matrix w = Matrix.zeros(layer[1], layer[0]);
            for (int j = 0; j < layer[0]; j++) {
                x.set(0, j, Noise.normal(1, j));
            }
            for (int r = 1; r < rows; r++) {
                x.rowRange(r, r + 1).copyFrom(x.rowRange(0, 1));
            }
            for (int i = 0; i < w.data().length; i++) {
                w.data()[i] = Noise.normal(2, i);
            }
            Matrix y = Matrix.zeros(rows, layer[1]);
            multiplyTransposed(x, w, 0f, y);
            alike &= hasEqualRows(y);
            multiply(y, w, 0f, x);
            alike &= !hasEqualRows(y) || hasEqualRows(x);
        }
        return alike;
    }

    private static boolean hasEqualRows(Matrix y) {
        for (int r = 1; r < y.rows(); r++) {
            for (int j = 0; j < y.cols(); j++) {
                if (Float.floatToRawIntBits(y.get(r, j)) != Float.floatToRawIntBits(y.get(0, j))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The name of the implementation, for the log. */
    public String provider() {
        return provider;
    }

    /** {@code C ← A·B + β·C} for A [m×k], B [k×n], C [m×n]. */
    public void multiply(Matrix a, Matrix b, float beta, Matrix c) {
        gemm(false, false, a, b, beta, c);
    }

    /** {@code C ← A·Bᵀ + β·C} for A [m×k], B [n×k], C [m×n]: a dense layer's forward product. */
    public void multiplyTransposed(Matrix a, Matrix b, float beta, Matrix c) {
        gemm(false, true, a, b, beta, c);
    }

    /** {@code C ← Aᵀ·B + β·C} for A [k×m], B [k×n], C [m×n]: a weight's gradient. */
    public void transposedMultiply(Matrix a, Matrix b, float beta, Matrix c) {
        gemm(true, false, a, b, beta, c);
    }

    private void gemm(boolean transA, boolean transB, Matrix a, Matrix b, float beta, Matrix c) {
        int m = transA ? a.cols() : a.rows();
        int k = transA ? a.rows() : a.cols();
        int n = transB ? b.rows() : b.cols();
        int kb = transB ? b.cols() : b.rows();
        if (k != kb || c.rows() != m || c.cols() != n) {
            throw new IllegalArgumentException(
                    "Cannot multiply %s%s by %s%s into %s".formatted(a, transA ? "ᵀ" : "", b, transB ? "ᵀ" : "", c));
        }
        if (m == 0 || n == 0) {
            return;
        }
        if (rowProducts != null && transB && beta == 0f) {
            rowProducts.multiplyTransposed(a, b, c);
            return;
        }
        if (m > rowsPerCall && !transA && beta == 0f) {
            for (int from = 0; from < m; from += rowsPerCall) {
                // The last call has as many rows as the others: it computes some of them again, to the same bits.
                int first = Math.min(from, m - rowsPerCall);
                int end = first + rowsPerCall;
                gemm(false, transB, a.rowRange(first, end), b, 0f, c.rowRange(first, end));
            }
            return;
        }
        // BLAS stores matrices by column, so it sees a row-major matrix as its transpose; hence Cᵀ = op(B)ᵀ·op(A)ᵀ.
        netlib.sgemm(
                transB ? "T" : "N",
                transA ? "T" : "N",
                n,
                m,
                k,
                1f,
                b.data(),
                b.offset(),
                Math.max(1, b.stride()),
                a.data(),
                a.offset(),
                Math.max(1, a.stride()),
                beta,
                c.data(),
                c.offset(),
                Math.max(1, c.stride()));
    }

    /** Measures the GFLOP/s of {@code repeats} products of two {@code size × size} matrices on the calling thread. */
    public double measureGflops(int size, int repeats) {
        Matrix a = Matrix.zeros(size, size);
        Matrix b = Matrix.zeros(size, size);
        Matrix c = Matrix.zeros(size, size);
        a.fill(0.5f);
        b.fill(0.25f);
        multiply(a, b, 0f, c);
        long start = System.nanoTime();
        for (int i = 0; i < repeats; i++) {
            multiply(a, b, 0f, c);
        }
        return 2.0 * size * size * size * repeats / (System.nanoTime() - start);
    }

    private static final class Java {
        static final Blas INSTANCE = new Blas(JavaBLAS.getInstance(), "netlib Java (slow)");
    }

    /** Loads OpenBLAS at first use. A failure is stored, and every later call throws it again with its cause. */
    private static final class Native {
        private static final @Nullable Blas INSTANCE;
        private static final @Nullable Throwable FAILURE;

        static {
            Blas loaded = null;
            Throwable failure = null;
            try {
                OpenBlas.Loaded library = OpenBlas.load();
                loaded = new Blas(library.netlib(), "OpenBLAS, 1 thread per task");
                LOG.debug("OpenBLAS is {}", library.path());
                LOG.info(
                        "BLAS: {}, {} GFLOP/s per core in sgemm",
                        loaded.provider,
                        Math.round(loaded.measureGflops(768, 4)));
            } catch (Exception | LinkageError e) {
                failure = e;
            }
            INSTANCE = loaded;
            FAILURE = failure;
        }

        static Blas get() {
            if (INSTANCE == null) {
                throw new IllegalStateException(
                        "Native BLAS could not be loaded on %s %s: %s. What to do: run on Linux x86-64 or arm64, let %s be a directory whose files may be executed (no noexec mount), or train with blas: java (some 25 times slower)"
                                .formatted(
                                        System.getProperty("os.name"),
                                        System.getProperty("os.arch"),
                                        FAILURE,
                                        OpenBlas.scratchDirectory()),
                        FAILURE);
            }
            return INSTANCE;
        }
    }
}
