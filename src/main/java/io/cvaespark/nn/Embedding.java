package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An embedding layer: it replaces level numbers by learned vectors, y = [… E_x …], and copies the other columns. The
 * order of the columns stays.
 *
 * <p>Shapes: x [B×n], where column {@code t.column()} of a table t holds the level numbers 0 … K−1; E [K×width]; y
 * [B×(n + Σ(width − 1))]. Backward: ∂E_k += Σ of ∂y over the rows with level k; the gradient of a level number is
 * written as 0.
 *
 * @param inputWidth n, the number of input columns
 * @param tables the embedded columns, in ascending order of {@code column}
 */
public record Embedding(int inputWidth, List<Table> tables) implements Layer {

    /**
     * The description of one column's embedding.
     *
     * @param column the index of the input column, which holds level numbers
     * @param levels K, the number of levels
     * @param width the number of values in a level's vector
     */
    public record Table(int column, int levels, int width) implements Serializable {
        public Table {
            if (levels < 1 || width < 1) {
                throw new IllegalArgumentException(
                        "An embedding needs at least one level and a width of at least 1, found %s and %s"
                                .formatted(levels, width));
            }
        }

        int size() {
            return Math.multiplyExact(levels, width);
        }
    }

    public Embedding {
        tables = List.copyOf(tables);
        int next = 0;
        for (Table table : tables) {
            if (table.column() < next || table.column() >= inputWidth) {
                throw new IllegalArgumentException("Embedded columns must rise within %s inputs, found %s"
                        .formatted(
                                inputWidth, tables.stream().map(Table::column).toList()));
            }
            next = table.column() + 1;
        }
    }

    @Override
    public int outputWidth() {
        return inputWidth + tables.stream().mapToInt(t -> t.width() - 1).sum();
    }

    @Override
    public List<Tensor> tensors() {
        Tensor[] tensors = new Tensor[tables.size()];
        int offset = 0;
        for (int i = 0; i < tensors.length; i++) {
            Table table = tables.get(i);
            tensors[i] = new Tensor("embedding" + table.column(), offset, List.of(table.levels(), table.width()));
            offset += table.size();
        }
        return List.of(tensors);
    }

    /** An embedding multiplies nothing: it looks vectors up. */
    @Override
    public long products() {
        return 0;
    }

    /** E ~ N(0, 1/width), so that a level's vector is about as long as its one-hot vector. */
    @Override
    public void initialize(long seed, float[] parameters, int offset) {
        int at = offset;
        for (Table table : tables) {
            long key = Noise.key(seed, Noise.Purpose.INITIALIZATION, 0, at, 0);
            float deviation = (float) Math.sqrt(1.0 / table.width());
            for (int i = 0; i < table.size(); i++) {
                parameters[at + i] = deviation * Noise.normal(key, i);
            }
            at += table.size();
        }
    }

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace) {
        Matrix.requireShape(input, input.rows(), inputWidth);
        Matrix y = workspace.matrix(input.rows(), outputWidth());
        for (int r = 0; r < y.rows(); r++) {
            int from = 0;
            int to = 0;
            int at = offset;
            for (Table table : tables) {
                int before = table.column() - from;
                System.arraycopy(input.data(), input.row(r) + from, y.data(), y.row(r) + to, before);
                int row = at + level(table, input.get(r, table.column())) * table.width();
                System.arraycopy(parameters, row, y.data(), y.row(r) + to + before, table.width());
                from = table.column() + 1;
                to += before + table.width();
                at += table.size();
            }
            System.arraycopy(input.data(), input.row(r) + from, y.data(), y.row(r) + to, inputWidth - from);
        }
        return new Trace(input, y, y);
    }

    private static int level(Table table, float number) {
        int level = Math.round(number);
        if (level < 0 || level >= table.levels()) {
            throw new IllegalArgumentException("Column %s has level number %s; the embedding has %s levels"
                    .formatted(table.column(), number, table.levels()));
        }
        return level;
    }

    @Override
    public void backward(
            float[] parameters,
            int offset,
            Trace trace,
            Matrix outputGradient,
            @Nullable Matrix inputGradient,
            Gradient gradient,
            Workspace workspace) {
        int size = parameterCount();
        if (gradient.claim(offset, size) == 0f) {
            Arrays.fill(gradient.values(), offset, offset + size, 0f);
        }
        Matrix x = trace.input();
        for (int r = 0; r < outputGradient.rows(); r++) {
            int to = 0;
            int next = 0;
            int at = offset;
            for (int j = 0; j < inputWidth; j++) {
                boolean embedded = next < tables.size() && tables.get(next).column() == j;
                if (inputGradient != null && j < inputGradient.cols()) {
                    inputGradient.set(r, j, embedded ? 0f : outputGradient.get(r, to));
                }
                if (!embedded) {
                    to++;
                    continue;
                }
                Table table = tables.get(next++);
                int row = at + level(table, x.get(r, j)) * table.width();
                for (int i = 0; i < table.width(); i++) {
                    gradient.values()[row + i] += outputGradient.get(r, to + i);
                }
                to += table.width();
                at += table.size();
            }
        }
    }
}
