package io.cvaespark.dist;

/**
 * The density of one target given its parameters, in double arithmetic with {@code StrictMath}: what the likelihoods of
 * {@link Independent} differ in.
 *
 * <p>Implementations must be finite, with finite gradients, for every finite η.
 */
interface Density {

    /** Values of η per target. */
    int parameters();

    /** −log p(x|η) in nats; writes its derivatives by η to {@code gradient}. */
    double loss(double x, double[] eta, double[] gradient);

    /** E[x | η]. */
    double mean(double[] eta);

    /** A draw of x. */
    double draw(double[] eta, NoiseStream noise);
}
