package io.cvaespark.spark;

import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.xxhash64;

import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.model.RowLosses;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Adds what a model says of each row: latents, reconstructions, ELBO, log-likelihood, predictions. */
final class RowTransform {
    /** The columns that can be added, in the order in which they are. */
    enum Output {
        LATENT(true, false),
        RECONSTRUCTION(true, true),
        RECONSTRUCTION_LOSS(true, false),
        ELBO(true, false),
        LOG_LIKELIHOOD(true, false),
        PREDICTION(false, true);

        final boolean needsTargets;
        final boolean isRow;

        Output(boolean needsTargets, boolean isRow) {
            this.needsTargets = needsTargets;
            this.isRow = isRow;
        }
    }

    private record Added(Output output, String name) implements Serializable {}

    private final TrainedModel model;
    private final List<Added> added;
    private final int draws;
    private final long seed;

    RowTransform(TrainedModel model, OutputColumns columns) {
        this.model = model;
        this.added = added(columns);
        this.draws = columns.getImportanceSamples();
        this.seed = columns.getSeed();
    }

    private RowTransform(TrainedModel model, List<Added> added, int draws, long seed) {
        this.model = model;
        this.added = added;
        this.draws = draws;
        this.seed = seed;
    }

    /** Adds the given outputs under names of our own; see {@link #names}. */
    static RowTransform of(TrainedModel model, List<Output> outputs, int draws, long seed) {
        return new RowTransform(
                model,
                outputs.stream()
                        .map(o -> new Added(o, "__cvae_" + o.name().toLowerCase(java.util.Locale.ROOT)))
                        .toList(),
                draws,
                seed);
    }

    /** Names of the added columns. */
    List<String> names() {
        return added.stream().map(Added::name).toList();
    }

    private static List<Added> added(OutputColumns columns) {
        return Stream.of(
                        new Added(Output.LATENT, columns.getLatentCol()),
                        new Added(Output.RECONSTRUCTION, columns.getReconstructionCol()),
                        new Added(Output.RECONSTRUCTION_LOSS, columns.getReconstructionLossCol()),
                        new Added(Output.ELBO, columns.getElboCol()),
                        new Added(Output.LOG_LIKELIHOOD, columns.getLogLikelihoodCol()),
                        new Added(Output.PREDICTION, columns.getPredictionCol()))
                .filter(a -> !a.name().isEmpty())
                .toList();
    }

    /** The input's columns and those added; throws when one is there already. */
    static StructType outputSchema(List<String> targets, OutputColumns columns, StructType input) {
        return outputSchema(rowType(targets, input), added(columns), input);
    }

    /** The type of a row of the target columns that the table has. */
    private static StructType rowType(List<String> targets, StructType input) {
        StructType type = new StructType();
        for (String target : targets) {
            if (Arrays.asList(input.fieldNames()).contains(target)) {
                type = type.add(target, input.apply(target).dataType(), true);
            }
        }
        return type;
    }

    private static StructType outputSchema(StructType row, List<Added> added, StructType input) {
        StructType schema = input;
        for (Added a : added) {
            if (Arrays.asList(schema.fieldNames()).contains(a.name())) {
                throw new IllegalArgumentException(
                        "Column '%s' is there already; give the added column another name, or an empty one to leave it out"
                                .formatted(a.name()));
            }
            schema = schema.add(a.name(), type(row, a.output()), true);
        }
        return schema;
    }

    private static DataType type(StructType row, Output output) {
        if (output == Output.LATENT) {
            return SQLDataTypes.VectorType();
        }
        if (!output.isRow) {
            return DataTypes.DoubleType;
        }
        return row.length() == 1 ? row.fields()[0].dataType() : row;
    }

    Dataset<Row> apply(Dataset<Row> table) {
        outputSchema(new StructType(), added, table.schema());
        if (added.isEmpty()) {
            return table;
        }
        TableSchema schema = model.schema();
        boolean targets = added.stream().anyMatch(a -> a.output().needsTargets);
        List<Field> used = new ArrayList<>(targets ? schema.targets() : List.of());
        used.addAll(schema.conditions());
        int original = table.columns().length;

        List<Column> columns = new ArrayList<>(List.of(functions.col("*")));
        columns.add(xxhash64(used.stream()
                        .map(f -> Columns.trained(table, f, "model"))
                        .toArray(Column[]::new))
                .as(Columns.HASH));
        used.forEach(f -> columns.add(Columns.cell(table, f, "model").as("__cvae_cell_" + f.column())));
        Dataset<Row> cells = table.select(columns.toArray(Column[]::new));

        StructType raw = table.schema();
        for (Added a : added) {
            DataType type =
                    a.output().isRow ? TrainedModel.cellTypes(schema.targets()) : type(new StructType(), a.output());
            raw = raw.add(a.name(), type, true);
        }
        Broadcast<TrainedModel.Shipped> shipped = model.broadcast(table.sparkSession());
        Task task = new Task(shipped, added, targets, original, draws, seed);
        Dataset<Row> result = cells.mapPartitions(task, Encoders.row(raw));
        return restore(result, schema, table);
    }

    private Dataset<Row> restore(Dataset<Row> result, TableSchema schema, Dataset<Row> table) {
        List<Column> columns = new ArrayList<>();
        for (String name : table.columns()) {
            columns.add(Columns.named(name));
        }
        for (Added a : added) {
            Column column = Columns.named(a.name());
            if (a.output().isRow) {
                Column row = column;
                Column[] parts = schema.targets().stream()
                        .map(f -> Columns.restore(row.getField(f.column()), f).as(f.column()))
                        .toArray(Column[]::new);
                column = parts.length == 1 ? parts[0] : struct(parts);
            }
            columns.add(column.as(a.name()));
        }
        return result.select(columns.toArray(Column[]::new));
    }

    /** The body of a task: rows in, rows with the added cells out, a block at a time. */
    private record Task(
            Broadcast<TrainedModel.Shipped> model,
            List<Added> added,
            boolean hasTargets,
            int original,
            int draws,
            long seed)
            implements MapPartitionsFunction<Row, Row> {

        @Override
        public Iterator<Row> call(Iterator<Row> rows) {
            TrainedModel.Shipped shipped = model.value();
            TableSchema schema = shipped.stored().schema();
            RowInference inference = shipped.inference(seed);
            Cells targets = Cells.ofTargets(hasTargets ? schema.targets() : List.of(), original + 1);
            Cells conditions = Cells.ofConditions(
                    schema.conditions(),
                    original + 1 + (hasTargets ? schema.targets().size() : 0),
                    shipped.stored().architecture().variant().hasClassifier());
            float[] values = new float[schema.rowWidth()];
            return new BlockIterator(rows, inference) {
                @Override
                void add(Row row) {
                    Cells.External source = new Cells.External(row);
                    targets.encode(source, values, 0);
                    conditions.encode(source, values, schema.targetWidth());
                    inference.add(values, 0, 1f, row.getLong(original));
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
                @Nullable Object[] column = compute(added.get(a).output(), out.length, inference, schema);
                for (int r = 0; r < out.length; r++) {
                    out[r][original + a] = column[r];
                }
            }
            return Arrays.stream(out).map(RowFactory::create).toList();
        }

        private Object[] compute(Output output, int rows, RowInference inference, TableSchema schema) {
            Object[] column = new Object[rows];
            switch (output) {
                case LATENT -> {
                    Matrix z = inference.latentMean();
                    for (int r = 0; r < rows; r++) {
                        double[] values = new double[z.cols()];
                        for (int j = 0; j < values.length; j++) {
                            values[j] = z.get(r, j);
                        }
                        column[r] = Vectors.dense(values);
                    }
                }
                case RECONSTRUCTION -> decode(inference.reconstruction(), schema, column);
                case PREDICTION -> decode(inference.prediction(), schema, column);
                case ELBO, RECONSTRUCTION_LOSS -> {
                    RowLosses losses = inference.losses(1.0, 0f);
                    for (int r = 0; r < rows; r++) {
                        double reconstruction = losses.reconstruction()[r];
                        column[r] = output == Output.ELBO ? -reconstruction - losses.kl()[r] : reconstruction;
                    }
                }
                case LOG_LIKELIHOOD -> {
                    double[] logLikelihood = inference.logLikelihood(draws);
                    for (int r = 0; r < rows; r++) {
                        column[r] = logLikelihood[r];
                    }
                }
            }
            return column;
        }

        private static void decode(Matrix x, TableSchema schema, Object[] column) {
            for (int r = 0; r < column.length; r++) {
                column[r] = RowFactory.create(TrainedModel.decode(schema.targets(), x.data(), x.row(r)));
            }
        }
    }

    /** Rows through a model, a block at a time. */
    abstract static class BlockIterator implements Iterator<Row> {
        private final Iterator<Row> source;
        private final RowInference inference;
        private Iterator<Row> ready = List.<Row>of().iterator();

        BlockIterator(Iterator<Row> source, RowInference inference) {
            this.source = source;
            this.inference = inference;
        }

        /** Adds a row to the block. */
        abstract void add(Row row);

        /** The output of the block's rows. */
        abstract List<Row> results(List<Row> block);

        @Override
        public boolean hasNext() {
            return ready.hasNext() || source.hasNext();
        }

        @Override
        public Row next() {
            if (!ready.hasNext()) {
                inference.clear();
                List<Row> block = new ArrayList<>();
                while (source.hasNext() && !inference.isFull()) {
                    Row row = source.next();
                    add(row);
                    block.add(row);
                }
                ready = results(block).iterator();
            }
            return ready.next();
        }
    }
}
