package io.cvaespark.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestTest {
    private static final List<String> KEYS = List.of("epochs", "batch", "learningRate", "optimizer");

    @Test
    void theNearestNameIsSuggested() {
        assertEquals("; did you mean 'epochs'?", Nearest.suggestion("epoch", KEYS));
        assertEquals("; did you mean 'learningRate'?", Nearest.suggestion("LEARNING_RATE", KEYS));
        assertEquals("; did you mean 'batch'?", Nearest.suggestion("btach", KEYS));
    }

    @Test
    void nothingIsSuggestedWhenNothingIsNear() {
        assertEquals("", Nearest.suggestion("temperature", KEYS));
        assertEquals("", Nearest.suggestion("x", KEYS));
        assertEquals("", Nearest.suggestion("epochs", List.of()));
    }
}
