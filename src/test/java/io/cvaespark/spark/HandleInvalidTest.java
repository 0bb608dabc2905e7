package io.cvaespark.spark;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.spark.inference.Evaluation;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code handleInvalid} in Spark ML's words: one row that a column cannot hold need not fail the others. */
class HandleInvalidTest {
    private static final Dataset<Row> GOOD = TestTables.mixed(600).cache();
    private static final CvaeModel MODEL = TestTables.mixedCvae().setMaxIter(1).fit(GOOD);

    /** Rows 3, 203, 403 … of which a cell is another. */
    private static Dataset<Row> with(Dataset<Row> table, String column, Column cell) {
        return table.withColumn(
                column, when(col("id").mod(200).equalTo(3), cell).otherwise(col(column)));
    }

    private static Column cell(String what) {
        return switch (what) {
            case "unseen level" -> lit("dog");
            case "null" -> lit(null);
            case "NaN" -> lit(Float.NaN);
            case "infinity" -> lit(Float.POSITIVE_INFINITY);
            case "no probability" ->
                array(lit(2f), lit(0f), lit(0f), lit(0f), lit(0f), lit(0f), lit(0f), lit(0f), lit(0f));
            case "short vector" -> array(lit(1f));
            default -> throw new IllegalArgumentException(what);
        };
    }

    @ParameterizedTest
    @CsvSource({
        "kind, unseen level, training never saw",
        "kind, null, has a null",
        "ratio, null, has a null",
        "ratio, NaN, NaN or infinite",
        "price, infinity, NaN or infinite",
        "pixels, no probability, must hold numbers in [0, 1]",
        "pixels, short vector, vector of length 1"
    })
    void rowsThatAreScored(String column, String what, String message) {
        Dataset<Row> table = with(GOOD, column, cell(what)).repartition(3);
        CvaeModel model = MODEL.copy(org.apache.spark.ml.param.ParamMap.empty())
                .setElboCol("elbo")
                .setLatentCol("latent")
                .setReconstructionCol("again");
        ExpectedError.of(Exception.class, () -> model.transform(table).collectAsList(), message);
        ExpectedError.of(Exception.class, () -> model.evaluate(table, 0, 1), message);

        List<Row> valid =
                model.transform(GOOD).where("id % 200 <> 3").sort("id").collectAsList();
        model.setHandleInvalid("skip");
        assertEquals(valid, model.transform(table).sort("id").select("*").collectAsList(), "the others are as ever");
        Evaluation skipped = model.evaluate(table, 0, 1);
        assertEquals(597, skipped.rows());
        assertEquals(3, skipped.invalidRows());
        Evaluation others = MODEL.evaluate(GOOD.where("id % 200 <> 3"), 0, 1);
        assertEquals(others.metrics(), skipped.metrics());
        assertEquals(others.byCondition(), skipped.byCondition());

        model.setHandleInvalid("keep");
        Dataset<Row> kept = model.transform(table).cache();
        assertEquals(600, kept.count());
        assertEquals(valid, kept.where("elbo is not null").sort("id").collectAsList());
        assertEquals(
                3,
                kept.where("elbo is null and latent is null and again is null and id % 200 = 3")
                        .count());
        assertEquals(others.metrics(), model.evaluate(table, 0, 1).metrics());
        assertEquals(600, model.evaluate(table, 0, 1).rows());
    }

    @ParameterizedTest
    @CsvSource({
        "kind, null",
        "ratio, NaN",
        "price, infinity",
        "pixels, no probability",
    })
    void rowsThatAreTrainedOn(String column, String what) {
        Dataset<Row> table = with(GOOD, column, cell(what));
        Cvae cvae = TestTables.mixedCvae().setMaxIter(1).setValidationFraction(0.2);
        ExpectedError.of(IllegalArgumentException.class, () -> cvae.fit(table), "'" + column + "'", "of 600 rows");
        CvaeModel of = cvae.setHandleInvalid("skip").fit(table);
        CvaeModel expected = cvae.setHandleInvalid("error").fit(GOOD.where("id % 200 <> 3"));
        assertEquals(
                expected.description().provenance().get("parameters_sha256"),
                of.description().provenance().get("parameters_sha256"),
                "as if the rows were not there");
        assertEquals(
                expected.description().provenance().get("data"),
                of.description().provenance().get("data"));
    }

    @Test
    void aTrainingCannotKeepThem() {
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> TestTables.mixedCvae().setHandleInvalid("keep").fit(GOOD),
                "a training cannot keep a row");
    }

    @Test
    void whatAllRowsAreIsSaid() {
        Dataset<Row> none = GOOD.withColumn("kind", lit("dog"));
        CvaeModel model = MODEL.copy(org.apache.spark.ml.param.ParamMap.empty()).setHandleInvalid("skip");
        assertEquals(0, model.setElboCol("elbo").transform(none).count());
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> model.evaluate(none, 0, 1),
                "All 600 rows to evaluate are invalid");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> TestTables.mixedCvae().setHandleInvalid("skip").fit(GOOD.withColumn("ratio", lit(Float.NaN))),
                "All 600 rows of the training data are invalid");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> MODEL.copy(org.apache.spark.ml.param.ParamMap.empty())
                        .setHandleInvalid("drop")
                        .setElboCol("elbo")
                        .transform(none),
                "error, skip or keep",
                "'drop'");
    }

    /** A model that was trained with skip scores with it, also when it was saved. */
    @Test
    void theModelHasWhatTheEstimatorHad(@TempDir Path directory) throws Exception {
        CvaeModel model =
                TestTables.mixedCvae().setMaxIter(1).setHandleInvalid("skip").fit(GOOD.limit(200));
        String path = directory.resolve("model").toString();
        model.write().save(path);
        assertEquals("skip", CvaeModel.load(path).getHandleInvalid());
    }

    /** Levels of a column of numbers are numbers, as the pages say. */
    @Test
    void aNaNIsNoLevel() {
        Dataset<Row> table = with(GOOD.withColumn("grade", col("grade").cast("double")), "grade", lit(Double.NaN));
        Cvae cvae = TestTables.mixedCvae().setMaxIter(1);
        ExpectedError.of(IllegalArgumentException.class, () -> cvae.fit(table), "'grade'", "NaN", "3 of 600 rows");
        CvaeModel model = cvae.setHandleInvalid("skip").fit(table);
        assertFalse(model.description().schema().targets().stream()
                .filter(f -> f.column().equals("grade"))
                .anyMatch(f -> f.levels().contains("NaN")));
    }

    private static Object validationRows(CvaeModel model) {
        return String.valueOf(model.description().provenance().get("validation_rows"));
    }

    @Test
    void patienceNeedsHeldOutRows(@TempDir Path directory) throws Exception {
        Dataset<Row> few = GOOD.limit(50);
        Cvae cvae = TestTables.mixedCvae().setMaxIter(1).setValidationFraction(1e-6);
        assertEquals("0", validationRows(cvae.fit(few)));
        cvae.setPatience(2);
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> cvae.fit(few),
                "training.patience judges by held-out rows",
                "a share of 1.0E-6 holds out none of 50 rows");
        cvae.setValidationFraction(0).setValidationIndicatorCol("never");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> cvae.fit(few.withColumn("never", lit(false))),
                "column 'never' marks none of 50 rows");
        cvae.setValidationIndicatorCol("");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> cvae.train(few, few.where("false"), false, null),
                "the validation data has no rows");
        ExpectedError.of(IllegalArgumentException.class, () -> cvae.fit(few), "none are held out");
    }

    /** What a job says of validation is not dropped: an estimator that cannot read the rows says so. */
    @Test
    void heldOutRowsOfAJobAreNotDropped(@TempDir Path directory) throws Exception {
        Path job = directory.resolve("job.yaml");
        java.nio.file.Files.writeString(job, """
                input: {train: train.parquet, validation: held-out.parquet}
                targets: [size, price]
                conditions: [kind]
                model: {latent: 2, hidden: [4]}
                training: {epochs: 1, batch: 50, shards: 1}
                """);
        Cvae cvae = Cvae.fromJob(job.toString());
        ExpectedError.of(
                IllegalArgumentException.class, () -> cvae.fit(GOOD), "holds out the rows of held-out.parquet");
        String saved = directory.resolve("estimator").toString();
        cvae.write().save(saved);
        ExpectedError.of(IllegalArgumentException.class, () -> Cvae.load(saved).fit(GOOD), "holds out the rows of");
        CvaeModel model = cvae.train(GOOD, GOOD.limit(30), false, null);
        assertEquals("30", validationRows(model));
        assertTrue(cvae.copy(org.apache.spark.ml.param.ParamMap.empty())
                .explainParams()
                .contains("held-out.parquet"));
    }
}
