package io.cvaespark.spark.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.data.Json;
import io.cvaespark.spark.SparkTests;
import io.cvaespark.spark.compare.counts.Part;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** The metrics, against figures computed by hand and by the reference program. */
class ComparerTest {
    private static final double EXACT = 1e-12;
    private static final Path EXAMPLE = Path.of("src/test/resources/compare");

    private static Dataset<Row> table(String schema, Row... rows) {
        return SparkTests.session()
                .createDataFrame(Arrays.asList(rows), StructType.fromDDL(schema))
                .repartition(3);
    }

    private static CompareSettings settings(Set<String> categorical) {
        return new CompareSettings(List.of(), categorical, null, null, 3, 2, 1000, 0);
    }

    private static Comparison compare(Dataset<Row> real, Dataset<Row> synthetic) {
        return Comparer.compare(Map.of(Part.REAL, real, Part.SYNTHETIC, synthetic), settings(Set.of()));
    }

    private static double synthetic(Comparison comparison, String metric) {
        return Objects.requireNonNull(
                Objects.requireNonNull(comparison.metrics().get(metric)).synthetic());
    }

    private static Comparison.ColumnResult column(Comparison comparison, String name) {
        return comparison.columns().stream()
                .filter(c -> c.column().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static Comparison.PairResult pair(Comparison comparison, String first, String second) {
        return comparison.pairs().stream()
                .filter(p -> p.first().equals(first) && p.second().equals(second))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Four rows each. x: F₀ = ¼, ¾, 1 and F₁ = ½, ½, 1 at 0, 10, 20. c: ½ (|½−¼| + |½−½| + ¼) with a missing value of its own.
     * x and c: bins 0, 5, 9 of x; two of the four pairs agree. χ² of x and c is 2, of y and c 4.
     */
    @Test
    void aSmallTableHasTheFiguresOfItsCalculationByHand() {
        String schema = "x DOUBLE, y INT, c STRING";
        Comparison comparison = compare(
                table(
                        schema,
                        RowFactory.create(0.0, 0, "a"),
                        RowFactory.create(10.0, 10, "a"),
                        RowFactory.create(10.0, 20, "b"),
                        RowFactory.create(20.0, 30, "b")),
                table(
                        schema,
                        RowFactory.create(0.0, 0, "a"),
                        RowFactory.create(0.0, 10, "b"),
                        RowFactory.create(20.0, 30, "b"),
                        RowFactory.create(20.0, 20, null)));
        assertEquals(0.75, column(comparison, "x").shape(), EXACT);
        assertEquals(1, column(comparison, "y").shape(), EXACT);
        assertEquals(0.75, column(comparison, "c").shape(), EXACT);
        assertEquals(0.25, column(comparison, "c").missingSynthetic(), EXACT);
        assertEquals(2.5 / 3, synthetic(comparison, "shapes"), EXACT);
        double q = 300 / Math.sqrt(200 * 500);
        double w = 400 / Math.sqrt(400 * 500);
        Comparison.PairResult numbers = pair(comparison, "x", "y");
        assertEquals(1 - (q - w) / 2, Objects.requireNonNull(numbers.similarity()), EXACT);
        assertEquals(q, numbers.association(), EXACT);
        assertEquals(0.5, Objects.requireNonNull(pair(comparison, "x", "c").similarity()), EXACT);
        assertEquals(Math.sqrt(0.5), pair(comparison, "x", "c").association(), EXACT);
        assertEquals(0.5, Objects.requireNonNull(pair(comparison, "y", "c").similarity()), EXACT);
        assertEquals(1, pair(comparison, "y", "c").association(), EXACT);
        assertEquals((2 - (q - w) / 2) / 3, synthetic(comparison, "trends"), EXACT);
        assertEquals(0.5, synthetic(comparison, "copies"), EXACT);
        assertEquals(0.5, synthetic(comparison, "unseen_pairs"), EXACT);
    }

    /** Two by two values have Yates' correction: 4, 1, 1, 4 of ten rows are χ² = (1.5 − 0.5)² · 4 / 2.5. */
    @Test
    void pairsBelowTheThresholdsAreCountedApart() {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            rows.add(RowFactory.create(i < 5, i % 5 == 4 == i < 5 ? "p" : "q", i % 5 < 2 ? "u" : "v"));
        }
        Dataset<Row> table = table("a BOOLEAN, b STRING, c STRING", rows.toArray(Row[]::new));
        Comparison comparison = compare(table, table);
        assertEquals(0.4, pair(comparison, "a", "b").association(), EXACT);
        assertTrue(pair(comparison, "a", "b").counted());
        assertEquals(0, pair(comparison, "a", "c").association(), EXACT);
        assertEquals(
                List.of("a"),
                comparison.pairs().stream()
                        .filter(Comparison.PairResult::counted)
                        .filter(p -> p.second().equals("b"))
                        .map(Comparison.PairResult::first)
                        .toList());
        assertEquals(1, synthetic(comparison, "copies"), EXACT);
        assertEquals(0, synthetic(comparison, "unseen_pairs"), EXACT);
    }

    @Test
    void missingNumbersAreLeftOutOfTheShapeAndTheirShareIsGiven() {
        Dataset<Row> real = table(
                "x DOUBLE, k INT",
                RowFactory.create(1.0, 7),
                RowFactory.create(2.0, 7),
                RowFactory.create(null, 7),
                RowFactory.create(Double.NaN, 7));
        Dataset<Row> synthetic = table(
                "x FLOAT, k BIGINT", RowFactory.create(1f, 7L), RowFactory.create(2f, 7L), RowFactory.create(2f, null));
        Comparison comparison = compare(real, synthetic);
        Comparison.ColumnResult x = column(comparison, "x");
        assertEquals(1 - (0.5 - 1 / 3.0), x.shape(), EXACT);
        assertEquals(0.5, x.missingReal(), EXACT);
        assertEquals(0, x.missingSynthetic(), EXACT);
        assertEquals(1, column(comparison, "k").shape(), EXACT);
        assertNull(pair(comparison, "x", "k").similarity(), "a constant has no correlation");
        assertNull(Objects.requireNonNull(comparison.metrics().get("trends")).synthetic());
        assertEquals(2 / 3.0, synthetic(comparison, "copies"), EXACT);
    }

    private static Dataset<Row> example(String name) {
        return SparkTests.session()
                .read()
                .option("header", true)
                .option("inferSchema", true)
                .csv(EXAMPLE.resolve(name).toString());
    }

    /** quality.json holds what the reference program prints for the two committed tables. */
    @Test
    void theFiguresAreThoseOfTheReferenceProgram() throws IOException {
        JsonNode expected = Json.MAPPER.readTree(EXAMPLE.resolve("quality.json").toFile());
        Map<Part, Dataset<Row>> tables = new EnumMap<>(Part.class);
        tables.put(Part.REAL, example("real.csv"));
        tables.put(Part.SYNTHETIC, example("synthetic.csv"));
        Comparison comparison = Comparer.compare(tables, settings(Set.of("rooms")));
        for (String metric : List.of("shapes", "trends", "trends_all", "copies")) {
            assertEquals(expected.get(metric).asDouble(), synthetic(comparison, metric), 5.1e-5, metric);
        }
        expected.get("worst_columns")
                .fields()
                .forEachRemaining(e -> assertEquals(
                        e.getValue().asDouble(), column(comparison, e.getKey()).shape(), 5.1e-4, e.getKey()));
        expected.get("worst_pairs").fields().forEachRemaining(e -> {
            String[] names = e.getKey().split("/");
            assertEquals(
                    e.getValue().asDouble(),
                    Objects.requireNonNull(pair(comparison, names[0], names[1]).similarity()),
                    5.1e-4,
                    e.getKey());
        });
    }

    /** A table whose columns are shuffled one by one is found out, and by the columns that depend on each other. */
    @Test
    void theLearnerFindsWhatIsWrongAndPredictsWhatCanBe() {
        Random random = new Random(3);
        List<Row> real = new ArrayList<>();
        List<Row> shuffled = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            double x = random.nextGaussian();
            real.add(RowFactory.create(x, x > 0 ? "high" : "low", random.nextGaussian()));
            shuffled.add(RowFactory.create(
                    random.nextGaussian(), random.nextBoolean() ? "high" : "low", random.nextGaussian()));
        }
        String schema = "x DOUBLE, level STRING, noise DOUBLE";
        Dataset<Row> all = table(schema, real.toArray(Row[]::new));
        Comparison comparison = Comparer.compare(
                Map.of(
                        Part.REAL,
                        table(schema, real.subList(0, 300).toArray(Row[]::new)),
                        Part.SYNTHETIC,
                        table(schema, shuffled.toArray(Row[]::new)),
                        Part.HOLDOUT,
                        table(schema, real.subList(300, 600).toArray(Row[]::new))),
                new CompareSettings(List.of(), Set.of(), "level", "high", 3, 5, 1000, 0));
        Comparison.Metric detection =
                Objects.requireNonNull(comparison.metrics().get("detection"));
        assertTrue(Objects.requireNonNull(detection.synthetic()) > 0.65, () -> "detection " + detection);
        assertEquals(0.5, Objects.requireNonNull(detection.reference()), 0.12);
        double noise = Objects.requireNonNull(column(comparison, "noise").importance());
        assertTrue(Objects.requireNonNull(column(comparison, "x").importance()) > noise);
        Comparison.Metric auc = Objects.requireNonNull(comparison.metrics().get("auc"));
        assertTrue(Objects.requireNonNull(auc.synthetic()) < 0.7, () -> "auc " + auc);
        assertTrue(Objects.requireNonNull(auc.reference()) > 0.98, () -> "auc " + auc);
        assertTrue(comparison.conclusion().contains("Boosted trees tell"), comparison.conclusion());
        Comparison same = compare(all, all);
        assertNotNull(same.metrics().get("detection"));
        assertTrue(same.conclusion().contains("copies of real ones"), same.conclusion());
    }
}
