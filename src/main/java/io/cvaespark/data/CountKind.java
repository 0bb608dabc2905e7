package io.cvaespark.data;

import io.cvaespark.data.codec.Codec;
import java.util.List;

/** How many: 0, 1, 2, …; as it is in x, standardised ln(1 + v) in c, where it has no bound. */
final class CountKind extends NumberKind {
    /** Counts are floats in the model: larger ones are not exact there. */
    private static final int LARGEST = 1 << 24;

    @Override
    public String defaultLikelihood(ColumnRequest column) {
        return "negative-binomial";
    }

    @Override
    public List<String> likelihoods() {
        return List.of("negative-binomial", "poisson", "zero-inflated-negative-binomial");
    }

    @Override
    boolean holds(double value) {
        return value >= 0 && value <= LARGEST && value == Math.rint(value);
    }

    @Override
    String held() {
        return "whole numbers from 0 to " + LARGEST;
    }

    @Override
    String refusal(String column, long rows, long known, String example) {
        return "Column '%s' must hold whole numbers from 0 to %s for a count, but %s of %s rows do not, such as %s. Use type: continuous, or filter these rows out"
                .formatted(column, LARGEST, rows, known, example);
    }

    @Override
    boolean isStandardized(ColumnRequest column) {
        return !column.target();
    }

    @Override
    double measured(double value) {
        return StrictMath.log1p(value);
    }

    @Override
    Codec.Numbers codec(Codec.Standardized moments) {
        return new Codec.LogStandardized(moments);
    }

    @Override
    public List<Class<? extends Codec>> codecs() {
        return List.of(Codec.LogStandardized.class, Codec.Unit.class, Codec.Constant.class);
    }

    @Override
    public boolean isSeenAsLogarithm() {
        return true;
    }
}
