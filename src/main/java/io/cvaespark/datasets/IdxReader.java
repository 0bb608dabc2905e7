package io.cvaespark.datasets;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads the rows of an IDX stream of unsigned bytes, the format of MNIST, plain or gzip (told apart by their first
 * bytes).
 *
 * <p>The format: two zero bytes, the type (0x08: unsigned byte), the number of dimensions D; D big-endian 32-bit sizes,
 * of which the first is the number of rows; then the values, row by row. A row is [size₂×…×size_D] bytes, one byte where
 * D is 1. Rows are streamed: one row at a time is in memory.
 *
 * <p>Every problem with the stream is an {@link IOException} whose message begins with the stream's name.
 */
public final class IdxReader implements Closeable {
    private static final int UNSIGNED_BYTE = 0x08;
    private static final int BUFFER = 1 << 16;

    private final String name;
    private final InputStream in;
    private final int[] dimensions;
    private final int rowLength;
    private int rowsRead;
    private boolean cutOff;

    /**
     * Reads the header of {@code in}, which the reader then owns and closes.
     *
     * @param name the name of the stream in error messages, such as its path
     * @throws IOException if the stream is no IDX stream of unsigned bytes, or ends within its header; {@code in} is
     *     then closed
     */
    public IdxReader(InputStream in, String name) throws IOException {
        this.name = name;
        try {
            this.in = unzipped(in);
            this.dimensions = readHeader();
            this.rowLength = rowLength(dimensions);
        } catch (IOException | RuntimeException e) {
            try {
                in.close();
            } catch (IOException suppressed) {
                e.addSuppressed(suppressed);
            }
            throw e;
        }
    }

    /** The number of rows that the header announces. */
    public int rows() {
        return dimensions[0];
    }

    /** The number of bytes of one row. */
    public int rowLength() {
        return rowLength;
    }

    /** The sizes in the header, the number of rows first. */
    public int[] dimensions() {
        return dimensions.clone();
    }

    /**
     * Reads the next row into {@code row}, or returns false after the last one.
     *
     * @param row [{@link #rowLength()}]
     * @throws IOException if the stream ends too early, is damaged, or continues after the last row
     */
    public boolean next(byte[] row) throws IOException {
        if (row.length != rowLength) {
            throw new IllegalArgumentException(
                    "Row buffer for IDX stream %s: expected %s bytes, found %s".formatted(name, rowLength, row.length));
        }
        if (rowsRead == rows()) {
            checkEnd();
            return false;
        }
        int found = read(row);
        if (found < rowLength) {
            throw truncated("row %s of %s ends after %s of %s bytes".formatted(rowsRead, rows(), found, rowLength));
        }
        rowsRead++;
        return true;
    }

    /** Skips the next {@code count} rows; if there are fewer, {@link #next} reports it. */
    public void skip(int count) throws IOException {
        byte[] row = new byte[rowLength];
        for (int i = 0; i < count && next(row); i++) {
            // a gzip stream must be unpacked anyway, so reading costs no more than skipping
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    /** The bytes of {@code row} as grey values from 0 to 1: byte / 255. */
    public static float[] grey(byte[] row) {
        float[] values = new float[row.length];
        for (int i = 0; i < row.length; i++) {
            values[i] = Byte.toUnsignedInt(row[i]) / 255f;
        }
        return values;
    }

    /**
     * Draws 0 or 1 for every byte of {@code row}, where 1 has the probability byte / 255. The draw is a pure function
     * of ({@code seed}, {@code rowId}, index in the row, byte).
     */
    public static float[] binarized(byte[] row, long seed, long rowId) {
        float[] values = new float[row.length];
        for (int i = 0; i < row.length; i++) {
            // u < 1, so that 0 never gives 1 and 255 always does
            values[i] = Strokes.uniform(seed, rowId, i) * 255 < Byte.toUnsignedInt(row[i]) ? 1 : 0;
        }
        return values;
    }

    private InputStream unzipped(InputStream raw) throws IOException {
        BufferedInputStream buffered = new BufferedInputStream(raw, BUFFER);
        buffered.mark(2);
        boolean gzip = buffered.read() == 0x1f && buffered.read() == 0x8b;
        buffered.reset();
        try {
            return gzip ? new BufferedInputStream(new GZIPInputStream(buffered, BUFFER), BUFFER) : buffered;
        } catch (EOFException e) {
            throw truncated("the gzip header is not complete");
        }
    }

    private int[] readHeader() throws IOException {
        byte[] magic = new byte[4];
        int found = read(magic);
        boolean expected = found == 4 && magic[0] == 0 && magic[1] == 0 && magic[2] == UNSIGNED_BYTE && magic[3] > 0;
        if (!expected) {
            throw new IOException(
                    ("%s: expected an IDX file of unsigned bytes, which begins with 00 00 08 and the number"
                                    + " of dimensions (gzip or plain), found %s")
                            .formatted(name, found == 0 ? "an empty file" : hex(magic, found)));
        }
        int[] sizes = new int[magic[3]];
        byte[] four = new byte[4];
        for (int d = 0; d < sizes.length; d++) {
            found = read(four);
            if (found < 4) {
                throw truncated(
                        "the header announces %s dimensions and ends in number %s".formatted(sizes.length, d + 1));
            }
            sizes[d] = toInt(four);
            if (sizes[d] < 0) {
                throw new IOException("%s: expected at most %s as dimension %s, found %s"
                        .formatted(name, Integer.MAX_VALUE, d + 1, Integer.toUnsignedString(sizes[d])));
            }
        }
        return sizes;
    }

    private int rowLength(int[] sizes) throws IOException {
        long length = 1;
        for (int d = 1; d < sizes.length; d++) {
            length *= sizes[d];
            if (length > Integer.MAX_VALUE - 8) {
                throw new IOException("%s: expected rows of less than 2 GiB, found the dimensions %s"
                        .formatted(name, Arrays.toString(sizes)));
            }
        }
        return (int) length;
    }

    /** Reads until {@code into} is full or the stream ends, and returns the number of bytes read. */
    private int read(byte[] into) throws IOException {
        int done = 0;
        try {
            while (done < into.length) {
                int got = in.read(into, done, into.length - done);
                if (got < 0) {
                    break;
                }
                done += got;
            }
        } catch (EOFException e) {
            cutOff = true; // only gzip streams throw this; a plain stream just ends
        } catch (ZipException e) {
            throw new IOException(
                    "%s: the gzip stream is damaged (%s); fetch the file again".formatted(name, e.getMessage()), e);
        }
        return done;
    }

    private void checkEnd() throws IOException {
        // reading past the end also makes gzip check its checksum
        if (read(new byte[1]) > 0) {
            throw new IOException(
                    "%s: expected the end after %s rows of %s bytes, as its header %s says, found more bytes"
                            .formatted(name, rows(), rowLength, Arrays.toString(dimensions)));
        }
        if (cutOff) {
            throw truncated("all %s rows were read, but the end of the gzip stream is missing".formatted(rows()));
        }
    }

    private IOException truncated(String where) {
        return new EOFException("%s is truncated: %s; fetch the file again".formatted(name, where));
    }

    private static int toInt(byte[] b) {
        return Byte.toUnsignedInt(b[0]) << 24
                | Byte.toUnsignedInt(b[1]) << 16
                | Byte.toUnsignedInt(b[2]) << 8
                | Byte.toUnsignedInt(b[3]);
    }

    private static String hex(byte[] bytes, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(i == 0 ? "" : " ").append("%02x".formatted(bytes[i]));
        }
        return text.toString();
    }
}
