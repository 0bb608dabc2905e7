package io.cvaespark.data;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns the cells of one column into floats and back; fitted on the training rows, stored in the model.
 *
 * <p>Cells are numbers ({@code double[]}, of length 1 for a scalar column) or levels ({@code String}); which, {@link
 * #hasLevels()} tells. The column's own type is restored by who reads the table.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "codec")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Codec.Standardized.class, name = "standardized"),
    @JsonSubTypes.Type(value = Codec.LogStandardized.class, name = "log-standardized"),
    @JsonSubTypes.Type(value = Codec.Unit.class, name = "unit"),
    @JsonSubTypes.Type(value = Codec.OneHot.class, name = "one-hot"),
    @JsonSubTypes.Type(value = Codec.Embedded.class, name = "embedded")
})
public sealed interface Codec extends Serializable {

    /** PackedFloats per row. */
    int width();

    /** Cells that can be missing one by one: a level as a whole, or each number. */
    default int cells() {
        return hasLevels() ? 1 : width();
    }

    /** Whether cells are levels rather than numbers. */
    default boolean hasLevels() {
        return false;
    }

    /** Writes the floats of a numeric cell, {@code cell[from .. from + width)}. */
    default void encode(double[] cell, int from, float[] out, int offset) {
        throw new IllegalArgumentException("A categorical column has levels, not numbers");
    }

    /** Reads a numeric cell back. */
    default void decode(float[] in, int offset, double[] cell) {
        throw new IllegalArgumentException("A categorical column has levels, not numbers");
    }

    /**
     * x = (v − mean)/deviation, per component; a constant component has deviation 1.
     *
     * @param mean μ per component
     * @param deviation σ per component, the population's
     * @param range what is read back is cut to; null: nothing is cut
     */
    record Standardized(
            List<Double> mean,
            List<Double> deviation,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Range range) implements Codec {
        public Standardized {
            mean = List.copyOf(mean);
            deviation = List.copyOf(deviation);
        }

        /** Without a range. */
        public Standardized(List<Double> mean, List<Double> deviation) {
            this(mean, deviation, null);
        }

        @Override
        public int width() {
            return mean.size();
        }

        @Override
        public void encode(double[] cell, int from, float[] out, int offset) {
            for (int j = 0; j < mean.size(); j++) {
                out[offset + j] = (float) ((cell[from + j] - mean.get(j)) / deviation.get(j));
            }
        }

        @Override
        public void decode(float[] in, int offset, double[] cell) {
            for (int j = 0; j < mean.size(); j++) {
                double value = in[offset + j] * deviation.get(j) + mean.get(j);
                cell[j] = range == null ? value : range.cut(value);
            }
        }
    }

    /**
     * x = (ln(1 + v) − mean)/deviation, per component: counts as a condition, which have no bound.
     *
     * @param logs of ln(1 + v)
     */
    record LogStandardized(Standardized logs) implements Codec {
        @Override
        public int width() {
            return logs.width();
        }

        @Override
        public void encode(double[] cell, int from, float[] out, int offset) {
            double[] transformed = new double[width()];
            for (int j = 0; j < transformed.length; j++) {
                transformed[j] = StrictMath.log1p(cell[from + j]);
            }
            logs.encode(transformed, 0, out, offset);
        }

        @Override
        public void decode(float[] in, int offset, double[] cell) {
            logs.decode(in, offset, cell);
            for (int j = 0; j < width(); j++) {
                cell[j] = Math.rint(StrictMath.expm1(cell[j]));
            }
        }
    }

    /** x = v: numbers that are already on the model's scale, such as pixels and probabilities. */
    record Unit(int width) implements Codec {
        @Override
        public void encode(double[] cell, int from, float[] out, int offset) {
            for (int j = 0; j < width; j++) {
                out[offset + j] = (float) cell[from + j];
            }
        }

        @Override
        public void decode(float[] in, int offset, double[] cell) {
            for (int j = 0; j < width; j++) {
                cell[j] = in[offset + j];
            }
        }
    }

    /** What has levels instead of numbers. */
    sealed interface Categories extends Codec {

        /** The levels, in the order of their numbers. */
        List<String> levels();

        /** Writes the floats of level number {@code index}. */
        void encode(int index, float[] out, int offset);

        /** The level that the floats say. */
        String decode(float[] in, int offset);

        @Override
        default boolean hasLevels() {
            return true;
        }

        /** The level's number; −1 when it is not known. */
        default int indexOf(String level) {
            return levels().indexOf(level);
        }
    }

    /** x is the level's number: the networks learn a vector for each. */
    record Embedded(List<String> levels, int embedding) implements Categories {
        public Embedded {
            levels = List.copyOf(levels);
        }

        @Override
        public int width() {
            return 1;
        }

        @Override
        public void encode(int index, float[] out, int offset) {
            out[offset] = index;
        }

        @Override
        public String decode(float[] in, int offset) {
            return levels.get(Math.round(in[offset]));
        }
    }

    /** x is 1 at the level's place and 0 elsewhere. */
    record OneHot(List<String> levels) implements Categories {
        public OneHot {
            levels = List.copyOf(levels);
        }

        @Override
        public int width() {
            return levels.size();
        }

        @Override
        public void encode(int index, float[] out, int offset) {
            Arrays.fill(out, offset, offset + levels.size(), 0f);
            out[offset + index] = 1f;
        }

        /** The level with the largest float; the first of equals. */
        @Override
        public String decode(float[] in, int offset) {
            int best = 0;
            for (int j = 1; j < levels.size(); j++) {
                if (in[offset + j] > in[offset + best]) {
                    best = j;
                }
            }
            return levels.get(best);
        }
    }
}
