package io.cvaespark.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.data.ColumnSpec;
import io.cvaespark.nn.LayerSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobReaderTest {
    private static final String FULL = """
            input: {train: {path: a.csv, format: csv, options: {header: true}, where: x > 1}, validation: b.parquet, weight: w}
            targets: [image, {column: n, type: categorical, maxLevels: 5, missing: ignore}]
            conditions: [{column: v, likelihood: gaussian-fixed, variance: 0.5}]
            model: {variant: cvae-4, latent: 3, hidden: {encoder: [8], decoder: [9, 9], prior: [4]}, activation: silu}
            training:
              epochs: 2
              beta: {cycles: 3, rise: 0.4, to: 2.0}
              optimizer: {type: sgd, learningRate: 0.1, schedule: cosine, warmup: 0.1, clipNorm: 5}
              checkpointEvery: {minutes: 2}
              shards: auto
            output: runs/x
            """;

    private static Job read(String yaml, String... overrides) {
        return JobReader.read(yaml, "job.yaml", List.of(overrides));
    }

    @Test
    void everythingComesBackFromTheWrittenFile() {
        Job job = read(FULL);
        assertEquals(job, read(JobReader.write(job)));
        assertEquals(LayerSpec.dense(List.of(9, 9)), job.model().hidden().decoder());
        assertEquals(0.4, job.training().beta().rise());
        assertEquals("x > 1", job.requireInput().train().where());
        assertEquals(ColumnSpec.Missing.IGNORE, job.targets().get(1).missing());
    }

    @Test
    void anEmptyFileIsAllDefaultsAndWrittenWithThem() {
        String text = JobReader.write(read(""));
        for (String line : List.of("epochs: 20", "batch: 512", "learningRate: 0.001", "shards: auto", "latent: 32")) {
            assertTrue(text.contains(line), text);
        }
    }

    @Test
    void settingsReplaceKeysEvenInLists() {
        Job job = read(
                FULL,
                "training.epochs=9",
                "training.beta=0.5",
                "targets.1.maxLevels=7",
                "model.hidden=[3, 2]",
                "input.validation=0.25",
                "output=else where");
        assertEquals(9, job.training().epochs());
        assertEquals(0.5, job.training().beta().constant());
        assertEquals(7, job.targets().get(1).maxLevels());
        assertEquals(LayerSpec.dense(List.of(3, 2)), job.model().hidden().encoder());
        assertEquals("else where", job.requireOutput());
    }

    @ParameterizedTest
    @CsvSource({
        "'training: {epoch: 3}', training.epoch, did you mean 'epochs'",
        "'modle: {latent: 3}', modle, did you mean 'model'",
        "'targets: [{column: a, missing: drop}]', missing must be generate or ignore, found 'drop'",
        "'targets: [{column: a, liklihood: x}]', targets.0.liklihood, did you mean 'likelihood'",
        "'training: {optimizer: {learningrate: 1}}', training.optimizer.learningrate, did you mean 'learningRate'",
        "'training: {augment: {shfit: 2}}', training.augment.shfit, did you mean 'shift'",
        "'training: {epochs: many}', training.epochs, many",
        "'training: {shards: 3}', shards, power of two",
        "'training: {batch: 0}', training.batch, found 0",
        "'training: {exchange: ring}', training.exchange, found 'ring'",
        "'model: {variant: cave-2}', cave-2, cvae-2",
        "'model: {activation: gelu}', gelu, silu",
        "'model: {hidden: {encoder: [3]}}', model.hidden, decoder",
        "'input: {validation: 0.1}', train, input",
        "'input: {train: {format: csv}}', path, table",
        "'targets: [{type: binary}]', column, targets",
        "'training: {checkpointEvery: {steps: 1, epochs: 1}}', checkpointEvery, exactly one",
        "'training: [1', not valid YAML, 'line 1, column'",
        "'input: {train: a, validation: {path: b, formt: csv}}', input.validation.formt, format",
        "'training: {epochs: 1.5}', training.epochs, whole number",
        "'training: {shards: some}', training.shards, auto",
        "'targets: [{column: a, range: [3, 1]}]', range, '[3.0, 1.0]'",
        "'targets: [{column: a, range: 3}]', range, wrong kind",
        "'model: {hidden: [{dense: 3, reshape: [-1, -1, 3]}]}', reshape, '[channels, height, width]'",
        "'just text', not a job file, targets",
        "'targets: [{column: a, type: numeric}]', numeric, continuous"
    })
    void whatIsWrongIsNamed(String yaml, String key, String advice) {
        ExpectedError.of(IllegalArgumentException.class, () -> read(yaml), key, advice);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mnist", "strokes", "table"})
    void theJobFilesOfTheProjectAreValid(String name) throws IOException {
        Job job = read(Files.readString(Path.of("conf", name + ".yaml")));
        assertTrue(job.requireOutput().startsWith("runs/"));
    }

    /** A value of another type than documented is refused with key and value. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "training.epochs=''|training.epochs must be a whole number",
                "training.epochs=3.5|training.epochs must be a whole number",
                "training.batch=yes|training.batch must be a whole number",
                "training.freeBits=1e308|training.freeBits must be from 0 to 1000",
                "training.optimizer.epsilon=1e308|training.optimizer.epsilon must be above 0 and at most 1",
                "training.optimizer.beta2=0|training.optimizer.beta2 must lie between 0 and 1",
                "training.optimizer.learningRate='0.1'|training.optimizer.learningRate must be a number",
                "model.layerNorm=-5|model.layerNorm must be true or false, found -5",
                "model.dropout=0.9999999999|model.dropout must be from 0 to 0.99",
                "model.image=[null, 28, 28]|model.image.0 is empty",
                "targets=[null]|targets.0 is empty",
                "targets=[{column: x, variance: '2'}]|'targets.0.variance' has a value of the wrong kind",
                "targets=[{column: x, maxLevels: 2.5}]|'targets.0.maxLevels' has a value of the wrong kind",
                "input.train=null|has no train"
            })
    void aValueOfAnotherKindIsRefusedByKeyAndValue(String setting, String message) {
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> JobReader.read("input: {train: a}\ntargets: [x]", "job.yaml", List.of(setting)),
                message);
    }

    @Test
    void columnsHaveTheNamesThatAreWritten() {
        Job job = JobReader.read(
                "input: {train: a}\ntargets: [0, true, 1e3, {column: 2024-01-01}, null_, 007]",
                "job.yaml",
                List.of("conditions=[false, {column: 12.50, type: categorical}]"));
        assertEquals(
                List.of("0", "true", "1e3", "2024-01-01", "null_", "007"),
                job.targets().stream().map(ColumnSpec::column).toList());
        assertEquals(
                List.of("false", "12.50"),
                job.conditions().stream().map(ColumnSpec::column).toList());
    }
}
