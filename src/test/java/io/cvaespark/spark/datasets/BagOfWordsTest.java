package io.cvaespark.spark.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.spark.SparkTests;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BagOfWordsTest {
    private static final SparkSession spark = SparkTests.session();

    @TempDir
    private Path folder = Path.of("");

    /** Document 2 has no words; word 3 is the most frequent, 2 and 4 come next. */
    private static final String SMALL = "3\n4\n5\n1 1 1\n1 3 9\n3 2 2\n3 4 2\n3 3 1\n";

    private String file(String text) throws IOException {
        Path file = folder.resolve("docword.txt.gz");
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return file.toString();
    }

    @Test
    void everyDocumentIsARowOfAllWords() throws IOException {
        Dataset<Row> table = BagOfWords.read(spark, file(SMALL), null);
        assertEquals(
                "[[1,ArraySeq(1, 0, 9, 0)], [2,ArraySeq(0, 0, 0, 0)], [3,ArraySeq(0, 2, 1, 2)]]",
                table.collectAsList().toString());
        assertEquals("struct<id:int,counts:array<int>>", table.schema().simpleString());
    }

    @Test
    void theMostFrequentWordsKeepTheirOrderAndTheirNumbers() throws IOException {
        Dataset<Row> table = BagOfWords.read(spark, file(SMALL), 2);
        assertEquals(
                "[[1,ArraySeq(0, 9)], [2,ArraySeq(0, 0)], [3,ArraySeq(2, 1)]]",
                table.collectAsList().toString());
        assertArrayEquals(
                new long[] {2, 3}, table.schema().apply("counts").metadata().getLongArray("words"));
    }

    @Test
    void whatIsNotInTheFormatIsNamed() throws IOException {
        refused("", "line 1", "number of documents");
        refused("3\n4\n", "line 3", "number of lines of counts", "found nothing");
        refused("3\nfour\n5\n", "line 2", "number of words", "'four'");
        refused(SMALL.replace("3 3 1\n", ""), "announces 5", "found 4");
        String file = file(SMALL);
        ExpectedError.of(IllegalArgumentException.class, () -> BagOfWords.read(spark, file, 5), "1 to 4", "found 5");
        for (String line : List.of("3 5 1", "4 3 1", "3 3", "3 3 x", "3 3 -1", "0 3 1")) {
            String bad = file(SMALL.replace("3 3 1", line));
            Throwable error = assertThrows(Exception.class, () -> BagOfWords.read(spark, bad, null));
            assertTrue(String.valueOf(error.getMessage()).contains("line 8"), error::toString);
            assertTrue(String.valueOf(error.getMessage()).contains("'" + line + "'"), error::toString);
        }
    }

    private void refused(String text, String... named) throws IOException {
        String file = file(text);
        ExpectedError.of(IllegalArgumentException.class, () -> BagOfWords.read(spark, file, null), named);
    }

    @Test
    void kosIsRead() {
        Path kos = Path.of(System.getProperty("cvae.data", "../shared/data"), "kos", "docword.kos.txt.gz");
        assumeTrue(Files.exists(kos), () -> "no kos: " + kos + " is absent (system property cvae.data)");
        Dataset<Row> table = BagOfWords.read(spark, kos.toAbsolutePath().toString(), 1000);
        assertEquals(3430, table.count());
        assertEquals(1000, table.first().getList(1).size());
    }
}
