package io.cvaespark.optim;

/**
 * A factor of the learning rate that falls where the validation loss makes no progress: it is multiplied by {@code factor}
 * whenever {@code epochs} epochs in a row have not lowered the loss by a share of {@value #PROGRESS}.
 *
 * <p>It is a function of the losses so far, so that nothing needs to be kept beside the history of a training.
 *
 * @param factor above 0 and below 1
 * @param epochs at least 1
 */
public record Plateau(double factor, int epochs) {
    /** The share of the best loss by which a loss must be lower to count as progress. */
    private static final double PROGRESS = 1e-4;

    /** The factor after epochs with these validation losses; 1 at the beginning. */
    public double after(double[] losses) {
        double result = 1;
        double best = Double.POSITIVE_INFINITY;
        int waited = 0;
        for (double loss : losses) {
            if (Double.isInfinite(best) || loss < best - PROGRESS * Math.abs(best)) {
                best = loss;
                waited = 0;
            } else if (++waited == epochs) {
                result *= factor;
                waited = 0;
            }
        }
        return result;
    }
}
