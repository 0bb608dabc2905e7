package io.cvaespark.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PlateauTest {
    private final Plateau plateau = new Plateau(0.5, 2);

    @Test
    void theRateFallsAfterEpochsWithoutProgress() {
        assertEquals(1, plateau.after(new double[] {}));
        assertEquals(1, plateau.after(new double[] {3, 4}));
        assertEquals(0.5, plateau.after(new double[] {3, 4, 3.5}));
        assertEquals(0.5, plateau.after(new double[] {3, 4, 3.5, 3.2}));
        assertEquals(0.25, plateau.after(new double[] {3, 4, 3.5, 3.2, 3.1}));
        assertEquals(1, plateau.after(new double[] {3, 4, 2, 2.5}));
    }

    @Test
    void aTinyChangeIsNoProgress() {
        assertEquals(0.5, plateau.after(new double[] {100, 99.999, 99.998}));
        assertEquals(0.5, plateau.after(new double[] {-100, -100.001, -100.002}));
        assertEquals(1, plateau.after(new double[] {-100, -100.02, -100.02}));
    }
}
