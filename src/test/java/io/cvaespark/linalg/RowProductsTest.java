package io.cvaespark.linalg;

import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.normalView;
import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RowProductsTest {

    private static Matrix product(Elementwise math, Matrix a, Matrix b) {
        Matrix c = normalView(9, a.rows(), b.rows(), 1f);
        new RowProducts(math).multiplyTransposed(a, b, c);
        return c;
    }

    /** Rows, inputs and outputs that fill blocks and tiles, and others that do not. */
    @ParameterizedTest
    @CsvSource({"1,1,1", "5,3,2", "64,8,4", "65,7,9", "256,200,37", "130,33,5", "3,0,4"})
    void everyRowIsTheSumInOrderWhateverStandsBesideIt(int rows, int inputs, int outputs) {
        Matrix a = normalView(1, rows, inputs, 1f);
        Matrix b = normalView(2, outputs, inputs, 1f);
        Matrix c = product(Elementwise.create(), a, b);
        assertSameBits(product(Elementwise.plain(), a, b).toArray(), c.toArray(), "plain Java");
        for (int r = 0; r < rows; r++) {
            Matrix alone = product(Elementwise.create(), a.rowRange(r, r + 1), b);
            assertSameBits(alone.toArray(), c.rowRange(r, r + 1).toArray(), "row " + r + " alone");
            for (int o = 0; o < outputs; o++) {
                float sum = 0f;
                for (int i = 0; i < inputs; i++) {
                    sum = Math.fma(a.get(r, i), b.get(o, i), sum);
                }
                assertEquals(sum, c.get(r, o), 0f);
            }
        }
    }
}
