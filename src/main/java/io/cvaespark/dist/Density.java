package io.cvaespark.dist;

/**
 * The density of one target given its parameters, in double arithmetic with {@code StrictMath}. {@link Independent}
 * makes a likelihood of it.
 *
 * <p>Implementations must be finite, with finite gradients, for every finite η.
 */
interface Density {

    /** The number of values of η for each target. */
    int parameters();

    /** Returns −log p(x|η) in nats and writes its derivatives by η to {@code gradient}. */
    double loss(double x, double[] eta, double[] gradient);

    /** E[x | η]. */
    double mean(double[] eta);

    /** Draws x from p(x|η). */
    double draw(double[] eta, NoiseStream noise);
}
