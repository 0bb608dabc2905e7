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
    private ParameterHash() {}

    public static String of(float[] parameters) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * parameters.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(parameters);
        MessageDigest digest = CheckpointStore.sha256();
        digest.update(bytes.array());
        return HexFormat.of().formatHex(digest.digest());
    }
}
