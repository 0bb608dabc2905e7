package io.cvaespark.linalg;

import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** A float array that is serialised as one block of bytes. Java would serialise it value by value, which is slow. */
public final class PackedFloats implements Serializable {
    private transient float[] values;

    public PackedFloats(float[] values) {
        this.values = values;
    }

    public float[] values() {
        return values;
    }

    private void writeObject(ObjectOutputStream out) throws IOException {
        byte[] bytes = new byte[4 * values.length];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
        out.writeObject(bytes);
    }

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
        byte[] bytes = (byte[]) in.readObject();
        values = new float[bytes.length / 4];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    }
}
