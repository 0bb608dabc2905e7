package io.cvaespark.data;

import io.cvaespark.data.codec.Codec;
import io.cvaespark.data.codec.Histogram;
import java.util.Arrays;
import java.util.List;

/** Numbers on a scale; standardised unless the job says otherwise. */
final class ContinuousKind extends NumberKind {

    static final String HISTOGRAM = "histogram";

    /** Dates have weekdays and months, which a bin of several days would lose. */
    private static final int MOST_DATES = 1000;

    /** A histogram of single numbers; a Gaussian of vectors, and of a column with a scale or range of its own. */
    @Override
    public String defaultLikelihood(ColumnRequest column) {
        boolean single = column.form() == CellForm.NUMBER;
        return single && column.spec().range() == null && column.spec().standardize() == null ? HISTOGRAM : "gaussian";
    }

    @Override
    public List<String> likelihoods() {
        return List.of(HISTOGRAM, "gaussian", "gaussian-shared", "gaussian-fixed", "laplace", "student-t");
    }

    @Override
    public boolean takesRange() {
        return true;
    }

    @Override
    boolean isStandardized(ColumnRequest column) {
        return !column.keepsScale() && !isHistogram(column);
    }

    private static boolean isHistogram(ColumnRequest column) {
        return column.target() && column.likelihood().equals(HISTOGRAM);
    }

    @Override
    public ColumnSummary summary(ColumnRequest column) {
        ColumnSummary summary = super.summary(column);
        if (!isHistogram(column)) {
            return summary;
        }
        return column.coded() ? summary.withDistribution().allowingOne() : summary.withDistribution();
    }

    @Override
    public Codec fit(ColumnRequest column, ColumnSummary seen) {
        return isHistogram(column)
                ? Histogram.fit(
                        seen.distribution(),
                        seen.lowest(),
                        seen.highest(),
                        column.dataType().equals("\"float\""),
                        column.dataType().equals("\"date\"") ? MOST_DATES : Histogram.BINS)
                : super.fit(column, seen);
    }

    @Override
    public List<Class<? extends Codec>> codecs() {
        return List.of(
                Codec.Standardized.class,
                Codec.Unit.class,
                Codec.Constant.class,
                Histogram.class,
                Codec.OrMissing.class);
    }

    /** (1 − share)·from + share·to. */
    @Override
    public Object between(Object from, Object to, double share) {
        if (from instanceof Double number) {
            return (1 - share) * number + share * (Double) to;
        }
        double[] a = (double[]) from;
        double[] b = (double[]) to;
        double[] mix = new double[a.length];
        Arrays.setAll(mix, j -> (1 - share) * a[j] + share * b[j]);
        return mix;
    }

    @Override
    public boolean takesNoise() {
        return true;
    }
}
