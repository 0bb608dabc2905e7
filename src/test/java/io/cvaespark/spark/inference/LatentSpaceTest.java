package io.cvaespark.spark.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.spark.CvaeModel;
import io.cvaespark.spark.TestTables;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;

/** Decoding, interpolating, sweeping, and changing conditions under the same z. */
class LatentSpaceTest {
    private static final Dataset<Row> TABLE = TestTables.mixed(120).cache();
    private static final CvaeModel MODEL = fit("cvae-1");

    private static CvaeModel fit(String variant) {
        return TestTables.mixedCvae()
                .setVariant(variant)
                .setMaxIter(5)
                .fit(TABLE)
                .setLatentCol("z")
                .setElboCol("");
    }

    private static Dataset<Row> rows(int n) {
        return TABLE.orderBy("id").limit(n).coalesce(1);
    }

    private static List<Row> collect(Dataset<Row> table, String... columns) {
        return table.selectExpr(columns).collectAsList();
    }

    @Test
    void encodingAndDecodingIsReconstructing() {
        String[] targets = {"id", "size", "price", "flag", "grade", "features"};
        Dataset<Row> encoded = MODEL.transform(TABLE);
        Dataset<Row> again = MODEL.copy(org.apache.spark.ml.param.ParamMap.empty())
                .setReconstructionCol("again")
                .setLatentStdCol("std")
                .transform(TABLE);
        assertEquals(
                collect(
                        again.orderBy("id"),
                        "id",
                        "again.size",
                        "again.price",
                        "again.flag",
                        "again.grade",
                        "again.features"),
                collect(MODEL.decode(encoded).orderBy("id"), targets));
        assertTrue(again.collectAsList().stream()
                .allMatch(r -> java.util.Arrays.stream(r.<Vector>getAs("std").toArray())
                        .allMatch(s -> s > 0)));
        Dataset<Row> floats =
                encoded.withColumn("z", org.apache.spark.ml.functions.vector_to_array(functions.col("z"), "float32"));
        assertEquals(collect(MODEL.decode(encoded), targets), collect(MODEL.decode(floats), targets));
        assertEquals(collect(MODEL.decode(encoded, 4), targets), collect(MODEL.decode(floats, 4), targets));
        assertNotEquals(collect(MODEL.decode(encoded, 4), targets), collect(MODEL.decode(encoded, 5), targets));
    }

    /** z = μ + σ·ε, ε standard normal, the same for the same seed, another for another. */
    @Test
    void aDrawOfTheLatentIsOneOfThePosterior() {
        CvaeModel model = MODEL.copy(org.apache.spark.ml.param.ParamMap.empty())
                .setLatentStdCol("std")
                .setLatentDrawCol("draw");
        List<Row> first = model.setSeed(1L).transform(TABLE).orderBy("id").collectAsList();
        List<Row> again = model.transform(TABLE.repartition(3)).orderBy("id").collectAsList();
        List<Row> other = model.setSeed(2L).transform(TABLE).orderBy("id").collectAsList();
        assertEquals(first, again);
        double sum = 0;
        double squares = 0;
        int n = 0;
        for (int i = 0; i < first.size(); i++) {
            Row row = first.get(i);
            assertNotEquals(row.<Vector>getAs("draw"), other.get(i).<Vector>getAs("draw"));
            for (int j = 0; j < 3; j++) {
                double epsilon = (row.<Vector>getAs("draw").apply(j)
                                - row.<Vector>getAs("z").apply(j))
                        / row.<Vector>getAs("std").apply(j);
                sum += epsilon;
                squares += epsilon * epsilon;
                n++;
            }
        }
        assertEquals(0, sum / n, 5 / Math.sqrt(n));
        assertEquals(1, squares / n, 5 * Math.sqrt(2.0 / n));
    }

    @Test
    void anInterpolationGoesFromTheFirstRowToTheSecond() {
        Dataset<Row> ends = rows(2);
        List<Row> path = MODEL.interpolate(ends, 5).collectAsList();
        List<Row> given = MODEL.transform(ends).orderBy("id").collectAsList();
        assertEquals(5, path.size());
        for (int step = 0; step < 5; step++) {
            Row row = path.get(step);
            double t = step / 4.0;
            assertEquals(step, (int) row.getAs("step"));
            assertEquals(t, row.getAs("share"));
            assertEquals(given.get(0).<String>getAs("kind"), row.getAs("kind"));
            float ratio = (float) ((1 - t) * given.get(0).<Float>getAs("ratio")
                    + t * given.get(1).<Float>getAs("ratio"));
            assertEquals(ratio, row.<Float>getAs("ratio"), 1e-6f);
            double z = (1 - t) * given.get(0).<Vector>getAs("z").apply(1)
                    + t * given.get(1).<Vector>getAs("z").apply(1);
            assertEquals(z, (double) row.getList(row.fieldIndex("z")).get(1), 1e-9);
        }
        assertEquals(9, path.get(0).getList(path.get(0).fieldIndex("pixels")).size());
        ExpectedError.of(IllegalArgumentException.class, () -> MODEL.interpolate(rows(3), 5), "exactly two", "more");
        ExpectedError.of(IllegalArgumentException.class, () -> MODEL.interpolate(ends, 1), "at least 2 steps");
    }

    @Test
    void aSweepMovesOneDimensionThroughThePrior() {
        Dataset<Row> one = rows(1).select("id", "kind", "ratio");
        List<Row> path = MODEL.sweep(one, 2, -2, 2, 5).collectAsList();
        List<Row> standard = fit("cvae-2").sweep(one, 2, -2, 2, 5).collectAsList();
        for (int step = 0; step < 5; step++) {
            assertEquals(step - 2.0, (double) path.get(step).getAs("value"), 1e-12);
            assertEquals(z(path.get(0), 0), z(path.get(step), 0));
            assertEquals(step - 2.0, z(standard.get(step), 2), 1e-12);
            assertEquals(0.0, z(standard.get(step), 1));
        }
        // symmetric about the prior's mean
        assertEquals(z(path.get(2), 2), (z(path.get(0), 2) + z(path.get(4), 2)) / 2, 1e-6);
        assertNotEquals(path.get(0).<Double>getAs("price"), path.get(4).<Double>getAs("price"));
        ExpectedError.of(
                IllegalArgumentException.class, () -> MODEL.sweep(one, 3, -2, 2, 5), "dimensions 0 to 2", "found 3");
    }

    private static double z(Row row, int j) {
        return (double) row.getList(row.fieldIndex("z")).get(j);
    }

    @Test
    void aCounterfactualKeepsTheLatentAndChangesTheCondition() {
        List<Row> given = MODEL.transform(rows(4)).orderBy("id").collectAsList();
        List<Row> each = MODEL.counterfactual(rows(4), "kind").collectAsList();
        assertEquals(12, each.size());
        for (int i = 0; i < 12; i++) {
            assertEquals(given.get(i / 3).<Long>getAs("id"), each.get(i).<Long>getAs("id"));
            assertEquals(List.of("ant", "bee", "cat").get(i % 3), each.get(i).getAs("kind"));
            assertEquals(given.get(i / 3).<Float>getAs("ratio"), each.get(i).<Float>getAs("ratio"));
            assertEquals(given.get(i / 3).<Vector>getAs("z").apply(0), z(each.get(i), 0));
        }
        List<Row> bees = MODEL.counterfactual(rows(4), Map.of("kind", "bee")).collectAsList();
        for (int i = 0; i < 4; i++) {
            assertEquals(each.get(3 * i + 1).<Double>getAs("price"), bees.get(i).<Double>getAs("price"));
        }
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> MODEL.counterfactual(rows(1), Map.of("kind", "dog")),
                "dog",
                "never saw",
                "ant");
        ExpectedError.of(
                IllegalArgumentException.class, () -> MODEL.counterfactual(rows(1), "ratio"), "ratio", "categorical");
        ExpectedError.of(IllegalArgumentException.class, () -> MODEL.counterfactual(rows(1), "kinds"), "kinds", "kind");
    }

    @Test
    void latentsOfAnotherShapeAreRefused() {
        ExpectedError.of(IllegalArgumentException.class, () -> MODEL.decode(rows(1)), "latent column 'z'");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> MODEL.decode(rows(1).withColumn("z", functions.lit("0 0 0"))),
                "'z'",
                "array<float>",
                "string");
        ExpectedError.of(
                org.apache.spark.SparkException.class,
                () -> MODEL.decode(rows(1).withColumn("z", functions.expr("array(1.0, 2.0)")))
                        .collectAsList(),
                "'z'",
                "3 finite numbers");
    }
}
