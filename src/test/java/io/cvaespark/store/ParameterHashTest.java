package io.cvaespark.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

class ParameterHashTest {

    /** hashlib.sha256(struct.pack('<4f', 1.0, -2.5, 0.1, -0.0)).hexdigest() */
    @Test
    void isSha256OverLittleEndianFloats() {
        assertEquals(
                "c79cbd1fe684f1e9df58da69ea51af5da995706712dd89796d6660385e6919e5",
                ParameterHash.of(new float[] {1f, -2.5f, 0.1f, -0f}));
        assertEquals(
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", ParameterHash.of(new float[0]));
    }

    @Test
    void everyBitAndTheOrderMatter() {
        assertNotEquals(ParameterHash.of(new float[] {0f}), ParameterHash.of(new float[] {-0f}));
        assertNotEquals(ParameterHash.of(new float[] {1f, 2f}), ParameterHash.of(new float[] {2f, 1f}));
    }
}
