package io.cvaespark.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.job.Job;
import io.cvaespark.job.JobReader;
import io.cvaespark.nn.LayerSpec;
import io.cvaespark.spark.inference.Evaluation;
import io.cvaespark.spark.inference.Sampler;
import io.cvaespark.train.HistoryRow;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The Spark ML classes on a small mixed table: bits, columns, tuning, persistence. */
class CvaeTest {
    private static final Dataset<Row> TABLE = TestTables.mixed(300).cache();

    @Test
    void theSameBitsForAnyPartitioningAndAnyNumberOfWorkers() {
        String hash = TestTables.mixedCvae().fit(TABLE).summary().parametersSha256();
        for (int partitions : new int[] {1, 3, 7}) {
            assertEquals(
                    hash,
                    TestTables.mixedCvae()
                            .fit(TestTables.shuffled(TABLE, partitions))
                            .summary()
                            .parametersSha256(),
                    partitions + " partitions");
        }
        assertNotEquals(
                hash, TestTables.mixedCvae().setSeed(6).fit(TABLE).summary().parametersSha256());
    }

    /** Shifts, the draws of pixels and the noise are the row's own. */
    @Test
    void augmentedRowsKeepTheBitsToo() {
        Set<String> hashes = new HashSet<>();
        for (String augment : List.of("", "{\"noise\": 0.1}", "{\"shift\": 1, \"noise\": 0.1}")) {
            hashes.add(pixels(augment).fit(TABLE).summary().parametersSha256());
        }
        assertEquals(3, hashes.size());
        hashes.add(pixels("{\"shift\": 1, \"noise\": 0.1}")
                .fit(TestTables.shuffled(TABLE, 3))
                .summary()
                .parametersSha256());
        assertEquals(3, hashes.size());
    }

    private static Cvae pixels(String augment) {
        return TestTables.mixedCvae()
                .setColumns("""
                        {"targets": [{"column": "pixels", "likelihood": "bernoulli", "binarize": "dynamic"}],
                         "conditions": ["kind"]}""")
                .setModelOptions("{\"image\": [1, 3, 3]}")
                .setAugment(augment);
    }

    @Test
    void duplicatesAndWeightsAndValidationKeepTheBitsToo() {
        Dataset<Row> doubled = TABLE.union(TABLE).union(TABLE.limit(17));
        String first = weighted(doubled);
        assertEquals(first, weighted(TestTables.shuffled(doubled, 5)));
        assertNotEquals(first, weighted(doubled.withColumn("weight", functions.lit(1.0))));
    }

    private static String weighted(Dataset<Row> table) {
        return TestTables.mixedCvae()
                .setWeightCol("weight")
                .setValidationFraction(0.2)
                .fit(table)
                .summary()
                .parametersSha256();
    }

    @Test
    void trainingImprovesTheElboAndTheModelLearnsTheConditions() {
        CvaeModel model =
                TestTables.mixedCvae().setMaxIter(60).setStepSize(0.01).fit(TABLE);
        List<HistoryRow> history = model.summary().rows();
        assertTrue(history.get(history.size() - 1).elbo() > history.get(0).elbo() + 5, () -> history.toString());
        List<Row> means = model.sample(TABLE.select("id", "kind", "ratio"), 3)
                .groupBy("kind")
                .agg(functions.avg("price"), functions.avg("size"))
                .orderBy("kind")
                .collectAsList();
        for (int kind = 0; kind < 3; kind++) {
            assertEquals(100.0 * kind, means.get(kind).getDouble(1), 30.0, means::toString);
            assertEquals(10.0 * kind + 2, means.get(kind).getDouble(2), 4.0, means::toString);
        }
    }

    @Test
    void samplesLieInTheRangeOfTheirColumn() {
        Row ends = TABLE.selectExpr("min(price)", "max(price)").head();
        double low = ends.getDouble(0);
        double high = ends.getDouble(1);
        CvaeModel model = TestTables.mixedCvae()
                .setColumns("""
                        {"targets": [{"column": "price", "range": [%s, %s]}], "conditions": ["kind"]}""".formatted(low, high))
                .setMaxIter(1)
                .fit(TABLE);
        Row sampled =
                model.sample(TABLE, 1).selectExpr("min(price)", "max(price)").head();
        // Of so little trained a model some lie beyond, and are cut.
        assertEquals(low, sampled.getDouble(0));
        assertEquals(high, sampled.getDouble(1));
    }

    @Test
    void samplesHaveTheColumnsOwnTypesAndKeepTheGivenColumns() {
        CvaeModel model = TestTables.mixedCvae().fit(TABLE);
        Dataset<Row> sampled = model.sample(TABLE.select("id", "kind", "ratio", "weight"), 1);
        assertEquals(TABLE.count(), sampled.count());
        for (String column : List.of("id", "weight", "kind", "size", "price", "flag", "grade", "features")) {
            assertEquals(
                    TABLE.schema().apply(column).dataType(),
                    sampled.schema().apply(column).dataType(),
                    column);
        }
        assertEquals("array<float>", sampled.schema().apply("pixels").dataType().simpleString());
        assertTrue(sampled.select("grade").distinct().count() <= 4);
        Row first = sampled.orderBy("id").first();
        assertEquals(9, first.getList(first.fieldIndex("pixels")).size());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3, 7})
    void whatIsAddedToARowDoesNotDependOnThePartitioning(int partitions) {
        CvaeModel model = TestTables.mixedCvae()
                .fit(TABLE)
                .setLatentCol("z")
                .setReconstructionCol("again")
                .setLogLikelihoodCol("logp")
                .setPredictionCol("guess")
                .setImportanceSamples(5);
        String[] added = {"id", "z", "again", "elbo", "logp", "guess"};
        List<Row> expected = rows(model.transform(TABLE), added);
        assertEquals(expected, rows(model.transform(TestTables.shuffled(TABLE, partitions)), added));
        Evaluation evaluation = model.evaluate(TABLE, 5, model.getSeed());
        assertEquals(evaluation, model.evaluate(TestTables.shuffled(TABLE, partitions), 5, model.getSeed()));
        double elbo = model.transform(TABLE).agg(functions.avg("elbo")).head().getDouble(0);
        assertEquals(elbo, evaluation.elbo(), 1e-9 * Math.abs(elbo));
        // In expectation the estimate lies above the ELBO; the noise of 300 rows is far below this.
        assertEquals(elbo, java.util.Objects.requireNonNull(evaluation.logLikelihood()), 2.0);
    }

    private static List<Row> rows(Dataset<Row> table, String[] columns) {
        return table.select(Arrays.stream(columns).map(functions::col).toArray(org.apache.spark.sql.Column[]::new))
                .orderBy("id")
                .collectAsList();
    }

    @Test
    void aSavedModelIsTheSameModel(@TempDir Path directory) throws Exception {
        CvaeModel model = TestTables.mixedCvae().fit(TABLE);
        String path = directory.resolve("model").toString();
        model.setLatentCol("z").write().save(path);
        CvaeModel loaded = CvaeModel.load(path);
        assertArrayEquals(model.parameters(), loaded.parameters());
        assertEquals("z", loaded.getLatentCol());
        assertTrue(model.hasSummary() && !loaded.hasSummary());
        assertThrows(IllegalStateException.class, loaded::summary);
        assertEquals(
                model.sample(TABLE, 9).collectAsList(), loaded.sample(TABLE, 9).collectAsList());
        Sampler one = model.sampler(4, false);
        Sampler other = loaded.sampler(4, false);
        java.util.Map<String, String> where = java.util.Map.of("kind", "bee");
        List<Row> rows = one.sample(SparkTests.session(), 50, where, 1).collectAsList();
        assertEquals(rows, other.sample(SparkTests.session(), 50, where, 7).collectAsList());
        assertTrue(rows.stream().allMatch(r -> r.getString(0).equals("bee")));
    }

    @Test
    void anEstimatorIsSavedWithItsParams(@TempDir Path directory) throws Exception {
        Cvae cvae = TestTables.mixedCvae().setBeta(2.5).setPatience(4);
        String path = directory.resolve("cvae").toString();
        cvae.write().save(path);
        Cvae loaded = Cvae.load(path);
        for (Param<?> param : cvae.params()) {
            assertEquals(cvae.isSet(param), loaded.isSet(loaded.getParam(param.name())), param.name());
        }
        CvaeSettings before = new CvaeSettings(cvae);
        CvaeSettings after = new CvaeSettings(loaded);
        assertEquals(before.targets(), after.targets());
        assertEquals(before.model(), after.model());
        assertEquals(before.training(), after.training());
    }

    /** Made by 0.1.0 from the job that is written here. */
    @Test
    void anEstimatorOfTheFirstVersionSaysTheSame() {
        Job job = JobReader.read("""
                        targets: [{column: a, type: binary}]
                        conditions: [b]
                        model: {variant: cvae-3, alpha: 0.25, latent: 4, hidden: {encoder: [3, 4], decoder: [5]}, activation: tanh}
                        training: {epochs: 3, beta: {warmup: 0.2, to: 2.0}, checkpointEvery: {minutes: 5}, shards: 2, patience: 4, exchange: driver, optimizer: {type: sgd, learningRate: 0.3, clipNorm: 2}}
                        """, "job", List.of());
        SparkTests.session();
        Cvae cvae =
                Cvae.load(Path.of("src/test/resources/estimator-0.1.0").toUri().toString());
        CvaeSettings settings = new CvaeSettings(cvae);
        assertEquals(job.targets(), settings.targets());
        assertEquals(job.conditions(), settings.conditions());
        assertEquals(job.model(), settings.model());
        assertEquals(job.training(), settings.training());
        assertEquals("z", cvae.getLatentCol());
        assertEquals("checkpoints", cvae.getOrDefault(cvae.checkpointDir()));
    }

    @Test
    void aJobBecomesParamsThatSayTheSameAndCanBeTuned() {
        for (String training : List.of(
                "{epochs: 3, beta: 0.5, checkpointEvery: {epochs: 2}, patience: 4, augment: {shift: 2, noise: 0.5}}",
                "{beta: {warmup: 0.2, to: 2.0}, checkpointEvery: {minutes: 5}, optimizer: {type: sgd, learningRate: 0.3}}")) {
            Job job = JobReader.read(
                    "{targets: [{column: a, type: binary}], conditions: [b], model: {hidden: [3, 4]}, training: "
                            + training + "}",
                    "job",
                    List.of());
            CvaeSettings settings = new CvaeSettings(Cvae.fromJob(job));
            assertEquals(job.targets(), settings.targets());
            assertEquals(job.conditions(), settings.conditions());
            assertEquals(job.model(), settings.model());
            assertEquals(job.training(), settings.training());
        }
        Cvae tuned = Cvae.fromJob(JobReader.read("{training: {beta: 0.5}, model: {hidden: [3]}}", "job", List.of()))
                .setBeta(0.7)
                .setHiddenLayers(new int[] {5, 6})
                .setCheckpointInterval(9);
        assertEquals(0.7, new CvaeSettings(tuned).training().beta().constant());
        assertEquals(
                LayerSpec.dense(List.of(5, 6)),
                new CvaeSettings(tuned).model().hidden().decoder());
        assertEquals(9, new CvaeSettings(tuned).training().checkpointEvery().epochs());
    }

    @Test
    void crossValidationChoosesBetweenParams() {
        Cvae cvae = new Cvae()
                .setTargetCols(new String[] {"price"})
                .setConditionCols(new String[] {"kind"})
                .setLatentDim(2)
                .setHiddenLayers(new int[] {8})
                .setBatchSize(64)
                .setMaxIter(8);
        ParamMap[] grid = new ParamGridBuilder()
                .addGrid(cvae.stepSize(), new double[] {1e-6, 0.02})
                .build();
        CrossValidatorModel best = new CrossValidator()
                .setEstimator(cvae)
                .setEvaluator(new CvaeEvaluator())
                .setEstimatorParamMaps(grid)
                .setNumFolds(2)
                .fit(TABLE);
        assertTrue(best.avgMetrics()[1] > best.avgMetrics()[0]);
    }

    @Test
    void earlyStoppingKeepsTheBestEpoch() {
        CvaeModel model = TestTables.mixedCvae()
                .setValidationFraction(0.3)
                .setPatience(2)
                .setStepSize(0.05)
                .setMaxIter(200)
                .fit(TABLE);
        CvaeTrainingSummary summary = model.summary();
        assertTrue(summary.epochs() < 200, "stopped after " + summary.epochs());
        assertEquals(summary.epochs() - 2, summary.bestEpoch());
        double best = summary.rows().stream()
                .filter(r -> r.split().equals(HistoryRow.VALIDATION))
                .mapToDouble(HistoryRow::loss)
                .min()
                .orElseThrow();
        assertEquals(
                best,
                java.util.Objects.requireNonNull(summary.best(HistoryRow.VALIDATION))
                        .loss());
    }

    @Test
    void resumingGivesTheBitsOfTheUndisturbedRunAndRefusesChanges(@TempDir Path directory) {
        String undisturbed =
                checkpointed(directory.resolve("a"), 6).fit(TABLE).summary().parametersSha256();
        String checkpoints = directory.resolve("b").toString();
        Cvae stopped = checkpointed(directory.resolve("b"), 6);
        stopped.setListener(new io.cvaespark.train.TrainingListener() {
            @Override
            public void onStep(
                    io.cvaespark.train.TrainingPlan plan,
                    io.cvaespark.train.TrainingState state,
                    io.cvaespark.train.Exchange.StepResult result) {
                if (result.step() == 10) {
                    throw new IllegalStateException("pulled the plug");
                }
            }
        });
        assertThrows(IllegalStateException.class, () -> stopped.fit(TABLE));
        assertEquals(
                undisturbed,
                checkpointed(directory.resolve("b"), 6)
                        .fit(TestTables.shuffled(TABLE, 3))
                        .summary()
                        .parametersSha256());
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> checkpointed(directory.resolve("b"), 7).fit(TABLE),
                "training.epochs",
                "then 6",
                "now 7",
                checkpoints);
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> checkpointed(directory.resolve("b"), 6)
                        .setAugment("{\"noise\": 0.5}")
                        .fit(TABLE),
                "training.augment (then null, now {\"noise\":0.5})");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> checkpointed(directory.resolve("b"), 6).fit(TABLE.limit(299)),
                "data has changed");
    }

    @Test
    void javaBlasTrainsWhereItIsAskedFor() {
        Cvae cvae = TestTables.mixedCvae().setMaxIter(1);
        float[] expected = cvae.fit(TABLE).parameters();
        CvaeModel model = cvae.setBlas("java").fit(TABLE);
        assertArrayEquals(expected, model.parameters(), 1e-4f);
        assertEquals(
                TABLE.count(),
                model.transform(TABLE)
                        .where("not isnan(elbo) and abs(elbo) < 1e6")
                        .count());
    }

    private static Cvae checkpointed(Path directory, int epochs) {
        return TestTables.mixedCvae()
                .setMaxIter(epochs)
                .setValidationFraction(0.1)
                .setCheckpointDir(directory.toString())
                .setCheckpointEvery("{\"steps\": 4}");
    }
}
