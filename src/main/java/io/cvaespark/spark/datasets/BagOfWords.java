package io.cvaespark.spark.datasets;

import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * A reader of word counts in the UCI bag-of-words format: three header lines with the numbers of documents, words and
 * triples, then a line {@code doc word count} for every word that occurs in a document. Documents and words are counted
 * from 1.
 *
 * <p>Columns: {@code id} int, the number of the document, and {@code counts} array&lt;int&gt;, a count for every kept
 * word. The counts are in the order of the words' numbers, which are the metadata {@code words} of this column. Every
 * document has a row, in the order of the ids; no value is null.
 */
public final class BagOfWords {
    private static final int HEADER = 3;

    private final String file;
    private final JavaRDD<Triple> triples;
    private final int documents;
    private final int vocabulary;

    /** How often a word occurs in a document. */
    private record Triple(int document, int word, int count) implements Serializable {}

    private BagOfWords(SparkSession spark, String file) {
        this.file = file;
        JavaRDD<String> lines =
                JavaSparkContext.fromSparkContext(spark.sparkContext()).textFile(file);
        List<String> header = lines.take(HEADER);
        if (header.size() < HEADER) {
            throw bad(file, header.size() + 1, "nothing");
        }
        int docs = number(file, header, 0);
        int words = number(file, header, 1);
        long expected = number(file, header, 2);
        this.documents = docs;
        this.vocabulary = words;
        this.triples = lines.zipWithIndex()
                .filter(line -> line._2() >= HEADER && !line._1().isBlank())
                .map(line -> triple(file, line._1(), line._2() + 1, docs, words));
        long found = triples.count();
        if (found != expected) {
            throw new IllegalArgumentException(
                    "%s: its third line announces %s lines of counts, found %s; is the file complete?"
                            .formatted(file, expected, found));
        }
    }

    /**
     * Reads a file, plain or compressed, by a Hadoop path.
     *
     * @param words the number of words to keep, which are the most frequent ones; null for all words
     * @throws IllegalArgumentException if the file is not in this format, or has fewer words than should be kept
     */
    public static Dataset<Row> read(SparkSession spark, String file, @Nullable Integer words) {
        return new BagOfWords(spark, file).table(spark, words);
    }

    private Dataset<Row> table(SparkSession spark, @Nullable Integer words) {
        if (words != null && (words < 1 || words > vocabulary)) {
            throw new IllegalArgumentException(
                    "Words to keep: expected 1 to %s, the words of %s, found %s".formatted(vocabulary, file, words));
        }
        int[] kept = words == null ? IntStream.rangeClosed(1, vocabulary).toArray() : mostFrequent(words);
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        // Each document also gets a triple without a word, so that a document without words has a row too.
        JavaRDD<Triple> every = context.parallelize(
                        IntStream.rangeClosed(1, documents).boxed().toList())
                .map(id -> new Triple(id, 0, 0));
        JavaPairRDD<Integer, int[]> rows = triples.union(every)
                .mapToPair(triple -> new Tuple2<>(triple.document(), triple))
                .groupByKey()
                .mapValues(some -> counts(some, kept))
                .sortByKey();
        Metadata metadata = new MetadataBuilder()
                .putLongArray("words", Arrays.stream(kept).asLongStream().toArray())
                .build();
        StructType schema = new StructType()
                .add("id", DataTypes.IntegerType, false)
                .add("counts", DataTypes.createArrayType(DataTypes.IntegerType, false), false, metadata);
        return spark.createDataFrame(rows.map(row -> RowFactory.create(row._1(), row._2())), schema);
    }

    /**
     * Returns the {@code n} most frequent words in the order of their numbers; of equally frequent words the first ones
     * are taken.
     */
    private int[] mostFrequent(int n) {
        Map<Integer, Long> totals = triples.mapToPair(triple -> new Tuple2<>(triple.word(), (long) triple.count()))
                .reduceByKey(Long::sum)
                .collectAsMap();
        return IntStream.rangeClosed(1, vocabulary)
                .boxed()
                .sorted(Comparator.comparingLong((Integer word) -> -totals.getOrDefault(word, 0L)))
                .limit(n)
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }

    private static int[] counts(Iterable<Triple> triples, int[] kept) {
        int[] counts = new int[kept.length];
        for (Triple triple : triples) {
            int place = Arrays.binarySearch(kept, triple.word());
            if (place >= 0) {
                counts[place] += triple.count();
            }
        }
        return counts;
    }

    private static int number(String file, List<String> header, int line) {
        try {
            int value = Integer.parseInt(header.get(line).strip());
            if (value >= 0) {
                return value;
            }
        } catch (NumberFormatException e) {
            // the error is thrown below
        }
        throw bad(file, line + 1L, "'" + header.get(line) + "'");
    }

    private static Triple triple(String file, String text, long line, int documents, int words) {
        String[] parts = text.strip().split("\\s+");
        if (parts.length == 3) {
            try {
                Triple triple =
                        new Triple(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]));
                if (triple.document() >= 1
                        && triple.document() <= documents
                        && triple.word() >= 1
                        && triple.word() <= words
                        && triple.count() >= 0) {
                    return triple;
                }
            } catch (NumberFormatException e) {
                // the error is thrown below
            }
        }
        throw new IllegalArgumentException(
                "%s, line %s: expected 'document word count' with document 1 to %s, word 1 to %s and a whole count, found '%s'"
                        .formatted(file, line, documents, words, text));
    }

    private static IllegalArgumentException bad(String file, long line, String found) {
        return new IllegalArgumentException(
                "%s, line %s: expected the number of %s, found %s; the UCI bag-of-words format begins with three lines of one number each: documents, words, lines of counts"
                        .formatted(
                                file,
                                line,
                                List.of("documents", "words", "lines of counts").get((int) line - 1),
                                found));
    }
}
