package io.cvaespark.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.job.ModelConfig;
import io.cvaespark.settings.Check;
import io.cvaespark.settings.Key;
import io.cvaespark.train.OptimizerConfig;
import io.cvaespark.train.TrainingConfig;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.junit.jupiter.api.Test;

/** Params follow from the keys: names, defaults, ranges. */
class CvaeParamsTest {
    /** Those of 0.1.0, by which programs call them and saved estimators keep them. */
    private static final List<String> NAMES = List.of(
            "activation",
            "augment",
            "batchSize",
            "beta",
            "betaSchedule",
            "blas",
            "checkpointDir",
            "checkpointEvery",
            "checkpointInterval",
            "columns",
            "conditionCols",
            "elboCol",
            "exchange",
            "freeBits",
            "hidden",
            "hiddenLayers",
            "importanceSamples",
            "latentCol",
            "latentDim",
            "latentDrawCol",
            "latentStdCol",
            "likelihood",
            "logLikelihoodCol",
            "maxIter",
            "modelOptions",
            "numShards",
            "optimizer",
            "patience",
            "predictionCol",
            "predictionSamples",
            "probabilityCol",
            "reconstructionCol",
            "reconstructionLossCol",
            "roundSteps",
            "seed",
            "stepSize",
            "targetCols",
            "validationFraction",
            "validationIndicatorCol",
            "variant",
            "weightCol");

    @Test
    void theParamsOfBeforeAreThereInTheOrderOfTheirNames() {
        Cvae cvae = new Cvae();
        List<String> names = Arrays.stream(cvae.params()).map(Param::name).toList();
        assertTrue(names.containsAll(NAMES), names::toString);
        assertEquals(List.copyOf(new TreeSet<>(names)), names);
        assertTrue(cvae.explainParams().contains("maxIter: "), cvae::explainParams);
    }

    /** A method that gives a param gives the one that is listed under its name. */
    @Test
    void methodsAndListAgree() throws ReflectiveOperationException {
        Cvae cvae = new Cvae();
        Set<String> found = new TreeSet<>();
        for (var method : Cvae.class.getMethods()) {
            if (Param.class.isAssignableFrom(method.getReturnType()) && method.getParameterCount() == 0) {
                Param<?> param = (Param<?>) method.invoke(cvae);
                assertEquals(method.getName(), param.name());
                assertTrue(param == cvae.getParam(param.name()));
                found.add(param.name());
            }
        }
        assertTrue(found.containsAll(NAMES), found::toString);
    }

    @Test
    void everyTrainingKeyHasAParamAndTheDefaultsAreThoseOfTheJobFile() {
        Cvae cvae = new Cvae().setTargetCols(new String[] {"x"});
        for (Key<?> key : TrainingConfig.KEYS.all()) {
            assertTrue(cvae.hasParam(key.param()), key.path());
        }
        assertEquals(TrainingConfig.DEFAULT, new CvaeSettings(cvae).training());
        assertEquals(ModelConfig.DEFAULT, new CvaeSettings(cvae).model());
        assertArrayEquals(new int[] {512, 512}, cvae.getOrDefault(cvae.hiddenLayers()));
    }

    @Test
    void aKeyIsSetWithoutASetterOfItsOwn() {
        Cvae cvae = new Cvae().set(TrainingConfig.ROUND_STEPS, 12).set(TrainingConfig.SHARDS, 4);
        assertEquals(12, cvae.getOrDefault(cvae.roundSteps()));
        assertEquals(4, new CvaeSettings(cvae).training().shards());
        cvae.set(TrainingConfig.ROUND_STEPS, null);
        assertEquals(0, cvae.getOrDefault(cvae.roundSteps()));
    }

    @Test
    void rangesAreThoseOfTheKeysAndZeroIsNone() {
        Cvae cvae = new Cvae();
        for (IntParam param : List.of(cvae.maxIter(), cvae.batchSize(), cvae.latentDim(), cvae.checkpointInterval())) {
            assertThrows(IllegalArgumentException.class, () -> cvae.set(param, 0), param.name());
            cvae.set(param, 1);
        }
        for (IntParam param : List.of(cvae.patience(), cvae.roundSteps(), cvae.numShards())) {
            assertThrows(IllegalArgumentException.class, () -> cvae.set(param, -1), param.name());
            cvae.set(param, 0);
        }
        assertThrows(IllegalArgumentException.class, () -> cvae.setStepSize(0));
        assertThrows(IllegalArgumentException.class, () -> cvae.setBeta(-0.5));
        assertThrows(IllegalArgumentException.class, () -> cvae.setFreeBits(-1));
        assertThrows(IllegalArgumentException.class, () -> cvae.setValidationFraction(1));
    }

    @Test
    void aKeyWhoseNoneWouldBeTakenForZeroIsRefused() {
        Key<Integer> key = Key.integer("pause", null, Check.atLeast(0), "Seconds");
        ExpectedError.of(IllegalArgumentException.class, () -> new KeyParam<>(new Cvae(), key), "pause", "default");
    }

    @Test
    void jsonThatIsWrongNamesTheParamAndTheKey() {
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> new CvaeSettings(new Cvae().setOptimizer("{\"learningrate\": 1}")).training(),
                "Param optimizer",
                "did you mean 'learningRate'");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> new CvaeSettings(new Cvae().setModelOptions("{\"alhpa\": 1}")).model(),
                "alhpa",
                "alpha");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> new CvaeSettings(new Cvae().setColumns("{\"targets\": ")).targets(),
                "Param columns");
    }

    @Test
    void theStepSizeReplacesTheOptimizersOwn() {
        Cvae cvae = new Cvae()
                .setOptimizer("{\"type\": \"sgd\", \"learningRate\": 3}")
                .setStepSize(0.5);
        OptimizerConfig optimizer = new CvaeSettings(cvae).training().optimizer();
        assertEquals(OptimizerConfig.Type.SGD, optimizer.get(OptimizerConfig.TYPE));
        assertEquals(0.5, optimizer.get(OptimizerConfig.LEARNING_RATE));
    }

    /** 0.1.0 saved a whole job with the defaults of its time. */
    @Test
    void columnsAsTheFirstVersionSavedThem() {
        Cvae cvae = new Cvae().setColumns("""
                {"targets": [{"column": "a", "type": "binary"}], "conditions": [{"column": "b"}],
                 "model": {"variant": "cvae-2", "latent": 32, "hidden": [512, 512], "activation": "relu"},
                 "training": {"epochs": 20, "batch": 512, "shards": "auto"}}""");
        assertEquals("a", new CvaeSettings(cvae).targets().get(0).column());
        assertEquals("b", new CvaeSettings(cvae).conditions().get(0).column());
    }
}
