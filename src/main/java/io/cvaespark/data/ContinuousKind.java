package io.cvaespark.data;

import java.util.Arrays;
import java.util.List;

/** Numbers on a scale; standardised unless the job says otherwise. */
final class ContinuousKind extends NumberKind {

    @Override
    public String defaultLikelihood() {
        return "gaussian";
    }

    @Override
    public List<String> likelihoods() {
        return List.of("gaussian", "gaussian-shared", "gaussian-fixed", "laplace", "student-t");
    }

    @Override
    public boolean takesRange() {
        return true;
    }

    @Override
    boolean isStandardized(ColumnRequest column) {
        return !column.keepsScale();
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
