package io.cvaespark.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Sums of losses, merged and undefined ones too. */
class ExactLossesTest {
    private static ExactLosses of(double... losses) {
        ExactLosses sums = new ExactLosses();
        for (double loss : losses) {
            sums.add(2, loss, loss - 1, 1, -loss);
        }
        return sums;
    }

    @Test
    void twoHalvesAddUpToTheWhole() {
        assertEquals(
                of(1, 1e17, -1e17, 3).sums(), of(1, 1e17).merge(of(-1e17, 3)).sums());
        assertEquals(8, of(1, 3).merge(of()).sums().loss());
        assertEquals(-2, of(1).merge(of(3)).meanLogLikelihood());
    }

    /** So that the training loop says that the validation loss became NaN, and what to do. */
    @Test
    void oneRowWithoutALossLeavesNoSum() {
        for (double loss : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            for (ExactLosses sums : new ExactLosses[] {of(1, loss), of(1).merge(of(loss)), of(loss).merge(of(1))}) {
                assertTrue(Double.isNaN(sums.sums().loss()));
                assertTrue(Double.isNaN(sums.meanLogLikelihood()));
            }
        }
    }
}
