package io.cvaespark.model;

import static io.cvaespark.TestArrays.normals;

import io.cvaespark.batch.Batch;
import io.cvaespark.dist.LikelihoodFixtures;
import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.dist.Likelihoods;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.nn.Activation;
import io.cvaespark.nn.Embedding;
import java.util.List;

/** Small models and batches for tests. */
public final class Models {
    public static final int CONDITIONS = 3;
    public static final int LATENT = 2;

    private Models() {}

    /** A small network of any variant: smooth, so that slopes are easily compared. */
    public static CvaeNetwork network(Variant variant, List<LikelihoodSpec> fields) {
        int conditions = variant.usesCondition() ? CONDITIONS : 0;
        double alpha = variant == Variant.CVAE_3 ? 0.6 : variant == Variant.M2 ? 2 : 1;
        return new CvaeNetwork(Architecture.dense(
                        variant, fields, conditions, LATENT, List.of(4), List.of(3), List.of(5), Activation.TANH)
                .withObjective(new ObjectiveSpec(ObjectiveSpec.Type.ELBO, 1, alpha)));
    }

    /** Parameters large enough for everything to matter. */
    public static float[] parameters(CvaeNetwork network, long key) {
        float[] parameters = normals(key, network.parameterCount());
        for (int i = 0; i < parameters.length; i++) {
            parameters[i] *= 0.5f;
        }
        return parameters;
    }

    /** Rows of {@link LikelihoodFixtures#mixedTargets} and random conditions; weights 1, ids from {@code firstId}. */
    public static Batch batch(CvaeNetwork network, int rows, long firstId) {
        return batch(network, LikelihoodFixtures.mixedTargets(), rows, firstId);
    }

    public static Batch batch(CvaeNetwork network, float[][] targets, int rows, long firstId) {
        int width = network.architecture().targetWidth();
        int conditions = network.architecture().conditionWidth();
        Matrix xc = Matrix.zeros(rows, width + conditions);
        float[] weights = new float[rows];
        long[] ids = new long[rows];
        for (int r = 0; r < rows; r++) {
            long id = firstId + r;
            System.arraycopy(targets[(int) (id % targets.length)], 0, xc.data(), xc.row(r), width);
            if (!network.variant().hasClassifier()) {
                System.arraycopy(normals(1000 + id, conditions), 0, xc.data(), xc.row(r) + width, conditions);
                for (Embedding.Table table : network.architecture().conditions().embeddings()) {
                    xc.set(r, width + table.column(), id % table.levels());
                }
            } else if (id % 2 == 0) { // the others have no label
                xc.set(r, width + (int) (id / 2 % conditions), 1f);
            }
            weights[r] = 1f;
            ids[r] = id;
        }
        return new Batch(xc, width, weights, ids);
    }

    /** The same rows with other weights. */
    public static Batch weighted(Batch batch, float... weights) {
        return new Batch(batch.xc(), batch.x().cols(), batch.observed(), weights, batch.ids());
    }

    /** The same rows with every third cell missing, another one in each row, and all cells of the last row. */
    public static Batch withHoles(CvaeNetwork network, Batch batch) {
        Matrix xc = Matrix.zeros(batch.rows(), batch.xc().cols());
        xc.copyFrom(batch.xc());
        Matrix observed = Matrix.zeros(batch.rows(), network.likelihood().cells());
        observed.fill(1f);
        for (int r = 0; r < batch.rows(); r++) {
            int at = 0;
            int cell = 0;
            for (LikelihoodSpec field : network.architecture().fields()) {
                int cells = Likelihoods.of(field).cells();
                for (int j = 0; j < field.width(); j++) {
                    int own = cell + Math.min(j, cells - 1);
                    if ((own + r) % 3 == 0 || r == batch.rows() - 1) {
                        observed.set(r, own, 0f);
                        xc.set(r, at + j, j == 0 && field.codeCount() > 0 ? -1f : 0f);
                    }
                }
                at += field.width();
                cell += cells;
            }
        }
        return new Batch(xc, batch.x().cols(), observed, batch.weights(), batch.ids());
    }
}
