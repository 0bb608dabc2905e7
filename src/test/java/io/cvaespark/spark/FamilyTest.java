package io.cvaespark.spark;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every member of the family through training, scoring and sampling, with the same bits for any partitioning. */
class FamilyTest {
    private static final Dataset<Row> TABLE = TestTables.mixed(120).cache();

    static Stream<Arguments> members() {
        return Stream.of(
                Arguments.of("ae", "{}"),
                Arguments.of("vae", "{\"prior\": {\"type\": \"vamp\", \"components\": 3}}"),
                Arguments.of("vae", "{\"objective\": \"iwae\", \"samplesPerRow\": 3}"),
                Arguments.of("cvae-1", "{\"samplesPerRow\": 2}"),
                Arguments.of("cvae-2", "{\"objective\": \"elbo-monte-carlo\", \"layerNorm\": true}"),
                Arguments.of(
                        "cvae-2",
                        "{\"prior\": {\"type\": \"mixture\", \"components\": 3, \"weights\": \"condition\"}}"),
                Arguments.of("cvae-2", "{\"prior\": \"mixture\", \"residual\": true}"),
                Arguments.of("cvae-3", "{\"alpha\": 0.3, \"dropout\": 0.2, \"residual\": true}"),
                Arguments.of("cvae-4", "{}"),
                Arguments.of("baseline", "{}"));
    }

    @ParameterizedTest
    @MethodSource("members")
    void trainsScoresAndSamples(String variant, String options) {
        Cvae cvae = TestTables.mixedCvae()
                .setVariant(variant)
                .setModelOptions(options)
                .setHiddenLayers(new int[] {8, 8})
                .setMaxIter(2);
        CvaeModel model = cvae.fit(TABLE).setPredictionCol("guess");
        assertEquals(
                model.summary().parametersSha256(),
                cvae.fit(TestTables.shuffled(TABLE, 5)).summary().parametersSha256());
        assertTrue(Double.isFinite(model.transform(TABLE)
                .agg(org.apache.spark.sql.functions.sum("elbo"))
                .first()
                .getDouble(0)));
        if (variant.equals("ae")) {
            return;
        }
        assertEquals(
                TABLE.count(),
                model.sample(TABLE.select("kind", "ratio"), 1).na().drop().count());
        assertTrue(Double.isFinite(model.setLogLikelihoodCol("logp")
                .setImportanceSamples(3)
                .transform(TABLE)
                .agg(org.apache.spark.sql.functions.sum("logp"))
                .first()
                .getDouble(0)));
    }

    static Stream<Arguments> conditionInputs() {
        return Stream.of(
                Arguments.of("[{\"column\": \"kind\", \"embedding\": 2}, \"ratio\"]", "{}", "[8]"),
                Arguments.of(
                        "[\"kind\", \"ratio\"]",
                        "{\"image\": [1, 3, 3], \"joinConditions\": \"channels\"}",
                        "{\"encoder\": [{\"conv\": 2, \"kernel\": 2}], \"prior\": [4], \"decoder\": [6]}"),
                Arguments.of(
                        "[\"pixels2\", {\"column\": \"kind\", \"embedding\": 2}]",
                        "{\"conditionImage\": [1, 3, 3], \"dropout\": 0.1}",
                        "{\"encoder\": [6], \"decoder\": [6], \"condition\": [{\"conv\": 2, \"kernel\": 2}, 5]}"));
    }

    /** Each way for conditions to enter, with a learned prior, so that every network takes them. */
    @ParameterizedTest
    @MethodSource("conditionInputs")
    void conditionsEnterAsTheyAreAskedTo(String conditions, String options, String hidden) {
        Dataset<Row> table = TABLE.withColumn("pixels2", col("pixels"));
        Cvae cvae = TestTables.mixedCvae()
                .setColumns(
                        "{\"targets\": [{\"column\": \"pixels\", \"likelihood\": \"bernoulli\"}], \"conditions\": %s}"
                                .formatted(conditions))
                .setVariant("cvae-1")
                .setModelOptions(options)
                .setHidden(hidden)
                .setStepSize(0.02)
                .setMaxIter(30);
        CvaeModel model = cvae.fit(table);
        assertEquals(
                model.summary().parametersSha256(),
                cvae.fit(TestTables.shuffled(table, 5)).summary().parametersSha256());
        double elbo = model.transform(table).selectExpr("avg(elbo)").first().getDouble(0);
        // nine pixels, each of two thirds 0.1, of a third 0.9: their entropy is 2.9 where the kind is known
        assertTrue(elbo > -4.5, "ELBO " + elbo);
        CvaeModel loaded = saved(model);
        assertEquals(
                elbo, loaded.transform(table).selectExpr("avg(elbo)").first().getDouble(0));
        assertEquals(120, loaded.sample(table, 1).na().drop().count());
    }

    private static CvaeModel saved(CvaeModel model) {
        try {
            String path = java.nio.file.Files.createTempDirectory("family")
                    .resolve("model")
                    .toString();
            model.write().overwrite().save(path);
            return CvaeModel.load(path);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void whatConditionsCannotDoIsSaid() {
        String targets = "{\"targets\": [\"price\"], \"conditions\": ";
        refused(
                TestTables.mixedCvae().setColumns(targets + "[{\"column\": \"ratio\", \"embedding\": 2}]}"),
                TABLE,
                "embedding",
                "'ratio'",
                "continuous");
        refused(
                TestTables.mixedCvae().setModelOptions("{\"latent\": 2}"),
                TABLE,
                "modelOptions",
                "'latent'",
                "latentDim");
        refused(
                TestTables.mixedCvae()
                        .setColumns(targets + "[\"kind\", \"pixels\"]}")
                        .setModelOptions("{\"conditionImage\": [1, 3, 3]}"),
                TABLE,
                "conditionImage",
                "'kind'",
                "first");
        refused(
                semiSupervised()
                        .setColumns(
                                "{\"targets\": [\"price\"], \"conditions\": [{\"column\": \"kind\", \"embedding\": 2}]}"),
                PARTLY,
                "embedding",
                "m2");
    }

    /** Unknown cells change neither the bits nor the order of things; reconstruction fills them in. */
    @Test
    void missingCellsAreLeftOutAndFilledIn() {
        Dataset<Row> holes = TABLE.withColumn(
                        "price", when(col("id").mod(5).equalTo(0), lit(null)).otherwise(col("price")))
                .withColumn(
                        "grade", when(col("id").mod(7).equalTo(1), lit(null)).otherwise(col("grade")))
                .withColumn(
                        "features", when(col("id").mod(4).equalTo(2), lit(null)).otherwise(col("features")))
                .withColumn(
                        "pixels",
                        when(
                                        col("id").equalTo(3),
                                        array(Stream.generate(() -> lit(null).cast("float"))
                                                .limit(9)
                                                .toArray(org.apache.spark.sql.Column[]::new)))
                                .otherwise(col("pixels")));
        Cvae cvae = TestTables.mixedCvae();
        CvaeModel model = cvae.fit(holes).setReconstructionCol("again");
        assertEquals(
                model.summary().parametersSha256(),
                cvae.fit(TestTables.shuffled(holes, 5)).summary().parametersSha256());
        Dataset<Row> filled = model.transform(holes);
        assertEquals(TABLE.count(), filled.select("again.*").na().drop().count());
        List<Row> elbo = filled.select("elbo").collectAsList();
        assertTrue(elbo.stream().allMatch(r -> Double.isFinite(r.getDouble(0))));
        assertEquals(
                0,
                model.sample(TABLE.select("kind", "ratio"), 1)
                        .filter("price is null")
                        .count());
    }

    @Test
    void countsComeBackAsCounts() {
        String columns = """
                {"targets": [{"column": "size", "type": "count"}, {"column": "grade", "likelihood": "poisson"}],
                 "conditions": ["kind", {"column": "id", "type": "count"}]}""";
        CvaeModel model = TestTables.mixedCvae()
                .setColumns(columns)
                .setMaxIter(60)
                .setStepSize(0.01)
                .fit(TABLE);
        Dataset<Row> sampled = model.sample(TABLE.select("kind", "id"), 1);
        assertEquals(
                TABLE.schema().apply("size").dataType(),
                sampled.schema().apply("size").dataType());
        assertEquals(0, sampled.filter("size < 0 or grade < 0").count());
        double truth = TABLE.selectExpr("avg(size)").first().getDouble(0);
        double drawn = sampled.selectExpr("avg(size)").first().getDouble(0);
        assertEquals(truth, drawn, 0.5 * truth);
    }

    /** Two thirds of the classes unknown; the classes lie far apart in price, so that they can be told. */
    private static final Dataset<Row> PARTLY = TABLE.withColumn(
            "kind", when(col("id").mod(3).equalTo(0), col("kind")).otherwise(lit(null)));

    private static Cvae semiSupervised() {
        return TestTables.mixedCvae()
                .setColumns(
                        "{\"targets\": [{\"column\": \"price\", \"likelihood\": \"gaussian\"}, \"size\", \"features\"], \"conditions\": [\"kind\"]}")
                .setVariant("m2")
                .setModelOptions("{\"labelledShare\": 0.3}")
                .setMaxIter(20)
                .setStepSize(0.01);
    }

    @Test
    void theClassifierLearnsFromFewLabelsWithTheSameBitsForAnyPartitioning() {
        CvaeModel model = semiSupervised().fit(PARTLY);
        assertEquals(
                model.summary().parametersSha256(),
                semiSupervised().fit(TestTables.shuffled(PARTLY, 5)).summary().parametersSha256());
        assertFalse(model.transform(PARTLY).select("elbo").collectAsList().stream()
                .anyMatch(r -> Double.isNaN(r.getDouble(0))));
        List<Row> means = model.sample(TABLE.select("id", "kind"), 3)
                .groupBy("kind")
                .agg(org.apache.spark.sql.functions.avg("price"))
                .orderBy("kind")
                .collectAsList();
        for (int kind = 0; kind < 3; kind++) {
            assertEquals(100.0 * kind, means.get(kind).getDouble(1), 40.0, means::toString);
        }
    }

    @Test
    void whatSemiSupervisedLearningCannotDoIsSaid() {
        refused(semiSupervised(), TABLE.withColumn("kind", lit(null).cast("string")), "'kind'", "null in all 120");
        refused(
                semiSupervised().setColumns("{\"targets\": [\"price\"], \"conditions\": [\"ratio\"]}"),
                TABLE,
                "exactly one condition column",
                "ratio (continuous)");
        refused(semiSupervised().setModelOptions("{\"labelledShare\": 1.5}"), PARTLY, "labelledShare", "1.5");
        refused(semiSupervised().setVariant("cvae-2").setModelOptions("{\"alpha\": 2}"), TABLE, "alpha", "cvae-2");
        refused(
                semiSupervised().setVariant("cvae-3").setModelOptions("{\"objective\": \"iwae\"}"),
                TABLE,
                "iwae",
                "cvae-3");
    }

    private static void refused(Cvae cvae, Dataset<Row> table, String... named) {
        ExpectedError.of(IllegalArgumentException.class, () -> cvae.fit(table), named);
    }
}
