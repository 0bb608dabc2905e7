package io.cvaespark.cli.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Images with missing cells are drawn too. */
class SampleGridTest {

    @Test
    void whatIsMissingIsBlackAndWhatIsOutsideIsCut() {
        assertArrayEquals(new float[] {0, 1, 0, 0.5f}, SampleGrid.pixels(Arrays.asList(0f, 1f, null, 0.5f), 4));
        assertArrayEquals(new float[4], SampleGrid.pixels(null, 4));
        assertArrayEquals(new float[] {1, 1, 0, 1}, SampleGrid.pixels(Arrays.asList(1f, 1f, -0.1f, 2f), 4));
    }
}
