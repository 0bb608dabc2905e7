package io.cvaespark.data;

import io.cvaespark.data.codec.Codec;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A kind whose cells are numbers, or vectors of them: standardised, or as they are.
 *
 * <p>A kind that holds every number says no more than its likelihoods and when it is standardised.
 */
abstract class NumberKind implements ColumnKind {

    @Override
    public final boolean hasLevels() {
        return false;
    }

    /** Returns whether the column is standardised. */
    abstract boolean isStandardized(ColumnRequest column);

    /** The codec of a standardised column, from the moments of its {@link #measured} numbers. */
    Codec.Numbers codec(Codec.Standardized moments) {
        return moments;
    }

    /** Returns whether a number is one that a column of this kind can hold. */
    boolean holds(double value) {
        return true;
    }

    /** The numbers that {@link #holds} is true for, in words. */
    String held() {
        return "numbers";
    }

    /**
     * Says that a column cannot be of this kind, and what to do.
     *
     * @param rows number of rows that have a number which this kind does not hold
     * @param known number of rows that are known
     * @param example one of these rows
     */
    String refusal(String column, long rows, long known, String example) {
        return "Column '%s' must hold %s, but %s of %s rows do not, such as %s. Use another type, or filter these rows out"
                .formatted(column, held(), rows, known, example);
    }

    /** The number of which moments are taken, when a column is standardised. */
    double measured(double value) {
        return value;
    }

    @Override
    public ColumnSummary summary(ColumnRequest column) {
        return ColumnSummary.ofNumbers(
                column.type(), isStandardized(column), column.spec().range());
    }

    @Override
    public Codec fit(ColumnRequest column, ColumnSummary seen) {
        Codec.Numbers codec = isStandardized(column) ? codec(moments(column, seen)) : new Codec.Unit(seen.length());
        return column.form() == CellForm.NUMBER && seen.isConstant() ? new Codec.Constant(seen.lowest(), codec) : codec;
    }

    @Override
    public List<Class<? extends Codec>> codecs() {
        return List.of(Codec.Standardized.class, Codec.Unit.class, Codec.Constant.class);
    }

    /** Mean and deviation of each component, from exact sums. */
    private static Codec.Standardized moments(ColumnRequest column, ColumnSummary seen) {
        ColumnSpec spec = column.spec();
        boolean scalar = column.form() == CellForm.NUMBER;
        List<Double> means = new ArrayList<>();
        List<Double> deviations = new ArrayList<>();
        MathContext precision = MathContext.DECIMAL128;
        for (int j = 0; j < seen.length(); j++) {
            if (seen.sums().count(j) == 0) {
                throw new IllegalArgumentException(
                        "Column '%s' has no known value at place %s of its vectors in the training rows; leave it out"
                                .formatted(spec.column(), j));
            }
            BigDecimal n = BigDecimal.valueOf(seen.sums().count(j));
            BigDecimal sum = seen.sums().sum(j).exact();
            BigDecimal scatter = seen.sums().squares(j).exact().multiply(n).subtract(sum.multiply(sum));
            means.add(sum.divide(n, precision).doubleValue());
            deviations.add(deviation(scatter.divide(n.multiply(n), precision), scalar, seen));
        }
        return new Codec.Standardized(means, deviations, spec.range());
    }

    /**
     * The square root of a variance. Where the squares are too small for doubles, but the values of a scalar column differ, it is
     * half of their range.
     */
    private static double deviation(BigDecimal variance, boolean scalar, ColumnSummary seen) {
        double rounded = variance.doubleValue();
        if (rounded >= Double.MIN_NORMAL) {
            return Math.sqrt(rounded);
        }
        return scalar ? (seen.highest() - seen.lowest()) / 2 : 0;
    }

    @Override
    public CellEncoder encoder(Field field) {
        Codec.Numbers codec = (Codec.Numbers) field.codec();
        if (field.form() == CellForm.VECTOR) {
            return (cell, out, offset) -> encode(field, codec, (double[]) cell, out, offset);
        }
        double[] number = new double[1];
        return (cell, out, offset) -> {
            number[0] = (Double) cell;
            return encode(field, codec, number, out, offset);
        };
    }

    private boolean encode(Field field, Codec.Numbers codec, double[] cell, float[] out, int offset) {
        if (field.form() == CellForm.VECTOR && cell.length != codec.width()) {
            throw new InvalidCellException("Column '%s' has a vector of length %s; the model has %s"
                    .formatted(field.column(), cell.length, codec.width()));
        }
        boolean known = true;
        for (double value : cell) {
            boolean missing = ColumnSummary.isMissing(value);
            known &= !missing;
            if (!missing && !Double.isFinite(value)) {
                throw new InvalidCellException(
                        "Column '%s' has a NaN or infinite value. Filter these rows out or fill them in"
                                .formatted(field.column()));
            }
        }
        for (double value : cell) {
            if (!holds(value) && !ColumnSummary.isMissing(value)) {
                throw new InvalidCellException("Column '%s' has type %s and must hold %s, found %s"
                        .formatted(field.column(), field.type(), held(), value));
            }
        }
        if (known) {
            codec.encode(cell, 0, out, offset);
            return true;
        }
        double[] filled =
                Arrays.stream(cell).map(v -> ColumnSummary.isMissing(v) ? 0 : v).toArray();
        codec.encode(filled, 0, out, offset);
        for (int j = 0; j < cell.length; j++) {
            if (ColumnSummary.isMissing(cell[j])) {
                out[offset + j] = Float.NaN;
            }
        }
        return false;
    }

    @Override
    public CellDecoder decoder(Field field) {
        Codec.Numbers codec = (Codec.Numbers) field.codec();
        if (field.form() == CellForm.VECTOR) {
            return (in, offset) -> {
                double[] cell = new double[codec.width()];
                codec.decode(in, offset, cell);
                return cell;
            };
        }
        double[] number = new double[1];
        return (in, offset) -> {
            codec.decode(in, offset, number);
            return number[0];
        };
    }
}
