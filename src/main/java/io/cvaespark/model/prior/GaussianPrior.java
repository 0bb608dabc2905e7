package io.cvaespark.model.prior;

import io.cvaespark.dist.DiagonalGaussian;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.nn.Gradient;
import io.cvaespark.nn.Network;
import io.cvaespark.nn.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** p(z|c) = N(0, I), or N(μ(c), σ²(c)) with [μ | log σ²] given by a network of c, [B×C] → [B×2Z]. */
final class GaussianPrior implements Prior {
    private final @Nullable Network network;
    private final int end;

    /** N(0, I), or learned if the spec says so. */
    GaussianPrior(PriorSpec spec, Site site) {
        network = spec.type() == PriorSpec.Type.LEARNED ? site.network(2 * site.latent()) : null;
        end = network == null ? site.encoder().end() : network.end();
    }

    @Override
    public @Nullable Network network() {
        return network;
    }

    @Override
    public List<Tensor> tensors() {
        return List.of();
    }

    @Override
    public int end() {
        return end;
    }

    @Override
    public void initialize(long seed, float[] parameters) {
        // All parameters are those of the network.
    }

    @Override
    public LatentPrior prepare(float[] parameters, Network.@Nullable Trace ofCondition, Workspace workspace) {
        return new State(parameters, network, ofCondition, workspace);
    }

    /** The Gaussian for one batch. */
    private static final class State implements LatentPrior {
        private final float[] parameters;
        private final @Nullable Network network;
        private final Network.@Nullable Trace trace;
        private final @Nullable Matrix outputGradient;
        private final Workspace workspace;

        State(float[] parameters, @Nullable Network network, Network.@Nullable Trace trace, Workspace workspace) {
            this.parameters = parameters;
            this.network = network;
            this.workspace = workspace;
            this.trace = trace;
            this.outputGradient = trace == null
                    ? null
                    : workspace.zeros(trace.output().rows(), trace.output().cols());
        }

        private @Nullable Matrix gaussian() {
            return trace == null ? null : trace.output();
        }

        @Override
        public void logDensity(Matrix z, double[] logDensity) {
            DiagonalGaussian.logDensity(gaussian(), z, logDensity, workspace);
        }

        @Override
        public void gradient(Matrix z, float[] weight, Matrix zGradient) {
            DiagonalGaussian.lossGradient(gaussian(), z, weight, zGradient, outputGradient, workspace);
        }

        @Override
        public void backward(Gradient gradient) {
            if (network != null && trace != null && outputGradient != null) {
                network.backward(parameters, trace, outputGradient, null, gradient, workspace);
            }
        }

        @Override
        public void draw(Matrix epsilon, long[] keys, Matrix z) {
            Matrix gaussian = gaussian();
            if (gaussian == null) {
                z.copyFrom(epsilon);
            } else {
                Matrix sigma = workspace.matrix(z.rows(), z.cols());
                DiagonalGaussian.reparameterize(gaussian, epsilon, sigma, z, workspace);
            }
        }

        @Override
        public void mean(Matrix z) {
            Matrix gaussian = gaussian();
            if (gaussian == null) {
                z.fill(0f);
            } else {
                z.copyFrom(gaussian.columns(0, z.cols()));
            }
        }
    }
}
