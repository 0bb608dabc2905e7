package io.cvaespark.spark.inference;

import io.cvaespark.data.ColumnKind;
import io.cvaespark.data.Field;
import io.cvaespark.data.HandleInvalid;
import io.cvaespark.data.TableSchema;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.model.RowInference;
import io.cvaespark.model.RowLosses;
import io.cvaespark.spark.table.Cells;
import io.cvaespark.spark.table.DecodedCells;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The body of a {@link RowTransform} task: rows in, rows with the added cells out, a block at a time.
 *
 * <p>A row has its {@code original} columns, the hash that keys its noise, and the cells of the targets and the conditions, where
 * they are there.
 *
 * @param hasTargets whether the cells of the targets are there
 * @param hasConditions whether those of the conditions are
 */
public record TransformTask(
        Broadcast<TrainedModel.Shipped> model,
        List<RowOutput> added,
        boolean hasTargets,
        boolean hasConditions,
        int original,
        Settings settings)
        implements MapPartitionsFunction<Row, Row> {
    private static final Logger LOG = LoggerFactory.getLogger(TransformTask.class);

    /**
     * How the columns are computed.
     *
     * @param importanceSamples draws of z for the log-likelihood
     * @param predictionSamples draws of z for predictions; 0: the prior's mean
     * @param seed of the noise
     * @param handleInvalid what becomes of a row with a cell that its column cannot hold
     */
    public record Settings(int importanceSamples, int predictionSamples, long seed, HandleInvalid handleInvalid)
            implements Serializable {
        /** Invalid rows are an error. */
        public Settings(int importanceSamples, int predictionSamples, long seed) {
            this(importanceSamples, predictionSamples, seed, HandleInvalid.ERROR);
        }

        Settings with(HandleInvalid other) {
            return new Settings(importanceSamples, predictionSamples, seed, other);
        }
    }

    /** The rows of one partition of which nothing could be computed. */
    private static final class InvalidRows {
        private long count;
        private @Nullable String example;

        void add(ColumnKind.InvalidCellException reason) {
            count++;
            example = example == null ? reason.getMessage() : example;
        }

        /** Says how many there were, once. */
        void log() {
            if (count > 0) {
                LOG.warn("{} invalid rows in this partition; of the first one: {}", count, example);
            }
            count = 0;
        }
    }

    private Row withNulls(Row row) {
        @Nullable Object[] cells = new Object[original + added.size()];
        for (int j = 0; j < original; j++) {
            cells[j] = row.get(j);
        }
        return RowFactory.create(cells);
    }

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
        TrainedModel.Shipped shipped = model.value();
        TableSchema schema = shipped.stored().schema();
        RowInference inference = shipped.inference(settings.seed());
        Cells targets = Cells.ofTargets(hasTargets ? schema.targets() : List.of(), original + 1);
        int firstCondition = original + 1 + (hasTargets ? schema.targets().size() : 0);
        // Without the conditions' columns, which m2 alone allows, their floats stay 0: an unknown class.
        boolean mayBeUnknown = shipped.stored().architecture().variant().hasClassifier();
        Cells conditions =
                Cells.ofConditions(hasConditions ? schema.conditions() : List.of(), firstCondition, mayBeUnknown);
        float[] values = new float[schema.rowWidth()];
        InvalidRows invalid = new InvalidRows();
        return new BlockIterator(rows, inference) {
            @Override
            boolean add(Row row) {
                Cells.External source = new Cells.External(row);
                try {
                    targets.encode(source, values, 0);
                    conditions.encode(source, values, schema.targetWidth());
                } catch (ColumnKind.InvalidCellException e) {
                    if (settings.handleInvalid() == HandleInvalid.ERROR) {
                        throw e;
                    }
                    invalid.add(e);
                    return false;
                }
                inference.add(values, 0, 1f, row.getLong(original));
                return true;
            }

            @Override
            @Nullable
            Row invalid(Row row) {
                return settings.handleInvalid() == HandleInvalid.KEEP ? withNulls(row) : null;
            }

            @Override
            public boolean hasNext() {
                boolean more = super.hasNext();
                if (!more) {
                    invalid.log();
                }
                return more;
            }

            @Override
            List<Row> results(List<Row> block) {
                return extended(block, inference, schema);
            }
        };
    }

    private List<Row> extended(List<Row> block, RowInference inference, TableSchema schema) {
        Object[][] out = new Object[block.size()][];
        for (int r = 0; r < out.length; r++) {
            out[r] = new Object[original + added.size()];
            for (int j = 0; j < original; j++) {
                out[r][j] = block.get(r).get(j);
            }
        }
        for (int a = 0; a < added.size(); a++) {
            RowOutput output = added.get(a);
            @Nullable Object[] column = compute(output, out.length, inference, schema, settings);
            for (int r = 0; r < out.length; r++) {
                out[r][original + a] = column[r];
            }
        }
        return Arrays.stream(out).map(RowFactory::create).toList();
    }

    /** The cells of one added column; what several columns need is computed once by {@code inference}. */
    static Object[] compute(RowOutput output, int rows, RowInference inference, TableSchema schema, Settings settings) {
        return switch (output) {
            case LATENT -> vectors(inference.latentMean(), rows);
            case LATENT_STD -> vectors(inference.latentStd(), rows);
            case LATENT_DRAW -> vectors(inference.latentDraw(), rows);
            case KL_PER_DIMENSION -> vectors(inference.klPerDimension(), rows);
            case PRIOR_MEAN -> vectors(inference.priorMean(), rows);
            case PRIOR_STD -> vectors(inference.priorStd(), rows);
            case RECONSTRUCTION -> decoded(inference.reconstruction(), schema, rows);
            case PREDICTION -> predicted(inference, schema, rows, settings);
            case PROBABILITY -> vectors(inference.classProbabilities(settings.predictionSamples()), rows);
            case ELBO, RECONSTRUCTION_LOSS -> {
                RowLosses losses = inference.losses();
                Object[] column = new Object[rows];
                for (int r = 0; r < rows; r++) {
                    double reconstruction = losses.reconstruction()[r];
                    column[r] = output == RowOutput.ELBO ? -reconstruction - losses.kl()[r] : reconstruction;
                }
                yield column;
            }
            case LOG_LIKELIHOOD ->
                Arrays.stream(inference.logLikelihood(settings.importanceSamples()))
                        .boxed()
                        .limit(rows)
                        .toArray();
        };
    }

    private static Object[] predicted(RowInference inference, TableSchema schema, int rows, Settings settings) {
        Field field = TrainedModel.classField(inference.network().variant(), schema);
        if (field == null) {
            return decoded(inference.prediction(settings.predictionSamples()), schema, rows);
        }
        Matrix probabilities = inference.classProbabilities(settings.predictionSamples());
        // Probabilities decode as one-hot floats do: to the level of the largest.
        ColumnKind.CellDecoder levels = field.type().kind().decoder(field);
        Object[] column = new Object[rows];
        for (int r = 0; r < rows; r++) {
            column[r] = levels.decode(probabilities.data(), probabilities.row(r));
        }
        return column;
    }

    private static Object[] decoded(Matrix x, TableSchema schema, int rows) {
        DecodedCells decoded = new DecodedCells(schema.targets());
        Object[] column = new Object[rows];
        for (int r = 0; r < rows; r++) {
            column[r] = decoded.row(x.data(), x.row(r));
        }
        return column;
    }

    private static Object[] vectors(Matrix values, int rows) {
        List<Vector> column = new ArrayList<>(rows);
        for (int r = 0; r < rows; r++) {
            double[] row = new double[values.cols()];
            for (int j = 0; j < row.length; j++) {
                row[j] = values.get(r, j);
            }
            column.add(Vectors.dense(row));
        }
        return column.toArray();
    }
}
