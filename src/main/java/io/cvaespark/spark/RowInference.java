package io.cvaespark.spark;

import io.cvaespark.data.Batch;
import io.cvaespark.data.BatchAssembler;
import io.cvaespark.data.TableSchema;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.model.ImportanceSampling;
import io.cvaespark.model.LatentNoise;
import io.cvaespark.model.Objectives;
import io.cvaespark.model.RowLosses;
import io.cvaespark.nn.Network;
import java.util.Arrays;

/**
 * Computes with a finished model in blocks of {@value ShardedTable#INFERENCE_ROWS} rows, the last one padded.
 *
 * <p>One block size for every product, so that a row's results do not depend on how many neighbours it has or where it
 * stands. Add rows, then ask for what is wanted; results are indexed like the rows added. Holds one thread's buffers.
 */
final class RowInference {
    private final CvaeNetwork network;
    private final float[] parameters;
    private final Workspace workspace;
    private final BatchAssembler assembler;
    private final long seed;
    private final RowLosses losses = new RowLosses();

    RowInference(CvaeNetwork network, TableSchema schema, float[] parameters, long seed, Workspace workspace) {
        this.network = network;
        this.parameters = parameters;
        this.workspace = workspace;
        this.seed = seed;
        this.assembler = new BatchAssembler(schema, ShardedTable.INFERENCE_ROWS, workspace.math());
    }

    CvaeNetwork network() {
        return network;
    }

    void clear() {
        assembler.clear();
    }

    boolean isFull() {
        return assembler.isFull();
    }

    int rows() {
        return assembler.rows();
    }

    /** Adds a row [x | c] whose noise is keyed by {@code id}. */
    void add(float[] row, int from, float weight, long id) {
        assembler.add(row, from, weight, id, seed, 0);
    }

    /** Losses of the rows with one draw of z, at {@code beta}. */
    RowLosses losses(double beta, float freeBits) {
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
    double[] logLikelihood(int draws) {
        double[] result = new double[ShardedTable.INFERENCE_ROWS];
        ImportanceSampling.logLikelihood(
                network, parameters, assembler.padded(), LatentNoise.counterBased(seed, 0), draws, result, workspace);
        return result;
    }

    /** The posterior's mean μ of z, [rows×Z]; valid until the next call. */
    Matrix latentMean() {
        workspace.reset();
        return network.encode(parameters, assembler.padded(), workspace)
                .output()
                .columns(0, network.latent());
    }

    /** E[x | z, c] at the posterior's mean, [rows×X]; valid until the next call. */
    Matrix reconstruction() {
        if (!network.variant().hasLatent()) {
            return prediction();
        }
        workspace.reset();
        Batch batch = assembler.padded();
        Network.Trace posterior = network.encode(parameters, batch, workspace);
        return mean(batch, posterior.output().columns(0, network.latent()));
    }

    /** E[x | z, c] at the prior's mean given c, [rows×X]; valid until the next call. */
    Matrix prediction() {
        workspace.reset();
        Batch batch = assembler.padded();
        Matrix z = workspace.matrix(batch.rows(), network.latent());
        network.meanLatent(parameters, batch.c(), z, workspace);
        return mean(batch, z);
    }

    /**
     * Draws x given the rows' conditions, z ~ p(z|c), [rows×X]; valid until the next call.
     *
     * @param takeMean whether the likelihood's mean is taken instead of a draw from it
     */
    Matrix sample(boolean takeMean) {
        if (!network.variant().isGenerative()) {
            throw new IllegalArgumentException(
                    "Variant %s has no distribution over the latent to sample from; use vae or a cvae variant"
                            .formatted(network.variant()));
        }
        workspace.reset();
        Batch batch = assembler.padded();
        Matrix decoderInput = network.decoderInput(batch.c(), workspace);
        if (network.variant().hasPrior()) {
            Matrix epsilon = workspace.matrix(batch.rows(), network.latent());
            LatentNoise.counterBased(seed, 0).fill(Noise.Purpose.PRIOR, 0, batch, epsilon, workspace.math());
            long[] keys = new long[batch.rows()];
            Arrays.setAll(keys, r -> Noise.key(seed, Noise.Purpose.PRIOR, 0, batch.ids()[r], 1));
            network.drawLatent(parameters, batch.c(), epsilon, keys, network.latentOf(decoderInput), workspace);
        }
        Matrix eta = network.decode(parameters, decoderInput, workspace).output();
        Matrix x = workspace.matrix(batch.rows(), network.likelihood().width());
        if (takeMean) {
            network.likelihood().mean(eta, x, workspace);
        } else {
            long[] keys = new long[batch.rows()];
            Arrays.setAll(keys, r -> Noise.key(seed, Noise.Purpose.LIKELIHOOD, 0, batch.ids()[r], 0));
            network.likelihood().draw(eta, keys, x, workspace);
        }
        return x;
    }

    private Matrix mean(Batch batch, Matrix z) {
        Matrix decoderInput = network.decoderInput(batch.c(), workspace);
        network.latentOf(decoderInput).copyFrom(z);
        Matrix eta = network.decode(parameters, decoderInput, workspace).output();
        Matrix x = workspace.matrix(batch.rows(), network.likelihood().width());
        network.likelihood().mean(eta, x, workspace);
        return x;
    }
}
