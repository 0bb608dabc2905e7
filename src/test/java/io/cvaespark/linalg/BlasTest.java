package io.cvaespark.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.ExpectedError;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both BLAS providers against the triple loop, on views with strides and offsets. */
class BlasTest {

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void productsAreThoseOfTheTripleLoop(boolean isNative) {
        Blas blas = isNative ? Blas.openBlas() : Blas.java();
        int[][] shapes = {{1, 1, 1}, {7, 5, 3}, {33, 17, 65}, {3, 64, 1}};
        for (int[] s : shapes) {
            int m = s[0];
            int n = s[1];
            int k = s[2];
            for (float beta : new float[] {0f, 1f}) {
                Matrix c = view(m, n, 1);
                Matrix a = view(m, k, 2);
                Matrix b = view(k, n, 3);
                double[] expected = naive(a, false, b, false, beta, c);
                blas.multiply(a, b, beta, c);
                assertClose(expected, c);

                Matrix bt = view(n, k, 4);
                expected = naive(a, false, bt, true, beta, c);
                blas.multiplyTransposed(a, bt, beta, c);
                assertClose(expected, c);

                Matrix at = view(k, m, 5);
                expected = naive(at, true, b, false, beta, c);
                blas.transposedMultiply(at, b, beta, c);
                assertClose(expected, c);
            }
        }
    }

    @Test
    void shapesThatDoNotFitAreNamed() {
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> Blas.openBlas().multiply(Matrix.zeros(2, 3), Matrix.zeros(4, 5), 0f, Matrix.zeros(2, 5)),
                "2 x 3",
                "4 x 5");
    }

    /** Inference relies on it: a row's result must not depend on its place in a padded block. */
    @Test
    void aRowsBitsDoNotDependOnItsPlaceInABlock() {
        Blas blas = Blas.openBlas().independentOfPlace();
        int rows = 256;
        int[][] layers = {{794, 512}, {42, 512}, {512, 784}, {512, 64}, {5, 12}, {17, 3}, {1, 1}, {100, 37}};
        for (int[] layer : layers) {
            Matrix x = view(rows, layer[0], 6);
            Matrix w = view(layer[1], layer[0], 7);
            Matrix y = Matrix.zeros(rows, layer[1]);
            blas.multiplyTransposed(x, w, 0f, y);
            for (int shift : new int[] {1, 13, 100, 255}) {
                Matrix moved = Matrix.zeros(rows, layer[0]);
                for (int r = 0; r < rows; r++) {
                    System.arraycopy(x.data(), x.row(r), moved.data(), moved.row((r + shift) % rows), layer[0]);
                }
                Matrix z = Matrix.zeros(rows, layer[1]);
                blas.multiplyTransposed(moved, w, 0f, z);
                for (int r = 0; r < rows; r++) {
                    for (int j = 0; j < layer[1]; j++) {
                        assertEquals(y.get(r, j), z.get((r + shift) % rows, j), 0f, "row " + r + " moved by " + shift);
                    }
                }
            }
        }
    }

    private static Matrix view(int rows, int cols, long key) {
        int stride = cols + 3;
        float[] data = new float[5 + rows * stride];
        for (int i = 0; i < data.length; i++) {
            data[i] = Noise.normal(key, i);
        }
        return new Matrix(data, 5, rows, cols, stride);
    }

    private static double[] naive(Matrix a, boolean ta, Matrix b, boolean tb, float beta, Matrix c) {
        int k = ta ? a.rows() : a.cols();
        double[] out = new double[c.rows() * c.cols()];
        for (int i = 0; i < c.rows(); i++) {
            for (int j = 0; j < c.cols(); j++) {
                double sum = beta * c.get(i, j);
                for (int l = 0; l < k; l++) {
                    sum += (double) (ta ? a.get(l, i) : a.get(i, l)) * (tb ? b.get(j, l) : b.get(l, j));
                }
                out[i * c.cols() + j] = sum;
            }
        }
        return out;
    }

    private static void assertClose(double[] expected, Matrix actual) {
        for (int i = 0; i < actual.rows(); i++) {
            for (int j = 0; j < actual.cols(); j++) {
                assertEquals(expected[i * actual.cols() + j], actual.get(i, j), 1e-4);
            }
        }
    }
}
