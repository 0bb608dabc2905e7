package io.cvaespark.dist;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import org.jspecify.annotations.Nullable;

/**
 * The likelihood of independent targets that share one density: −log p(x|η) = Σ_j −log p(x_j | η_j), η = [first
 * parameters | second parameters | …], where each part is {@code width} wide.
 */
record Independent(String name, int width, Density density) implements Likelihood {

    @Override
    public int cells() {
        return width;
    }

    @Override
    public int etaWidth() {
        return density.parameters() * width;
    }

    @Override
    public void lossAndGradient(
            Matrix x,
            Matrix eta,
            @Nullable Matrix observed,
            float[] weight,
            double[] loss,
            Matrix etaGradient,
            Workspace workspace) {
        int parameters = density.parameters();
        double[] values = new double[parameters];
        double[] gradient = new double[parameters];
        for (int r = 0; r < x.rows(); r++) {
            double sum = 0;
            for (int j = 0; j < width; j++) {
                read(eta, r, j, values);
                float known = observed == null ? 1f : observed.get(r, j);
                sum += known * density.loss(x.get(r, j), values, gradient);
                for (int k = 0; k < parameters; k++) {
                    etaGradient.set(r, k * width + j, (float) (known * weight[r] * gradient[k]));
                }
            }
            loss[r] += sum;
        }
    }

    @Override
    public void mean(Matrix eta, Matrix mean, Workspace workspace) {
        double[] values = new double[density.parameters()];
        for (int r = 0; r < eta.rows(); r++) {
            for (int j = 0; j < width; j++) {
                read(eta, r, j, values);
                mean.set(r, j, (float) density.mean(values));
            }
        }
    }

    @Override
    public void draw(Matrix eta, long[] keys, Matrix x, Workspace workspace) {
        double[] values = new double[density.parameters()];
        NoiseStream noise = new NoiseStream();
        for (int r = 0; r < eta.rows(); r++) {
            for (int j = 0; j < width; j++) {
                read(eta, r, j, values);
                noise.begin(Noise.mix(keys[r] ^ Noise.mix(j)));
                x.set(r, j, (float) density.draw(values, noise));
            }
        }
    }

    private void read(Matrix eta, int r, int j, double[] values) {
        for (int k = 0; k < values.length; k++) {
            values[k] = eta.get(r, k * width + j);
        }
    }
}
