package io.cvaespark.model;

import io.cvaespark.batch.Batch;
import io.cvaespark.batch.BatchAssembler;
import io.cvaespark.data.AllowedCodes;
import io.cvaespark.data.TableSchema;
import io.cvaespark.dist.DiagonalGaussian;
import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.dist.Likelihoods;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.prior.PriorSpec;
import io.cvaespark.nn.Network;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Computes with a finished model in blocks of {@value #BLOCK_ROWS} rows, the last one padded.
 *
 * <p>One block size for every product, so that a row's results do not depend on how many neighbours it has or where it
 * stands. Add rows, then ask for what is wanted; results are indexed like the rows added, and valid until rows are added or the
 * block is cleared. What several results need is computed once: the posterior, the prior, the classes, and the decoder at the
 * posterior's mean and at its first draw. Holds one thread's buffers.
 */
public final class RowInference {
    /** Rows of the blocks that inference and validation compute with, however few rows are left. */
    public static final int BLOCK_ROWS = 256;

    private final CvaeNetwork network;
    private final float[] parameters;
    private final Objective objective;
    private final double beta;
    private final Workspace workspace;
    private final BatchAssembler assembler;
    private final long seed;
    private final LatentNoise noise;
    private final RowLosses losses = new RowLosses();

    /** The block's results so far; null where they have not been asked for. */
    private @Nullable ObjectiveStep step;

    private @Nullable ObjectiveStep completed;
    private boolean lossesKnown;
    private @Nullable Matrix classes;
    private final Map<Integer, Matrix> predictions = new HashMap<>();
    private Map<Integer, AllowedCodes> allowed = Map.of();

    /** To compute with the bound at β = 1, whatever the model was trained by. */
    public RowInference(CvaeNetwork network, TableSchema schema, float[] parameters, long seed, Workspace workspace) {
        this(network, schema, parameters, Objectives.bound(network.architecture()), 1, seed, workspace);
    }

    /** To compute the losses of {@code objective} at {@code beta}. */
    public RowInference(
            CvaeNetwork network,
            TableSchema schema,
            float[] parameters,
            Objective objective,
            double beta,
            long seed,
            Workspace workspace) {
        this.network = network;
        this.parameters = parameters;
        this.objective = objective;
        this.beta = beta;
        this.workspace = workspace;
        this.seed = seed;
        this.noise = LatentNoise.counterBased(seed, 0);
        this.assembler = new BatchAssembler(schema, BLOCK_ROWS, workspace.math());
    }

    /**
     * What {@link #sample} and {@link #decode} may generate, by the index of a target; all else is free. The decoder must be
     * autoregressive.
     */
    public RowInference restrictedTo(Map<Integer, AllowedCodes> some) {
        allowed = Map.copyOf(some);
        return this;
    }

    public CvaeNetwork network() {
        return network;
    }

    /** Forgets the rows and their results. */
    public void clear() {
        assembler.clear();
        forgetResults();
    }

    private void forgetResults() {
        step = null;
        completed = null;
        lossesKnown = false;
        classes = null;
        predictions.clear();
    }

    public boolean isFull() {
        return assembler.isFull();
    }

    /** Adds a row [x | c] whose noise is keyed by {@code id}. */
    public void add(float[] row, int from, float weight, long id) {
        assembler.add(row, from, weight, id, seed, 0);
        if (step != null) {
            forgetResults();
        }
    }

    /** The block's networks; the first call takes the workspace for this block. */
    private ObjectiveStep step() {
        if (step == null) {
            workspace.reset();
            step = new ObjectiveStep(network, parameters, assembler.padded(), noise, beta, losses, null, workspace);
        }
        return step;
    }

    /** The workspace, taken for this block: what is handed out stays valid as long as the block's results. */
    private Workspace memory() {
        return step().workspace();
    }

    /** The same with the most probable class where m2 is not told which. */
    private ObjectiveStep completed() {
        if (network.classifier() == null) {
            return step();
        }
        if (completed == null) {
            completed = step().over(withClasses(step().batch(), classes()), noise, losses);
        }
        return completed;
    }

    private Batch withClasses(Batch batch, Matrix probabilities) {
        Matrix xc = workspace.matrix(batch.rows(), batch.xc().cols());
        xc.copyFrom(batch.xc());
        Batch result = new Batch(xc, batch.x().cols(), batch.observed(), batch.weights(), batch.ids());
        for (int r = 0; r < batch.rows(); r++) {
            int best = 0;
            float known = 0f;
            for (int k = 0; k < probabilities.cols(); k++) {
                known += batch.c().get(r, k);
                best = probabilities.get(r, k) > probabilities.get(r, best) ? k : best;
            }
            if (known == 0f) {
                result.c().set(r, best, 1f);
            }
        }
        return result;
    }

    /** Losses of the rows, with the noise of {@link #latentDraw}. */
    public RowLosses losses() {
        ObjectiveStep block = step();
        if (!lossesKnown) {
            objective.accumulate(block);
            lossesKnown = true;
        }
        return losses;
    }

    /** log p̂(x|c) of the rows by {@code draws} importance samples. */
    public double[] logLikelihood(int draws) {
        double[] result = new double[BLOCK_ROWS];
        ImportanceSampling.logLikelihood(step(), draws, result);
        return result;
    }

    /** The posterior's mean μ of z, [rows×Z]. */
    public Matrix latentMean() {
        return completed().posterior().output().columns(0, network.latent());
    }

    /** The posterior's standard deviation σ of z, [rows×Z]. */
    public Matrix latentStd() {
        return deviation(completed().posterior().output());
    }

    /** z = μ + σ ⊙ ε by the first draw of ε, which {@link #losses} takes too, [rows×Z]. */
    public Matrix latentDraw() {
        Matrix posterior = completed().posterior().output();
        Matrix epsilon = workspace.matrix(posterior.rows(), network.latent());
        noise.fill(Noise.Purpose.POSTERIOR, 0, completed().batch(), epsilon, workspace.math());
        Matrix sigma = workspace.matrix(posterior.rows(), network.latent());
        Matrix z = workspace.matrix(posterior.rows(), network.latent());
        DiagonalGaussian.reparameterize(posterior, epsilon, sigma, z, workspace);
        return z;
    }

    /** KL(q‖p) of each latent dimension, [rows×Z]; see {@link LatentDimensions}. p(z|c) must be a single Gaussian. */
    public Matrix klPerDimension() {
        ObjectiveStep block = completed();
        Network.Trace prior = block.prior();
        return LatentDimensions.kl(
                block.posterior().output(),
                prior == null ? null : prior.output(),
                block.batch().weights(),
                workspace);
    }

    /** σ of [μ | log σ²]. */
    private Matrix deviation(Matrix gaussian) {
        Matrix sigma = workspace.matrix(gaussian.rows(), network.latent());
        Matrix epsilon = workspace.zeros(gaussian.rows(), network.latent());
        Matrix z = workspace.matrix(gaussian.rows(), network.latent());
        DiagonalGaussian.reparameterize(gaussian, epsilon, sigma, z, workspace);
        return sigma;
    }

    /** E[z|c], [rows×Z]; 0 where there is no distribution over z. */
    public Matrix priorMean() {
        Matrix z = workspace.zeros(step().rows(), network.latent());
        if (network.variant().hasPrior()) {
            step().latentPrior().mean(z);
        }
        return z;
    }

    /** σ of p(z|c) where it is a learned Gaussian, else 1, [rows×Z]. */
    public Matrix priorStd() {
        boolean learned = network.architecture().latentPrior().type() == PriorSpec.Type.LEARNED;
        Network.Trace prior = learned ? step().prior() : null;
        if (prior != null) {
            return deviation(prior.output());
        }
        Matrix ones = memory().matrix(BLOCK_ROWS, network.latent());
        ones.fill(1f);
        return ones;
    }

    /** E[x | z, c] at the posterior's mean, [rows×X]; without a latent E[x | c]. */
    public Matrix reconstruction() {
        if (network.isAutoregressive()) {
            ObjectiveStep block = completed();
            boolean gaussian = network.variant().posterior() == Variant.Posterior.GAUSSIAN;
            Matrix z = network.latent() == 0
                    ? workspace.matrix(block.rows(), 0)
                    : block.posterior().output();
            return block.generated(gaussian ? z.columns(0, network.latent()) : z, Map.of(), null);
        }
        return mean(completed().etaAtMean());
    }

    /**
     * What c alone predicts, [rows×X].
     *
     * @param draws N of 1/N Σ_n E[x | z_n, c], z_n ~ p(z|c); 0: E[x | z, c] at the prior's mean
     */
    public Matrix prediction(int draws) {
        // Codes and levels have no average: a column-by-column decoder predicts at the prior's mean.
        int averaged = network.variant().hasPrior() && !network.isAutoregressive() ? draws : 0;
        Matrix known = predictions.get(averaged);
        if (known == null) {
            known = averaged == 0 ? predictionAtMean() : averagePrediction(averaged);
            predictions.put(averaged, known);
        }
        return known;
    }

    private Matrix predictionAtMean() {
        if (network.isAutoregressive()) {
            return step().generated(priorMean(), Map.of(), null);
        }
        return mean(network.variant().hasLatent() ? step().etaAt(priorMean()) : step().etaAtMean());
    }

    private Matrix averagePrediction(int draws) {
        int rows = step().rows();
        int width = network.likelihood().width();
        step().latentPrior();
        Matrix average = workspace.matrix(rows, width);
        Matrix z = workspace.matrix(rows, network.latent());
        double[] sums = workspace.zeroDoubles(Math.multiplyExact(rows, width));
        int mark = workspace.mark();
        for (int n = 0; n < draws; n++) {
            workspace.release(mark);
            drawFromPrior(n, z);
            Matrix x = mean(step().etaAt(z));
            for (int r = 0; r < rows; r++) {
                for (int j = 0; j < width; j++) {
                    sums[r * width + j] += x.get(r, j);
                }
            }
        }
        for (int r = 0; r < rows; r++) {
            for (int j = 0; j < width; j++) {
                average.set(r, j, (float) (sums[r * width + j] / draws));
            }
        }
        return average;
    }

    /**
     * The probabilities of the classes, [rows×K]: q(c|x) where there is a classifier, else {@link #prediction} of the one
     * categorical target.
     */
    public Matrix classProbabilities(int draws) {
        if (network.classifier() != null) {
            return classes();
        }
        LikelihoodSpec target = network.architecture().fields().get(0);
        return target.codeCount() == 0 ? prediction(draws) : softmax(step().etaAt(priorMean()));
    }

    /** q(c|x), [rows×K]. */
    private Matrix classes() {
        if (classes == null) {
            classes = softmax(step().classified().output());
        }
        return classes;
    }

    private Matrix softmax(Matrix logits) {
        Matrix probabilities = workspace.matrix(logits.rows(), logits.cols());
        Likelihoods.of(List.of(new LikelihoodSpec("categorical", logits.cols())))
                .mean(logits, probabilities, workspace);
        return probabilities;
    }

    /**
     * Draws x given the rows' conditions, z ~ p(z|c), [rows×X].
     *
     * @param takeMean whether the likelihood's mean is taken instead of a draw from it
     */
    public Matrix sample(boolean takeMean) {
        if (!network.variant().isGenerative()) {
            throw new IllegalArgumentException(
                    "Variant %s has no distribution over the latent to sample from; use vae or a cvae variant"
                            .formatted(network.variant()));
        }
        Matrix z = memory().matrix(BLOCK_ROWS, network.latent());
        if (network.variant().hasPrior()) {
            drawFromPrior(0, z);
        }
        return decoded(z, takeMean);
    }

    /**
     * x at given latents, [rows×X].
     *
     * @param latents z of each row added
     * @param takeMean whether the likelihood's mean is taken instead of a draw from it
     */
    public Matrix decode(List<float[]> latents, boolean takeMean) {
        Matrix z = memory().zeros(BLOCK_ROWS, network.latent());
        for (int r = 0; r < latents.size(); r++) {
            System.arraycopy(latents.get(r), 0, z.data(), z.row(r), z.cols());
        }
        return decoded(z, takeMean);
    }

    private Matrix decoded(Matrix z, boolean takeMean) {
        if (network.isAutoregressive()) {
            return step().generated(z, allowed, takeMean ? null : likelihoodKeys());
        }
        Matrix eta = step().etaAt(z);
        return takeMean ? mean(eta) : draw(eta);
    }

    /** z ~ p(z|c), draw number {@code n}. */
    private void drawFromPrior(int n, Matrix z) {
        Batch batch = step().batch();
        Matrix epsilon = workspace.matrix(batch.rows(), network.latent());
        noise.fill(Noise.Purpose.PRIOR, 2 * n, batch, epsilon, workspace.math());
        long[] keys = new long[batch.rows()];
        Arrays.setAll(keys, r -> Noise.key(seed, Noise.Purpose.PRIOR, 0, batch.ids()[r], 2 * n + 1));
        step().latentPrior().draw(epsilon, keys, z);
    }

    /** E[x | η]. */
    private Matrix mean(Matrix eta) {
        Matrix x = workspace.matrix(eta.rows(), network.likelihood().width());
        network.likelihood().mean(eta, x, workspace);
        return x;
    }

    /** x ~ p(x | η). */
    private Matrix draw(Matrix eta) {
        Matrix x = workspace.matrix(eta.rows(), network.likelihood().width());
        network.likelihood().draw(eta, likelihoodKeys(), x, workspace);
        return x;
    }

    private long[] likelihoodKeys() {
        long[] ids = step().batch().ids();
        long[] keys = new long[step().rows()];
        Arrays.setAll(keys, r -> Noise.key(seed, Noise.Purpose.LIKELIHOOD, 0, ids[r], 0));
        return keys;
    }
}
