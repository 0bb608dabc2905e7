package io.cvaespark.spark;

import static org.apache.spark.sql.functions.lit;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.spark.datasets.BuiltinData;
import java.nio.file.Path;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.classification.LogisticRegression;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.PCA;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Among Spark ML's stages and others of its own, saved with them; what few labels teach (M1 and M2, Kingma et al. 2014). */
class PipelineTest {
    /** 60 of 1,560 drawn digits have their label. */
    private static final Dataset<Row> FEW_LABELS = strokes(60, 1)
            .unionByName(strokes(1500, 2).withColumn("label", lit(null).cast("int")))
            .cache();

    private static final Dataset<Row> HELD_OUT = strokes(400, 3).cache();

    @TempDir
    private static Path directory = Path.of("");

    private static Dataset<Row> strokes(int rows, int seed) {
        return BuiltinData.strokes(SparkTests.session(), rows, seed, 12);
    }

    private static Cvae small(String columns) {
        return new Cvae()
                .setColumns(columns)
                .setLatentDim(8)
                .setHiddenLayers(new int[] {64})
                .setBatchSize(64)
                .setStepSize(0.005)
                .setMaxIter(20)
                .setSeed(1)
                .setNumShards(2)
                .setElboCol("");
    }

    private static Cvae vae() {
        return small("{\"targets\": [{\"column\": \"image\", \"likelihood\": \"bernoulli\"}]}")
                .setVariant("vae")
                .setLatentCol("z");
    }

    private static PipelineModel savedAndLoaded(PipelineModel fitted, String name) throws Exception {
        String path = directory.resolve(name).toString();
        fitted.write().save(path);
        return PipelineModel.load(path);
    }

    private static double accuracy(Dataset<Row> predicted) {
        return new MulticlassClassificationEvaluator()
                .setLabelCol("label")
                .setMetricName("accuracy")
                .evaluate(predicted);
    }

    @Test
    void anMllibStageMayComeFirst() throws Exception {
        Dataset<Row> table = TestTables.mixed(300).cache();
        // MLlib computes with its own BLAS first.
        PCA pca = new PCA().setInputCol("features").setOutputCol("scaled").setK(2);
        Cvae cvae = new Cvae()
                .setTargetCols(new String[] {"scaled"})
                .setVariant("vae")
                .setLatentDim(2)
                .setHiddenLayers(new int[] {8})
                .setMaxIter(2)
                .setLatentCol("z");
        StringIndexer indexer = new StringIndexer().setInputCol("kind").setOutputCol("label");
        LogisticRegression classifier =
                new LogisticRegression().setFeaturesCol("z").setMaxIter(5);
        PipelineModel fitted = new Pipeline()
                .setStages(new PipelineStage[] {pca, cvae, indexer, classifier})
                .fit(table);
        PipelineModel loaded = savedAndLoaded(fitted, "mllib");
        assertEquals(
                fitted.transform(table)
                        .select("id", "z", "prediction")
                        .orderBy("id")
                        .collectAsList(),
                loaded.transform(table)
                        .select("id", "z", "prediction")
                        .orderBy("id")
                        .collectAsList());
    }

    @Test
    void latentsAreFeaturesOfAClassifierThatSeesTheLabelledRowsAlone() throws Exception {
        // A model that is fitted already is a stage that learns no more: the VAE has seen every row.
        CvaeModel vae = vae().fit(FEW_LABELS);
        LogisticRegression classifier =
                new LogisticRegression().setFeaturesCol("z").setRegParam(0.01);
        PipelineModel fitted = new Pipeline()
                .setStages(new PipelineStage[] {vae, classifier})
                .fit(FEW_LABELS.where("label is not null"));
        PipelineModel m1 = savedAndLoaded(fitted, "m1");
        assertArrayEquals(vae.parameters(), ((CvaeModel) m1.stages()[0]).parameters());
        double accuracy = accuracy(m1.transform(HELD_OUT));
        assertTrue(accuracy > 0.5, "accuracy " + accuracy);
        assertEquals(accuracy, accuracy(fitted.transform(HELD_OUT)));
        // Rows without a label get their class too.
        assertEquals(
                FEW_LABELS.count(),
                m1.transform(FEW_LABELS).where("prediction >= 0").count());
    }

    @Test
    void m2LearnsTheClassFromTheLatentsOfAVae() throws Exception {
        String columns = """
                {"targets": ["z"], "conditions": [{"column": "label", "type": "categorical"}]}""";
        Cvae m2 = small(columns).setVariant("m2").setPredictionCol("prediction");
        PipelineModel fitted =
                new Pipeline().setStages(new PipelineStage[] {vae(), m2}).fit(FEW_LABELS);
        PipelineModel both = savedAndLoaded(fitted, "both");
        double accuracy = accuracy(both.transform(HELD_OUT));
        assertTrue(accuracy > 0.5, "accuracy " + accuracy);
        assertEquals(accuracy, accuracy(fitted.transform(HELD_OUT)));
    }
}
