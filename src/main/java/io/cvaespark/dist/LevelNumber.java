package io.cvaespark.dist;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The likelihood of one of K codes, whose number is the first float of x, with logits η: −log p(x|η) = logsumexp(η) − η_code +
 * ln size_code, gradient softmax(η) − onehot(code).
 *
 * <p>A code stands for a level, of size 1, or for a bin of a histogram, in which all values are equally likely: its size is their
 * number, or the bin's length. The second float of x, if there is one, is the position in the bin, from 0 to 1.
 *
 * @param name {@link Categorical#NAME} or {@link #HISTOGRAM}
 * @param width 1, or 2 with a position
 * @param codes K
 * @param logSizes ln size of each code; empty if all sizes are 1
 * @param middles the value in the middle of each code, from which the mean is computed; empty for levels
 */
record LevelNumber(String name, int width, int codes, List<Double> logSizes, List<Double> middles)
        implements Likelihood {
    static final String HISTOGRAM = "histogram";
    private static final float MIDDLE = 0.5f;

    LevelNumber {
        logSizes = List.copyOf(logSizes);
        middles = List.copyOf(middles);
        if (codes < 1 || (!logSizes.isEmpty() && logSizes.size() != codes)) {
            throw new IllegalArgumentException(
                    "A likelihood of codes needs at least one code and a size of each, found %s and %s"
                            .formatted(codes, logSizes.size()));
        }
    }

    static LevelNumber of(String name, LikelihoodSpec spec) {
        LikelihoodSpec.Codes codes = spec.codes();
        if (codes == null) {
            throw new IllegalArgumentException("Likelihood %s needs the codes of its column".formatted(name));
        }
        return new LevelNumber(name, spec.width(), codes.count(), codes.logSizes(), codes.middles());
    }

    @Override
    public int cells() {
        return 1;
    }

    @Override
    public int etaWidth() {
        return codes;
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
        for (int r = 0; r < x.rows(); r++) {
            float known = observed == null ? 1f : observed.get(r, 0);
            int code = known == 0f ? 0 : code(x, r);
            double logSum = Softmax.row(eta, r, etaGradient, r, known * weight[r], workspace);
            int target = etaGradient.row(r) + code;
            etaGradient.data()[target] -= known * weight[r];
            double size = logSizes.isEmpty() ? 0 : logSizes.get(code);
            loss[r] += known * (logSum - eta.get(r, code) + size);
        }
    }

    private int code(Matrix x, int r) {
        int code = Math.round(x.get(r, 0));
        if (code < 0 || code >= codes) {
            throw new IllegalArgumentException("Code %s is not one of %s".formatted(code, codes));
        }
        return code;
    }

    /** Of levels the most probable one; of numbers the code whose middle is nearest to the mean. */
    @Override
    public void mean(Matrix eta, Matrix mean, Workspace workspace) {
        Matrix p = workspace.matrix(1, codes);
        for (int r = 0; r < eta.rows(); r++) {
            int best = 0;
            if (middles.isEmpty()) {
                for (int k = 1; k < codes; k++) {
                    best = eta.get(r, k) > eta.get(r, best) ? k : best;
                }
            } else {
                Softmax.row(eta, r, p, 0, 1f, workspace);
                best = nearestToMean(p);
            }
            write(mean, r, best, MIDDLE);
        }
    }

    /** A code without a middle is that of an empty cell: it counts only if it is the most probable one. */
    private int nearestToMean(Matrix p) {
        double sum = 0;
        double share = 0;
        for (int k = 0; k < middles.size(); k++) {
            sum += p.get(0, k) * middles.get(k);
            share += p.get(0, k);
        }
        if (share < MIDDLE) {
            return middles.size();
        }
        double mean = sum / share;
        int best = 0;
        for (int k = 1; k < middles.size(); k++) {
            best = Math.abs(middles.get(k) - mean) < Math.abs(middles.get(best) - mean) ? k : best;
        }
        return best;
    }

    @Override
    public void draw(Matrix eta, long[] keys, Matrix x, Workspace workspace) {
        Matrix p = workspace.matrix(1, codes);
        for (int r = 0; r < eta.rows(); r++) {
            Softmax.row(eta, r, p, 0, 1f, workspace);
            write(x, r, chosen(p, Noise.uniform(keys[r], 0)), width > 1 ? Noise.uniform(keys[r], 1) : 0f);
        }
    }

    private int chosen(Matrix p, float u) {
        float[] values = p.data();
        int at = p.row(0);
        double cumulated = 0;
        for (int k = 0; k < codes - 1; k++) {
            cumulated += values[at + k];
            if (u < cumulated) {
                return k;
            }
        }
        return codes - 1;
    }

    private void write(Matrix x, int r, int code, float position) {
        x.set(r, 0, code);
        if (width > 1) {
            x.set(r, 1, position);
        }
    }
}
