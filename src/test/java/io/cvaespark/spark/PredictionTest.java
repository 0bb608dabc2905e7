package io.cvaespark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.spark.inference.Evaluation;
import java.util.List;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Predictions of a class, and what Spark ML's evaluators and our own say of them. */
class PredictionTest {
    /** {@code class} is 0, 1 or 2 by the kind, {@code two} 0 or 1 by the size. */
    private static final Dataset<Row> TABLE = TestTables.mixed(240)
            .withColumn("class", functions.expr("cast(size / 10 as int)"))
            .withColumn("two", functions.expr("cast(size > 12 as int)"))
            .cache();

    private static Cvae predicting(String variant, String target) {
        return small(variant, """
                {"targets": [{"column": "%s", "type": "categorical"}], "conditions": ["price", "features"]}""".formatted(target));
    }

    private static Cvae small(String variant, String columns) {
        return new Cvae()
                .setColumns(columns)
                .setVariant(variant)
                .setLatentDim(2)
                .setHiddenLayers(new int[] {16})
                .setBatchSize(40)
                .setMaxIter(25)
                .setStepSize(0.02)
                .setSeed(3)
                .setNumShards(2)
                .setElboCol("")
                .setPredictionCol("prediction")
                .setProbabilityCol("probability");
    }

    private static Cvae m2() {
        return small("m2", """
                {"targets": ["price", "features"], "conditions": [{"column": "class", "type": "categorical"}]}""");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cvae-3", "cvae-1", "baseline"})
    void sparkMlsEvaluatorsTakeTheColumns(String variant) {
        CvaeModel model = predicting(variant, "class").fit(TABLE);
        // the class itself is not needed to predict it
        Dataset<Row> predicted = model.transform(TABLE.drop("class")).join(TABLE.select("id", "class"), "id");
        assertEquals(
                DataTypes.DoubleType, predicted.schema().apply("prediction").dataType());
        assertEquals(
                predicted.schema().apply("probability"),
                model.transformSchema(TABLE.schema()).apply("probability"));
        double accuracy = new MulticlassClassificationEvaluator()
                .setLabelCol("class")
                .setMetricName("accuracy")
                .evaluate(predicted);
        assertTrue(accuracy > 0.9, "accuracy " + accuracy);
        Row row = predicted.head();
        Vector probability = row.getAs("probability");
        assertEquals(3, probability.size());
        assertEquals(1, java.util.Arrays.stream(probability.toArray()).sum(), 1e-5);
        assertEquals((double) row.getAs("prediction"), probability.argmax());
        Evaluation evaluation = model.evaluate(TABLE, 0, 0);
        assertEquals(accuracy, present(evaluation.classification()).accuracy(), 1e-12);
    }

    @Test
    void twoClassesAreRankedByTheirProbability() {
        Dataset<Row> predicted =
                predicting("cvae-3", "two").setPredictionSamples(4).fit(TABLE).transform(TABLE);
        double area = new BinaryClassificationEvaluator()
                .setLabelCol("two")
                .setRawPredictionCol("probability")
                .evaluate(predicted);
        assertTrue(area > 0.9, "area under ROC " + area);
    }

    @Test
    void aClassThatIsTextKeepsItsType() {
        Row row = predicting("baseline", "kind")
                .setMaxIter(2)
                .fit(TABLE)
                .transform(TABLE)
                .head();
        assertTrue(List.of("ant", "bee", "cat").contains(row.<String>getAs("prediction")));
    }

    @Test
    void predictionsByDrawsOfTheLatentAreTheSameHoweverTheRowsLie() {
        CvaeModel model = predicting("cvae-1", "class").setMaxIter(4).fit(TABLE);
        List<Row> mean = probabilities(model, TABLE);
        model.setPredictionSamples(3);
        List<Row> drawn = probabilities(model, TABLE);
        assertNotEquals(mean, drawn);
        assertEquals(drawn, probabilities(model, TestTables.shuffled(TABLE, 3)));
        model.setPredictionSamples(400);
        List<Row> many = probabilities(model, TABLE.limit(5));
        model.setSeed(8);
        List<Row> others = probabilities(model, TABLE.limit(5));
        for (int r = 0; r < 5; r++) {
            assertEquals(
                    many.get(r).<Vector>getAs(1).apply(0),
                    others.get(r).<Vector>getAs(1).apply(0),
                    0.1);
        }
    }

    private static List<Row> probabilities(CvaeModel model, Dataset<Row> table) {
        return model.transform(table).select("id", "probability").orderBy("id").collectAsList();
    }

    @Test
    void theClassifierOfM2NeedsNoLabel() {
        CvaeModel model = m2().fit(TABLE);
        Dataset<Row> without = TABLE.withColumn("class", functions.lit(null).cast("int"));
        List<Row> expected = probabilities(model, TABLE);
        assertEquals(expected, probabilities(model, without));
        assertEquals(expected, probabilities(model, TABLE.drop("class")));
        // An unlabelled row has an ELBO, averaged over q(c|x), and the z of its most probable class.
        Row row = model.setElboCol("elbo").setLatentCol("z").transform(without).head();
        assertTrue(Double.isFinite(row.<Double>getAs("elbo")));
        assertEquals(
                model.transform(TABLE.withColumn("class", functions.lit(0)))
                        .where(functions.col("prediction").equalTo(0))
                        .select("id", "z")
                        .orderBy("id")
                        .collectAsList(),
                model.transform(without)
                        .where(functions.col("prediction").equalTo(0))
                        .select("id", "z")
                        .orderBy("id")
                        .collectAsList());

        Evaluation evaluation = model.evaluate(TABLE, 0, 0);
        assertTrue(present(evaluation.classification()).accuracy() > 0.9, evaluation::toString);
        Evaluation half =
                model.evaluate(TABLE.withColumn("class", functions.expr("if(id % 2 = 0, class, null)")), 0, 0);
        assertEquals(240, half.rows());
        assertEquals(120, present(half.classification()).rows());
        assertEquals(240, present(half.latentUse()).rows());
        assertNull(model.evaluate(TABLE.drop("class"), 0, 0).classification());
    }

    @Test
    void whatAModelCannotSayIsRefusedWithTheReason() {
        CvaeModel model = TestTables.mixedCvae().setMaxIter(1).fit(TABLE).setProbabilityCol("p");
        ExpectedError.of(IllegalArgumentException.class, () -> model.transform(TABLE), "exactly one target", "m2");
        ExpectedError.of(
                IllegalArgumentException.class, () -> model.transformSchema(TABLE.schema()), "exactly one target");
        CvaeModel baseline =
                predicting("baseline", "class").setMaxIter(1).fit(TABLE).setLatentStdCol("s");
        ExpectedError.of(IllegalArgumentException.class, () -> baseline.transform(TABLE), "baseline has no latent_std");
    }

    private static <T> T present(@org.jspecify.annotations.Nullable T value) {
        return java.util.Objects.requireNonNull(value);
    }
}
