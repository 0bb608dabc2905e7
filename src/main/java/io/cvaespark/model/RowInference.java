package io.cvaespark.model;

import io.cvaespark.batch.Batch;
import io.cvaespark.batch.BatchAssembler;
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
import java.util.List;
import java.util.Objects;

/**
 * Computes with a finished model in blocks of {@value ShardedTable#INFERENCE_ROWS} rows, the last one padded.
 *
 * <p>One block size for every product, so that a row's results do not depend on how many neighbours it has or where it
 * stands. Add rows, then ask for what is wanted; results are indexed like the rows added. Holds one thread's buffers.
 */
public final class RowInference {
    /** Rows of the blocks that inference and validation compute with, however few rows are left. */
    public static final int BLOCK_ROWS = 256;

    private final CvaeNetwork network;
    private final float[] parameters;
    private final Workspace workspace;
    private final BatchAssembler assembler;
    private final long seed;
    private final RowLosses losses = new RowLosses();

    public RowInference(CvaeNetwork network, TableSchema schema, float[] parameters, long seed, Workspace workspace) {
        this.network = network;
        this.parameters = parameters;
        this.workspace = workspace;
        this.seed = seed;
        this.assembler = new BatchAssembler(schema, BLOCK_ROWS, workspace.math());
    }

    public CvaeNetwork network() {
        return network;
    }

    public void clear() {
        assembler.clear();
    }

    public boolean isFull() {
        return assembler.isFull();
    }

    int rows() {
        return assembler.rows();
    }

    /** Adds a row [x | c] whose noise is keyed by {@code id}. */
    public void add(float[] row, int from, float weight, long id) {
        assembler.add(row, from, weight, id, seed, 0);
    }

    /** Losses of the rows with one draw of z, at {@code beta}. */
    public RowLosses losses(double beta, float freeBits) {
        workspace.reset();
        Objectives.of(network.architecture(), freeBits)
                .accumulate(
                        network,
                        parameters,
                        assembler.padded(),
                        LatentNoise.counterBased(seed, 0),
                        beta,
                        losses,
                        null,
                        workspace);
        return losses;
    }

    /** log p̂(x|c) of the rows by {@code draws} importance samples. */
    public double[] logLikelihood(int draws) {
        double[] result = new double[BLOCK_ROWS];
        ImportanceSampling.logLikelihood(
                network, parameters, assembler.padded(), LatentNoise.counterBased(seed, 0), draws, result, workspace);
        return result;
    }

    /** The batch with the most probable class where m2 is not told which. */
    private Batch completed(Batch batch) {
        if (network.classifier() == null) {
            return batch;
        }
        Matrix probabilities = classify(batch);
        Matrix xc = workspace.matrix(batch.rows(), batch.xc().cols());
        xc.copyFrom(batch.xc());
        Batch completed = new Batch(xc, batch.x().cols(), batch.observed(), batch.weights(), batch.ids());
        for (int r = 0; r < batch.rows(); r++) {
            int best = 0;
            float known = 0f;
            for (int k = 0; k < probabilities.cols(); k++) {
                known += batch.c().get(r, k);
                best = probabilities.get(r, k) > probabilities.get(r, best) ? k : best;
            }
            if (known == 0f) {
                completed.c().set(r, best, 1f);
            }
        }
        return completed;
    }

    /** The posterior's mean μ of z, [rows×Z]; valid until the next call. */
    public Matrix latentMean() {
        workspace.reset();
        return network.encode(parameters, completed(assembler.padded()), workspace)
                .output()
                .columns(0, network.latent());
    }

    /** The posterior's standard deviation σ of z, [rows×Z]; valid until the next call. */
    public Matrix latentStd() {
        workspace.reset();
        Matrix posterior = network.encode(parameters, completed(assembler.padded()), workspace)
                .output();
        return deviation(posterior);
    }

    /** z = μ + σ ⊙ ε by the first draw of ε, which {@link #losses} takes too, [rows×Z]; valid until the next call. */
    public Matrix latentDraw() {
        workspace.reset();
        Batch batch = completed(assembler.padded());
        Matrix posterior = network.encode(parameters, batch, workspace).output();
        Matrix epsilon = workspace.matrix(batch.rows(), network.latent());
        LatentNoise.counterBased(seed, 0).fill(Noise.Purpose.POSTERIOR, 0, batch, epsilon, workspace.math());
        Matrix sigma = workspace.matrix(batch.rows(), network.latent());
        Matrix z = workspace.matrix(batch.rows(), network.latent());
        DiagonalGaussian.reparameterize(posterior, epsilon, sigma, z, workspace);
        return z;
    }

    /**
     * KL(q‖p) of each latent dimension, [rows×Z]: ½·(v_p − v_q + (σ_q² + (μ_q − μ_p)²)/σ_p² − 1); valid until the next call.
     * p(z|c) must be a single Gaussian.
     */
    public Matrix klPerDimension() {
        workspace.reset();
        Batch batch = completed(assembler.padded());
        Matrix q = network.encode(parameters, batch, workspace).output();
        Network.Trace prior = network.prior(parameters, batch.c(), workspace);
        Matrix result = workspace.matrix(batch.rows(), network.latent());
        int mark = workspace.mark();
        for (int j = 0; j < network.latent(); j++) {
            workspace.release(mark);
            double[] kl = workspace.zeroDoubles(batch.rows());
            DiagonalGaussian.kl(
                    dimension(q, j),
                    prior == null ? null : dimension(prior.output(), j),
                    0f,
                    batch.weights(),
                    kl,
                    workspace.zeroDoubles(batch.rows()),
                    null,
                    null,
                    workspace);
            for (int r = 0; r < batch.rows(); r++) {
                result.set(r, j, (float) kl[r]);
            }
        }
        return result;
    }

    /** [μ_j | v_j] of [μ | v]. */
    private Matrix dimension(Matrix gaussian, int j) {
        Matrix one = workspace.matrix(gaussian.rows(), 2);
        one.columns(0, 1).copyFrom(gaussian.columns(j, j + 1));
        int v = network.latent() + j;
        one.columns(1, 2).copyFrom(gaussian.columns(v, v + 1));
        return one;
    }

    /** σ of [μ | log σ²]. */
    private Matrix deviation(Matrix gaussian) {
        Matrix sigma = workspace.matrix(gaussian.rows(), network.latent());
        Matrix epsilon = workspace.zeros(gaussian.rows(), network.latent());
        Matrix z = workspace.matrix(gaussian.rows(), network.latent());
        DiagonalGaussian.reparameterize(gaussian, epsilon, sigma, z, workspace);
        return sigma;
    }

    /** E[z|c], [rows×Z]; 0 where there is no distribution over z. Valid until the next call. */
    public Matrix priorMean() {
        workspace.reset();
        Batch batch = assembler.padded();
        Matrix z = workspace.matrix(batch.rows(), network.latent());
        network.meanLatent(parameters, batch.c(), z, workspace);
        return z;
    }

    /** σ of p(z|c) where it is a learned Gaussian, else 1, [rows×Z]; valid until the next call. */
    public Matrix priorStd() {
        workspace.reset();
        Batch batch = assembler.padded();
        if (network.architecture().latentPrior().type() == PriorSpec.Type.LEARNED) {
            return deviation(Objects.requireNonNull(network.prior(parameters, batch.c(), workspace))
                    .output());
        }
        Matrix ones = workspace.matrix(batch.rows(), network.latent());
        ones.fill(1f);
        return ones;
    }

    /** E[x | z, c] at the posterior's mean, [rows×X]; valid until the next call. */
    public Matrix reconstruction() {
        if (!network.variant().hasLatent()) {
            return prediction(0);
        }
        workspace.reset();
        Batch batch = completed(assembler.padded());
        Network.Trace posterior = network.encode(parameters, batch, workspace);
        return mean(batch, posterior.output().columns(0, network.latent()));
    }

    /**
     * What c alone predicts, [rows×X]; valid until the next call.
     *
     * @param draws N of 1/N Σ_n E[x | z_n, c], z_n ~ p(z|c); 0: E[x | z, c] at the prior's mean
     */
    public Matrix prediction(int draws) {
        workspace.reset();
        Batch batch = assembler.padded();
        int rows = batch.rows();
        if (draws == 0 || !network.variant().hasPrior()) {
            Matrix z = workspace.matrix(rows, network.latent());
            network.meanLatent(parameters, batch.c(), z, workspace);
            return mean(batch, z);
        }
        int width = network.likelihood().width();
        Matrix average = workspace.matrix(rows, width);
        Matrix z = workspace.matrix(rows, network.latent());
        double[] sums = workspace.zeroDoubles(Math.multiplyExact(rows, width));
        int mark = workspace.mark();
        for (int n = 0; n < draws; n++) {
            workspace.release(mark);
            drawLatent(batch, n, z);
            Matrix x = mean(batch, z);
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
     * categorical target; valid until the next call.
     */
    public Matrix classProbabilities(int draws) {
        if (network.classifier() == null) {
            return prediction(draws);
        }
        workspace.reset();
        return classify(assembler.padded());
    }

    /** q(c|x), [rows×K]. */
    private Matrix classify(Batch batch) {
        Matrix logits = network.classify(parameters, batch.seenX(), workspace).output();
        Matrix probabilities = workspace.matrix(logits.rows(), logits.cols());
        Likelihoods.of(List.of(new LikelihoodSpec("categorical", logits.cols())))
                .mean(logits, probabilities, workspace);
        return probabilities;
    }

    /**
     * Draws x given the rows' conditions, z ~ p(z|c), [rows×X]; valid until the next call.
     *
     * @param takeMean whether the likelihood's mean is taken instead of a draw from it
     */
    public Matrix sample(boolean takeMean) {
        if (!network.variant().isGenerative()) {
            throw new IllegalArgumentException(
                    "Variant %s has no distribution over the latent to sample from; use vae or a cvae variant"
                            .formatted(network.variant()));
        }
        workspace.reset();
        Batch batch = assembler.padded();
        Matrix z = workspace.matrix(batch.rows(), network.latent());
        if (network.variant().hasPrior()) {
            drawLatent(batch, 0, z);
        }
        return takeMean ? mean(batch, z) : draw(batch, z);
    }

    /**
     * x at given latents, [rows×X]; valid until the next call.
     *
     * @param latents z of each row added
     * @param takeMean whether the likelihood's mean is taken instead of a draw from it
     */
    public Matrix decode(List<float[]> latents, boolean takeMean) {
        workspace.reset();
        Batch batch = assembler.padded();
        Matrix z = workspace.zeros(batch.rows(), network.latent());
        for (int r = 0; r < latents.size(); r++) {
            System.arraycopy(latents.get(r), 0, z.data(), z.row(r), z.cols());
        }
        return takeMean ? mean(batch, z) : draw(batch, z);
    }

    /** z ~ p(z|c), draw number {@code n}. */
    private void drawLatent(Batch batch, int n, Matrix z) {
        Matrix epsilon = workspace.matrix(batch.rows(), network.latent());
        LatentNoise.counterBased(seed, 0).fill(Noise.Purpose.PRIOR, 2 * n, batch, epsilon, workspace.math());
        long[] keys = new long[batch.rows()];
        Arrays.setAll(keys, r -> Noise.key(seed, Noise.Purpose.PRIOR, 0, batch.ids()[r], 2 * n + 1));
        network.drawLatent(parameters, batch.c(), epsilon, keys, z, workspace);
    }

    /** E[x | z, c]. */
    private Matrix mean(Batch batch, Matrix z) {
        Matrix eta = eta(batch, z);
        Matrix x = workspace.matrix(batch.rows(), network.likelihood().width());
        network.likelihood().mean(eta, x, workspace);
        return x;
    }

    /** x ~ p(x | z, c). */
    private Matrix draw(Batch batch, Matrix z) {
        Matrix eta = eta(batch, z);
        Matrix x = workspace.matrix(batch.rows(), network.likelihood().width());
        long[] keys = new long[batch.rows()];
        Arrays.setAll(keys, r -> Noise.key(seed, Noise.Purpose.LIKELIHOOD, 0, batch.ids()[r], 0));
        network.likelihood().draw(eta, keys, x, workspace);
        return x;
    }

    private Matrix eta(Batch batch, Matrix z) {
        Matrix decoderInput = network.decoderInput(batch.c(), workspace);
        network.latentOf(decoderInput).copyFrom(z);
        return network.decode(parameters, decoderInput, workspace).output();
    }
}
