package io.cvaespark.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LossSumsTest {

    private static RowLosses rows() {
        RowLosses rows = new RowLosses();
        rows.reset(3);
        for (int r = 0; r < 3; r++) {
            rows.loss()[r] = 10 + r;
            rows.reconstruction()[r] = 5 + r;
            rows.kl()[r] = 1 + r;
        }
        return rows;
    }

    @Test
    void sumsAndMeansAreWeighted() {
        LossSums sums = LossSums.of(rows(), new float[] {1f, 0f, 3f, 99f}, 3);
        assertEquals(new LossSums(3, 4, 10 + 36, 5 + 21, 1 + 9), sums);
        assertEquals(46.0 / 4, sums.meanLoss());
        assertEquals(26.0 / 4, sums.meanReconstruction());
        assertEquals(10.0 / 4, sums.meanKl());
        assertEquals(-36.0 / 4, sums.meanElbo());
    }

    @Test
    void onlyTheFirstRowsCount() {
        assertEquals(new LossSums(2, 2, 21, 11, 3), LossSums.of(rows(), new float[] {1f, 1f, 1f}, 2));
        assertEquals(LossSums.ZERO, LossSums.of(rows(), new float[0], 0));
    }

    @Test
    void sumsAddUp() {
        LossSums a = new LossSums(1, 2, 3, 4, 5);
        LossSums b = new LossSums(10, 20, 30, 40, 50);
        assertEquals(new LossSums(11, 22, 33, 44, 55), a.plus(b));
        assertEquals(a, a.plus(LossSums.ZERO));
        assertEquals(a, LossSums.ZERO.plus(a));
    }

    /** Losses of an earlier, larger batch must not show through. */
    @Test
    void rowLossesStartFromZero() {
        RowLosses rows = rows();
        rows.reset(2);
        assertEquals(new LossSums(2, 2, 0, 0, 0), LossSums.of(rows, new float[] {1f, 1f}, 2));
        rows.reset(5);
        assertEquals(new LossSums(5, 0, 0, 0, 0), LossSums.of(rows, new float[5], 5));
    }
}
