package io.cvaespark.data;

import java.util.List;

/** Yes or no, or numbers in [0, 1]; as they are. */
final class BinaryKind extends NumberKind {

    @Override
    public String defaultLikelihood(ColumnRequest column) {
        return "bernoulli";
    }

    @Override
    public List<String> likelihoods() {
        return List.of("bernoulli", "continuous-bernoulli");
    }

    /** Numbers in [0, 1] may have the likelihoods of any number. */
    @Override
    public boolean takesLikelihoodsOf(ColumnType implied) {
        return super.takesLikelihoodsOf(implied) || implied == ColumnType.CONTINUOUS;
    }

    @Override
    public List<String> sqlTypes() {
        return List.of("boolean");
    }

    @Override
    public boolean takesBinarize() {
        return true;
    }

    @Override
    boolean holds(double value) {
        return value >= 0 && value <= 1;
    }

    @Override
    String held() {
        return "numbers in [0, 1]";
    }

    @Override
    String refusal(String column, long rows, long known, String example) {
        return "Column '%s' must lie in [0, 1] for a binary type (Bernoulli likelihood), but %s of %s rows do not, such as %s. Scale it, or use type: continuous"
                .formatted(column, rows, known, example);
    }

    @Override
    boolean isStandardized(ColumnRequest column) {
        return false;
    }

    @Override
    public boolean takesNoise() {
        return true;
    }
}
