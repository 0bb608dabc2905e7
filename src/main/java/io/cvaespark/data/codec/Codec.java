package io.cvaespark.data.codec;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonTypeName;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Turns the cells of one column into floats and back; fitted on the training rows, stored in the model.
 *
 * <p>The {@link ColumnKind} of the column fits it, and knows whether it is one of {@link Numbers} or of {@link Categories}.
 * Each class names itself in schema.json by {@code @JsonTypeName}; the kinds register them ({@link ColumnKind#codecs}).
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "codec")
public interface Codec extends Serializable {

    /** Floats per row. */
    int width();

    /** Cells that can be missing one by one: a level as a whole, or each number. */
    int cells();

    /** The levels, in the order of their numbers; empty for numbers. */
    default List<String> levels() {
        return List.of();
    }

    /** Width of the vector that the networks learn for each level; 0: none, they see the floats. */
    default int embedding() {
        return 0;
    }

    /** K where x begins with a code from 0 to K − 1, which stands for a level or for a bin; 0 for other floats. */
    default int codes() {
        return 0;
    }

    /** Returns whether a float means the same wherever it stands in a vector, as a pixel does. */
    default boolean hasOneScale() {
        return false;
    }

    /** Returns whether all cells that were seen are the same, or empty. */
    default boolean hasOneValue() {
        return levels().size() == 1;
    }

    /** What becomes of a cell, in a few words. */
    String describe();

    /** Of numbers: a cell is a {@code double[]}, of length 1 for a scalar column. */
    interface Numbers extends Codec {
        @Override
        default int cells() {
            return width();
        }

        /** Writes the floats of a cell, {@code cell[from .. from + width)}. */
        void encode(double[] cell, int from, float[] out, int offset);

        /** Reads a cell back. */
        void decode(float[] in, int offset, double[] cell);
    }

    /**
     * x = (v − mean)/deviation, per component. A component that is constant in the training rows has deviation 0: its x is v −
     * mean, and it is always read back as the mean. (Models of 0.1.0 have deviation 1 there.)
     *
     * @param mean μ per component
     * @param deviation σ per component, the population's
     * @param range what is read back is cut to; null: nothing is cut
     */
    @JsonTypeName("standardized")
    record Standardized(
            List<Double> mean,
            List<Double> deviation,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Range range) implements Numbers {
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
                double unit = deviation.get(j) == 0 ? 1 : deviation.get(j);
                out[offset + j] = (float) ((cell[from + j] - mean.get(j)) / unit);
            }
        }

        @Override
        public void decode(float[] in, int offset, double[] cell) {
            for (int j = 0; j < mean.size(); j++) {
                double value = in[offset + j] * deviation.get(j) + mean.get(j);
                cell[j] = range == null ? value : range.cut(value);
            }
        }

        @Override
        public String describe() {
            String cut = range == null ? "" : ", cut to " + range.describe();
            return (width() > 1 ? width() + " values" : moments()) + cut;
        }

        private String moments() {
            return String.format(Locale.ROOT, "mean %.4g, deviation %.4g", mean.get(0), deviation.get(0));
        }
    }

    /**
     * x = (ln(1 + v) − mean)/deviation, per component: counts as a condition, which have no bound.
     *
     * @param logs of ln(1 + v)
     */
    @JsonTypeName("log-standardized")
    record LogStandardized(Standardized logs) implements Numbers {
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

        @Override
        public String describe() {
            return width() > 1 ? width() + " values" : "log(1 + count) of " + logs.moments();
        }
    }

    /**
     * A number that had one value in all training rows: it is encoded as {@code numbers} does, and is always read back as that
     * value.
     */
    @JsonTypeName("constant")
    record Constant(double value, Numbers numbers) implements Numbers {
        @Override
        public int width() {
            return numbers.width();
        }

        @Override
        public void encode(double[] cell, int from, float[] out, int offset) {
            numbers.encode(cell, from, out, offset);
        }

        @Override
        public void decode(float[] in, int offset, double[] cell) {
            cell[0] = value;
        }

        @Override
        public boolean hasOneScale() {
            return numbers.hasOneScale();
        }

        @Override
        public boolean hasOneValue() {
            return true;
        }

        @Override
        public String describe() {
            return "constant %s"
                    .formatted(BigDecimal.valueOf(value).stripTrailingZeros().toPlainString());
        }
    }

    /** x = v: numbers that are already on the model's scale, such as pixels and probabilities. */
    @JsonTypeName("unit")
    record Unit(int width) implements Numbers {
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

        @Override
        public boolean hasOneScale() {
            return true;
        }

        @Override
        public String describe() {
            return width > 1 ? width + " values" : "as it is";
        }
    }

    /** Of levels. */
    interface Categories extends Codec {
        /** Levels that are shown. */
        int SHOWN = 10;

        @Override
        default int cells() {
            return 1;
        }

        /** Writes the floats of level number {@code index}. */
        void encode(int index, float[] out, int offset);

        /** The level that the floats say. */
        String decode(float[] in, int offset);

        @Override
        default String describe() {
            int shown = Math.min(SHOWN, levels().size());
            return String.format(
                    Locale.ROOT,
                    "%d levels %s%s",
                    levels().size(),
                    levels().subList(0, shown),
                    shown < levels().size() ? " …" : "");
        }
    }

    /** x is the level's number. */
    interface Numbered extends Categories {
        @Override
        default int width() {
            return 1;
        }

        @Override
        default void encode(int index, float[] out, int offset) {
            out[offset] = index;
        }

        @Override
        default String decode(float[] in, int offset) {
            return levels().get(Math.round(in[offset]));
        }
    }

    /** x is the level's number: the networks learn a vector for each. */
    @JsonTypeName("embedded")
    record Embedded(List<String> levels, int embedding) implements Numbered {
        public Embedded {
            levels = List.copyOf(levels);
        }
    }

    /** x is the level's number, of a target whose decoder takes it so. */
    @JsonTypeName("level-number")
    record LevelNumber(List<String> levels) implements Numbered {
        public LevelNumber {
            levels = List.copyOf(levels);
        }

        @Override
        public int codes() {
            return levels.size();
        }
    }

    /**
     * A column that may be empty: the code after those of {@code known} says that it is.
     *
     * @param known of what is not empty; it has codes
     */
    @JsonTypeName("or-missing")
    record OrMissing(Codec known) implements Codec {
        @Override
        public int width() {
            return known.width();
        }

        @Override
        public int cells() {
            return 1;
        }

        @Override
        public int codes() {
            return known.codes() + 1;
        }

        @Override
        public List<String> levels() {
            return known.levels();
        }

        @Override
        public boolean hasOneValue() {
            return known.hasOneValue();
        }

        @Override
        public String describe() {
            return known.describe() + ", or null";
        }
    }

    /** x is 1 at the level's place and 0 elsewhere. */
    @JsonTypeName("one-hot")
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
