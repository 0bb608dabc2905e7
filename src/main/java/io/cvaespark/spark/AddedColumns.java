package io.cvaespark.spark;

import com.fasterxml.jackson.databind.node.TextNode;
import io.cvaespark.data.HandleInvalid;
import io.cvaespark.job.InputConfig;
import io.cvaespark.spark.inference.RowOutput;
import io.cvaespark.spark.inference.RowTransform;
import io.cvaespark.spark.inference.TransformTask;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The {@link OutputColumns} of an estimator or a model as the transform of its rows takes them. */
final class AddedColumns {
    private AddedColumns() {}

    /** The columns whose names are not empty. */
    static List<RowTransform.Added> of(OutputColumns<?> columns) {
        return Stream.of(
                        new RowTransform.Added(RowOutput.LATENT, columns.getLatentCol()),
                        new RowTransform.Added(RowOutput.LATENT_STD, columns.getLatentStdCol()),
                        new RowTransform.Added(RowOutput.LATENT_DRAW, columns.getLatentDrawCol()),
                        new RowTransform.Added(RowOutput.RECONSTRUCTION, columns.getReconstructionCol()),
                        new RowTransform.Added(RowOutput.RECONSTRUCTION_LOSS, columns.getReconstructionLossCol()),
                        new RowTransform.Added(RowOutput.ELBO, columns.getElboCol()),
                        new RowTransform.Added(RowOutput.LOG_LIKELIHOOD, columns.getLogLikelihoodCol()),
                        new RowTransform.Added(RowOutput.PREDICTION, columns.getPredictionCol()),
                        new RowTransform.Added(RowOutput.PROBABILITY, columns.getProbabilityCol()))
                .filter(a -> !a.name().isEmpty())
                .toList();
    }

    /** How they are computed. */
    static TransformTask.Settings settings(OutputColumns<?> columns) {
        return new TransformTask.Settings(
                columns.getImportanceSamples(),
                columns.getPredictionSamples(),
                columns.getSeed(),
                handleInvalid(columns));
    }

    /** What becomes of rows of which nothing can be computed; throws for another word than error, skip and keep. */
    static HandleInvalid handleInvalid(OutputColumns<?> columns) {
        return Objects.requireNonNull(InputConfig.HANDLE_INVALID.read(TextNode.valueOf(columns.getHandleInvalid())));
    }
}
