package io.cvaespark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cvaespark.ExpectedError;
import io.cvaespark.optim.Adam;
import io.cvaespark.optim.Schedule;
import io.cvaespark.optim.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keys out of bounds are refused by their full name, with what was found. */
class TrainingConfigTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static TrainingConfig training(String json) throws Exception {
        return JSON.readValue(json.replace('\'', '"'), TrainingConfig.class);
    }

    private static OptimizerConfig optimizer(String json) throws Exception {
        return training("{'optimizer': " + json + "}").optimizer();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'epochs': 0}                          | training.epochs | 0",
                "{'batch': -3}                          | training.batch | -3",
                "{'patience': 0}                        | training.patience | 0",
                "{'freeBits': -0.5}                     | training.freeBits | -0.5",
                "{'freeBits': 'NaN'}                    | training.freeBits | NaN",
                "{'augment': {}}                        | training.augment | shift, noise or both",
                "{'augment': {'shift': 0}}              | training.augment.shift | 0",
                "{'augment': {'shift': -1}}             | training.augment.shift | -1",
                "{'augment': {'shift': 1.5}}            | training.augment.shift | 1.5",
                "{'augment': {'shift': 3000000000}}     | training.augment.shift | 3000000000",
                "{'augment': {'noise': 0}}              | training.augment.noise | 0",
                "{'augment': {'noise': -0.1}}           | training.augment.noise | -0.1",
                "{'augment': {'noise': 'NaN'}}          | training.augment.noise | NaN",
                "{'augment': {'noise': 1e39}}           | training.augment.noise | 1.0E39",
                "{'augment': {'shift': 1, 'noise': 'Infinity'}} | training.augment.noise | Infinity",
                "{'augment': {'shfit': 1}}              | shfit | shift",
                "{'shards': 6}                          | training.shards | 6",
                "{'shards': 0}                          | auto | 0",
                "{'shards': 'many'}                     | auto | many",
                "{'exchange': 'carrier-pigeon'}         | training.exchange | carrier-pigeon",
                "{'blas': 'mkl'}                        | training.blas | mkl",
                "{'checkpointEvery': {'epochs': 1, 'steps': 5}} | training.checkpointEvery | 2",
                "{'checkpointEvery': {}}                | training.checkpointEvery | 0",
                "{'checkpointEvery': {'steps': 0}}      | training.checkpointEvery | above 0",
                "{'checkpointEvery': {'minutes': 0}}    | training.checkpointEvery | above 0",
                "{'beta': -1}                           | training.beta | -1",
                "{'beta': {'to': 1}}                    | training.beta | warmup",
                "{'beta': {'warmup': 0.1, 'cycles': 4}} | training.beta | cycles",
                "{'beta': {'warmup': 1.5}}              | training.beta | 1.5",
                "{'beta': {'warmup': 0.5, 'to': -2}}    | training.beta | -2",
                "{'beta': {'cycles': 0}}                | training.beta | 0",
                "{'beta': {'cycles': 4, 'rise': 0}}     | training.beta | 0",
                "{'optimizer': {'type': 'lbfgs'}}       | training.optimizer.type | lbfgs",
                "{'optimizer': {'learningRate': 0}}     | training.optimizer.learningRate | 0",
                "{'optimizer': {'learningRate': 'Infinity'}} | training.optimizer.learningRate | Infinity",
                "{'optimizer': {'clipNorm': 0}}         | training.optimizer.clipNorm | 0",
                "{'optimizer': {'warmup': 1}}           | training.optimizer.warmup | 1",
                "{'optimizer': {'schedule': 'linear'}}  | training.optimizer.schedule | linear",
                "{'optimizer': {'minimum': -1}}         | training.optimizer.minimum | -1",
                "{'optimizer': {'factor': 0}}           | training.optimizer.factor | 0",
                "{'optimizer': {'every': 2}}            | training.optimizer.every | 2",
                "{'optimizer': {'weightDecay': -0.1}}   | training.optimizer.weightDecay | -0.1",
                "{'optimizer': {'beta1': 1}}            | training.optimizer.beta1 | 1",
                "{'optimizer': {'beta2': -0.1}}         | training.optimizer.beta2 | -0.1",
                "{'optimizer': {'epsilon': 0}}          | training.optimizer.epsilon | 0",
                "{'optimizer': {'momentum': 1}}         | training.optimizer.momentum | 1"
            })
    void whatIsOutOfBoundsIsNamed(String json, String key, String found) {
        ExpectedError.of(JsonMappingException.class, () -> training(json), key, found);
    }

    @Test
    void defaultsAreThoseOfTheContract() throws Exception {
        TrainingConfig config = training("{}");
        assertEquals(TrainingConfig.DEFAULT, config);
        assertEquals(20, config.epochs());
        assertEquals(512, config.batch());
        assertEquals(new Schedule.Constant(1), config.beta().toSchedule());
        assertEquals(new Schedule.Constant(0.001), config.optimizer().toSchedule());
        assertEquals(new Adam(), config.optimizer().toOptimizer());
        assertNull(config.patience());
        assertNull(config.augment());
        assertNull(config.shards());
        assertEquals(1, config.checkpointEvery().epochs());
    }

    @Test
    void optimisersAndSchedulesAreThoseNamed() throws Exception {
        assertEquals(
                new Sgd(0.5, 0.01),
                optimizer("{'type': 'sgd', 'momentum': 0.5, 'weightDecay': 0.01}")
                        .toOptimizer());
        assertEquals(
                new Adam(0.8, 0.9, 1e-6, 0),
                optimizer("{'beta1': 0.8, 'beta2': 0.9, 'epsilon': 1e-6}").toOptimizer());
        assertEquals(
                new Schedule.Warmup(0.1, new Schedule.Cosine(0.01, 0.002)),
                optimizer("{'learningRate': 0.01, 'schedule': 'cosine', 'minimum': 0.002, 'warmup': 0.1}")
                        .toSchedule());
        assertEquals(
                new Schedule.Steps(0.001, 0.1, 0.3),
                optimizer("{'schedule': 'step', 'factor': 0.1, 'every': 0.3}").toSchedule());
        assertInstanceOf(
                Schedule.Cyclic.class,
                training("{'beta': {'cycles': 4}}").beta().toSchedule());
        assertEquals(
                new Schedule.Warmup(0.1, new Schedule.Constant(2)),
                training("{'beta': {'warmup': 0.1, 'to': 2.0}}").beta().toSchedule());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}",
                "{'epochs': 3, 'batch': 7, 'seed': 9, 'shards': 8, 'patience': 2, 'freeBits': 0.1, 'blas': 'java'}",
                "{'augment': {'shift': 2}}",
                "{'augment': {'noise': 0.1}, 'shards': 2}",
                "{'augment': {'shift': 2, 'noise': 0.1}, 'beta': 0.5}",
                "{'beta': {'warmup': 0.1, 'to': 4.0}}",
                "{'beta': {'cycles': 3, 'rise': 0.25, 'to': 2.0}}",
                "{'beta': 0.5, 'checkpointEvery': {'steps': 100}}",
                "{'optimizer': {'type': 'sgd', 'learningRate': 0.1, 'clipNorm': 10, 'schedule': 'cosine'}}"
            })
    void jsonComesBack(String json) throws Exception {
        TrainingConfig config = training(json);
        assertEquals(config, JSON.readValue(JSON.writeValueAsString(config), TrainingConfig.class));
    }

    @Test
    void settlingOneThingLeavesTheRest() throws Exception {
        TrainingConfig config =
                training("{'epochs': 3, 'patience': 2, 'augment': {'shift': 2}, 'optimizer': {'clipNorm': 5}}");
        assertEquals(
                training(
                        "{'epochs': 3, 'patience': 2, 'augment': {'shift': 2}, 'shards': 4, 'optimizer': {'clipNorm': 5}}"),
                config.with(TrainingConfig.SHARDS, 4));
        assertEquals(
                optimizer("{'clipNorm': 5, 'learningRate': 0.5}"),
                config.optimizer().with(OptimizerConfig.LEARNING_RATE, 0.5));
    }
}
