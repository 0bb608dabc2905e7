package io.cvaespark.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cvaespark.ExpectedError;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdxReaderTest {
    /** Two rows of 2×3: 1…6 and 250…255. */
    private static final byte[] IMAGES =
            bytes(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 250, 251, 252, 253, 254, 255);

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void rowsAreRead(boolean gzip) throws IOException {
        try (IdxReader reader = reader(gzip ? gzip(IMAGES) : IMAGES)) {
            assertArrayEquals(new int[] {2, 2, 3}, reader.dimensions());
            assertEquals(2, reader.rows());
            assertEquals(6, reader.rowLength());
            byte[] row = new byte[6];
            assertTrue(reader.next(row));
            assertArrayEquals(bytes(1, 2, 3, 4, 5, 6), row);
            assertTrue(reader.next(row));
            assertArrayEquals(bytes(250, 251, 252, 253, 254, 255), row);
            assertFalse(reader.next(row));
        }
    }

    @Test
    void labelsAreRowsOfOneByte() throws IOException {
        try (IdxReader reader = reader(bytes(0, 0, 8, 1, 0, 0, 0, 3, 9, 8, 7))) {
            byte[] row = new byte[1];
            reader.skip(2);
            assertTrue(reader.next(row));
            assertEquals(7, row[0]);
            assertFalse(reader.next(row));
        }
    }

    @Test
    void noRowsIsAnEmptyStream() throws IOException {
        try (IdxReader reader = reader(bytes(0, 0, 8, 1, 0, 0, 0, 0))) {
            assertFalse(reader.next(new byte[1]));
        }
    }

    /** Wherever a stream is cut, some call says so. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void truncationIsSaidWhereverItIs(boolean gzip) throws IOException {
        byte[] whole = gzip ? gzip(IMAGES) : IMAGES;
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            ExpectedError.of(IOException.class, () -> readAll(cut), "digits.idx");
        }
    }

    @Test
    void truncatedRowIsNamed() {
        byte[] cut = Arrays.copyOf(IMAGES, IMAGES.length - 2);
        ExpectedError.of(IOException.class, () -> readAll(cut), "truncated", "row 1 of 2", "4 of 6 bytes");
    }

    @Test
    void damagedGzipIsNamed() throws IOException {
        byte[] damaged = gzip(IMAGES);
        damaged[damaged.length - 6] ^= 1; // in the checksum
        ExpectedError.of(IOException.class, () -> readAll(damaged), "digits.idx", "damaged");
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        byte[] floats = bytes(0, 0, 0x0d, 1, 0, 0, 0, 0);
        ExpectedError.of(IOException.class, () -> readAll(floats), "digits.idx", "00 00 08", "found 00 00 0d 01");
        byte[] gzippedText = gzip(bytes('l', 'a', 'b', 'e', 'l'));
        ExpectedError.of(IOException.class, () -> readAll(gzippedText), "found 6c 61 62 65");
        ExpectedError.of(IOException.class, () -> readAll(new byte[0]), "found an empty file");
        byte[] huge = bytes(0, 0, 8, 1, 255, 255, 255, 255);
        ExpectedError.of(IOException.class, () -> readAll(huge), "found 4294967295");
        byte[] wide = bytes(0, 0, 8, 3, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0);
        ExpectedError.of(IOException.class, () -> readAll(wide), "2 GiB", "[1, 65536, 65536]");
    }

    @Test
    void moreThanTheHeaderSaysIsRefused() {
        byte[] longer = Arrays.copyOf(IMAGES, IMAGES.length + 1);
        ExpectedError.of(IOException.class, () -> readAll(longer), "after 2 rows of 6 bytes", "found more");
    }

    @Test
    void rowBufferOfOtherLengthIsRefused() throws IOException {
        try (IdxReader reader = reader(IMAGES)) {
            ExpectedError.of(
                    IllegalArgumentException.class, () -> reader.next(new byte[5]), "expected 6 bytes", "found 5");
        }
    }

    @Test
    void refusedStreamIsClosed() {
        AtomicBoolean closed = new AtomicBoolean();
        InputStream in = new ByteArrayInputStream(new byte[4]) {
            @Override
            public void close() {
                closed.set(true);
            }
        };
        assertThrows(IOException.class, () -> new IdxReader(in, "digits.idx").close());
        assertTrue(closed.get());
    }

    @Test
    void greyIsByteOver255() {
        assertArrayEquals(new float[] {0, 0.2f, 1}, IdxReader.grey(bytes(0, 51, 255)));
    }

    @Test
    void binarizedIsBernoulliOfGrey() {
        byte[] row = bytes(0, 51, 128, 255);
        int[] ones = new int[4];
        int rows = 20_000;
        for (int id = 0; id < rows; id++) {
            float[] draw = IdxReader.binarized(row, 11, id);
            assertArrayEquals(draw, IdxReader.binarized(row, 11, id));
            for (int i = 0; i < 4; i++) {
                assertTrue(draw[i] == 0 || draw[i] == 1);
                ones[i] += (int) draw[i];
            }
        }
        assertEquals(0, ones[0]);
        assertEquals(rows * 51 / 255.0, ones[1], 300);
        assertEquals(rows * 128 / 255.0, ones[2], 300);
        assertEquals(rows, ones[3]);
    }

    @Test
    void binarizedDependsOnSeedRowAndPlace() {
        byte[] half = new byte[64];
        Arrays.fill(half, (byte) 128);
        float[] draw = IdxReader.binarized(half, 1, 0);
        assertFalse(Arrays.equals(draw, IdxReader.binarized(half, 2, 0)));
        assertFalse(Arrays.equals(draw, IdxReader.binarized(half, 1, 1)));
        assertFalse(Arrays.equals(Arrays.copyOf(draw, 32), Arrays.copyOfRange(draw, 32, 64)));
    }

    @Test
    void mnistIsRead() throws IOException {
        Path mnist = Path.of(System.getProperty("cvae.data", "../shared/data"), "mnist");
        assumeTrue(Files.isDirectory(mnist), () -> "no MNIST: " + mnist + " is absent (system property cvae.data)");
        Path images = mnist.resolve("t10k-images-idx3-ubyte.gz");
        try (IdxReader reader = new IdxReader(Files.newInputStream(images), images.toString())) {
            assertArrayEquals(new int[] {10_000, 28, 28}, reader.dimensions());
            byte[] row = new byte[784];
            long sum = 0;
            int rows = 0;
            while (reader.next(row)) {
                rows++;
                for (byte b : row) {
                    sum += Byte.toUnsignedInt(b);
                }
            }
            assertEquals(10_000, rows);
            assertEquals(264_923_200L, sum);
        }
    }

    private static int readAll(byte[] stream) throws IOException {
        try (IdxReader reader = reader(stream)) {
            byte[] row = new byte[reader.rowLength()];
            int rows = 0;
            while (reader.next(row)) {
                rows++;
            }
            return rows;
        }
    }

    private static IdxReader reader(byte[] stream) throws IOException {
        return new IdxReader(new ByteArrayInputStream(stream), "digits.idx");
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(plain);
        }
        return out.toByteArray();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
