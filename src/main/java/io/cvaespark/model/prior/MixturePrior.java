package io.cvaespark.model.prior;

import io.cvaespark.dist.GaussianMixture;
import io.cvaespark.dist.Softmax;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.nn.Gradient;
import io.cvaespark.nn.Network;
import io.cvaespark.nn.Tensor;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * p(z|c) = Σ_k π_k N(z; μ_k, σ_k²) with K learned components.
 *
 * <p>Of a mixture the components [K×2Z] are parameters themselves, and log π is softmax of learned logits [K], or of a network
 * of c. Of a VampPrior (Tomczak and Welling 2018) they are the encoder's outputs for K learned pseudo-inputs [x | c], and π is
 * 1/K. In the parameter array they stand behind the encoder: components or pseudo-inputs, then logits.
 */
final class MixturePrior implements Prior {
    /** Components start this far apart, so that they can take different parts of the latent. */
    private static final float INITIAL_SPREAD = 1f;

    private final PriorSpec spec;
    private final int latent;
    private final Network encoder;
    private final @Nullable Network weights;
    private final Tensor components;
    private final @Nullable Tensor logits;

    /** The mixture that {@code spec} describes. */
    MixturePrior(PriorSpec spec, Site site) {
        this.spec = spec;
        this.latent = site.latent();
        this.encoder = site.encoder();
        this.weights = spec.weightsFromCondition() ? site.network(spec.components()) : null;
        boolean vamp = spec.type() == PriorSpec.Type.VAMP;
        this.components = new Tensor(
                vamp ? "prior.pseudo_inputs" : "prior.components",
                weights == null ? encoder.end() : weights.end(),
                List.of(spec.components(), vamp ? encoder.inputWidth() : 2 * latent));
        this.logits = vamp || weights != null
                ? null
                : new Tensor("prior.logits", components.offset() + components.size(), List.of(spec.components()));
    }

    @Override
    public @Nullable Network network() {
        return weights;
    }

    @Override
    public int end() {
        return logits == null ? components.offset() + components.size() : logits.offset() + logits.size();
    }

    @Override
    public List<Tensor> tensors() {
        return logits == null ? List.of(components) : List.of(components, logits);
    }

    @Override
    public void initialize(long seed, float[] parameters) {
        long key = Noise.key(seed, Noise.Purpose.INITIALIZATION, 0, components.offset(), 0);
        Arrays.fill(parameters, components.offset(), end(), 0f);
        int width = components.shape().get(1);
        boolean vamp = spec.type() == PriorSpec.Type.VAMP;
        for (int k = 0; k < spec.components(); k++) {
            for (int j = 0; j < (vamp ? width : latent); j++) {
                parameters[components.offset() + k * width + j] = INITIAL_SPREAD * Noise.normal(key, k * width + j);
            }
        }
    }

    @Override
    public LatentPrior prepare(float[] parameters, Network.@Nullable Trace weighed, Workspace workspace) {
        int k = spec.components();
        int width = components.shape().get(1);
        Matrix own = new Matrix(parameters, components.offset(), k, width, width);
        boolean vamp = spec.type() == PriorSpec.Type.VAMP;
        Network.Trace encoded = vamp ? encoder.forward(parameters, own, workspace) : null;
        Matrix logWeights =
                workspace.matrix(weighed == null ? 1 : weighed.output().rows(), k);
        if (weighed != null) {
            Softmax.log(weighed.output(), logWeights);
        } else if (logits != null) {
            Softmax.log(new Matrix(parameters, logits.offset(), 1, k, k), logWeights);
        } else {
            logWeights.fill((float) -StrictMath.log(k));
        }
        Matrix gaussians = encoded == null ? own : encoded.output();
        return new State(
                parameters, encoded, weighed, new GaussianMixture(gaussians, logWeights, workspace), workspace);
    }

    /** The mixture for one batch. */
    private final class State implements LatentPrior {
        private final float[] parameters;
        private final Network.@Nullable Trace encoded;
        private final Network.@Nullable Trace weighed;
        private final GaussianMixture mixture;
        private final Workspace workspace;
        private final Matrix componentGradient;
        private final Matrix logitGradient;
        private Matrix responsibilities;

        private State(
                float[] parameters,
                Network.@Nullable Trace encoded,
                Network.@Nullable Trace weighed,
                GaussianMixture mixture,
                Workspace workspace) {
            this.parameters = parameters;
            this.encoded = encoded;
            this.weighed = weighed;
            this.mixture = mixture;
            this.workspace = workspace;
            this.componentGradient = workspace.zeros(spec.components(), 2 * latent);
            this.logitGradient =
                    workspace.zeros(weighed == null ? 1 : weighed.output().rows(), spec.components());
            this.responsibilities = workspace.matrix(0, 0);
        }

        @Override
        public void logDensity(Matrix z, double[] logDensity) {
            responsibilities = workspace.matrix(z.rows(), spec.components());
            mixture.logDensity(z, logDensity, responsibilities);
        }

        @Override
        public void gradient(Matrix z, float[] weight, Matrix zGradient) {
            mixture.gradient(z, responsibilities, weight, zGradient, componentGradient, logitGradient);
        }

        @Override
        public void backward(Gradient gradient) {
            if (encoded != null) {
                int n = components.size();
                int width = components.shape().get(1);
                Matrix pseudo = workspace.matrix(spec.components(), width);
                encoder.backward(parameters, encoded, componentGradient, pseudo, gradient, workspace);
                add(pseudo, gradient, components.offset(), n);
            } else {
                add(componentGradient, gradient, components.offset(), components.size());
            }
            if (weights != null && weighed != null) {
                weights.backward(parameters, weighed, logitGradient, null, gradient, workspace);
            } else if (logits != null) {
                add(logitGradient, gradient, logits.offset(), logits.size());
            }
        }

        private void add(Matrix part, Gradient gradient, int offset, int n) {
            if (gradient.claim(offset, n) == 0f) {
                System.arraycopy(part.data(), part.offset(), gradient.values(), offset, n);
            } else {
                workspace.math().add(part.data(), part.offset(), gradient.values(), offset, n);
            }
        }

        @Override
        public void draw(Matrix epsilon, long[] keys, Matrix z) {
            for (int r = 0; r < z.rows(); r++) {
                mixture.draw(r, keys[r], epsilon, z);
            }
        }

        @Override
        public void mean(Matrix z) {
            for (int r = 0; r < z.rows(); r++) {
                mixture.mean(r, z);
            }
        }
    }
}
