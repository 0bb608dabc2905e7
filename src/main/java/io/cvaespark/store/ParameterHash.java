package io.cvaespark.store;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * The SHA-256 of a model's parameters as little-endian floats in the order of the tensor table. It shows if two models
 * are equal.
 */
public final class ParameterHash {
    /** The number of floats that are hashed at a time: their bytes may be more than an array holds. */
    private static final int CHUNK = 1 << 16;

    private ParameterHash() {}

    public static String of(float[] parameters) {
        MessageDigest digest = CheckpointStore.sha256();
        ByteBuffer bytes = ByteBuffer.allocate(4 * CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < parameters.length; from += CHUNK) {
            int n = Math.min(CHUNK, parameters.length - from);
            bytes.asFloatBuffer().put(parameters, from, n);
            digest.update(bytes.array(), 0, 4 * n);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
