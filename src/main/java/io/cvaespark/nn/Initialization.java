package io.cvaespark.nn;

import io.cvaespark.linalg.Noise;
import java.util.Arrays;

/** The random initialisation of layers that compute f(W·x + b). */
final class Initialization {
    private static final float LAST_LAYER_SCALE = 0.1f;

    private Initialization() {}

    /**
     * Fills weights and biases: W ~ N(0, 2/in) before relu-like activations (He et al. 2015), N(0, 2/(in + out))
     * otherwise (Glorot and Bengio 2010); b = 0.
     *
     * <p>The weights of a network's last layer are multiplied by 0.1, so that q begins close to N(0, I) with a KL
     * divergence near 0. On MNIST, training then ends with a lower KL divergence and a better ELBO.
     *
     * @param weights the number of weights at {@code offset}; the biases follow them
     * @param fanIn the number of inputs that one output sums over
     * @param fanOut the number of outputs that one input contributes to
     */
    static void fill(
            long seed,
            float[] parameters,
            int offset,
            int weights,
            int biases,
            double fanIn,
            double fanOut,
            Activation activation) {
        double fan = activation.gain() > 1f ? fanIn : fanIn + fanOut;
        float deviation = (float) Math.sqrt(2.0 / fan);
        if (activation == Activation.IDENTITY) {
            deviation *= LAST_LAYER_SCALE;
        }
        long key = Noise.key(seed, Noise.Purpose.INITIALIZATION, 0, offset, 0);
        for (int i = 0; i < weights; i++) {
            parameters[offset + i] = deviation * Noise.normal(key, i);
        }
        Arrays.fill(parameters, offset + weights, offset + weights + biases, 0f);
    }
}
