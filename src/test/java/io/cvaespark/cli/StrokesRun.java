package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.spark.SparkTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A few hundred strokes, and a run trained on them by the commands. */
final class StrokesRun {
    private StrokesRun() {}

    /** Makes {@code strokes.parquet}, {@code job.yaml} and {@code run} in {@code directory}; returns the training's call. */
    static CliCall train(Path directory) throws IOException {
        SparkTests.session();
        Path strokes = directory.resolve("strokes.parquet");
        CliCall data = CliCall.cvae("data", "strokes", strokes.toString(), "--rows", "400", "--size", "10");
        assertEquals(0, data.status(), data.err());
        Path job = directory.resolve("job.yaml");
        Files.writeString(job, """
                input: {train: %s, validation: 0.2}
                targets:
                  - {column: image, likelihood: bernoulli, binarize: dynamic}
                conditions: [{column: label, type: categorical}, slant, thickness]
                model: {variant: cvae-1, latent: 3, hidden: [24]}
                training: {epochs: 3, batch: 64, seed: 1, shards: 2}
                output: %s
                """.formatted(strokes, directory.resolve("run")));
        CliCall training = CliCall.cvae("train", job.toString(), "--json");
        assertEquals(0, training.status(), training.err());
        return training;
    }
}
