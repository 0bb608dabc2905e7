package io.cvaespark.dist;

import io.cvaespark.dist.LikelihoodSpec.Bins;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The likelihood of one of K codes, whose number is the first float of x, with logits η: −log p(x|η) = logsumexp(η) − η_code +
 * ln size_code, gradient softmax(η) − onehot(code).
 *
 * <p>A code stands for a level, of size 1, for several rare levels, or for a bin of a histogram. A bin has P parts; the part is the
 * second float of x and has logits of its own, the last P of η: −log p(x|η) is the sum of both terms + ln of the part's size, which
 * is the number of its values, or its length, since all values in a part are equally likely. The third float is the position in
 * the part, from 0 to 1.
 *
 * @param name {@link Categorical#NAME} or {@link #HISTOGRAM}
 * @param width 1, or 3 with a part and a position
 * @param codes K
 * @param logSizes ln size of each code; empty if all sizes are 1
 * @param middles the value in the middle of each code, from which the mean is computed; empty for levels
 * @param bins null if no code is a bin
 */
record LevelNumber(
        String name,
        int width,
        int codes,
        List<Double> logSizes,
        List<Double> middles,
        @Nullable Bins bins) implements Likelihood {
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
        return new LevelNumber(name, spec.width(), codes.count(), codes.logSizes(), codes.middles(), codes.bins());
    }

    @Override
    public int cells() {
        return 1;
    }

    @Override
    public int etaWidth() {
        return codes + (bins == null ? 0 : bins.parts());
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
        Matrix ofCodes = eta.columns(0, codes);
        Matrix codeGradient = etaGradient.columns(0, codes);
        Matrix ofParts = eta.columns(codes, etaWidth());
        Matrix partGradient = etaGradient.columns(codes, etaWidth());
        for (int r = 0; r < x.rows(); r++) {
            float known = observed == null ? 1f : observed.get(r, 0);
            int code = known == 0f ? 0 : code(x.get(r, 0), codes);
            double size = logSizes.isEmpty() ? 0 : logSizes.get(code);
            loss[r] += known * (term(ofCodes, codeGradient, r, code, known * weight[r], workspace) + size);
            if (bins != null && known != 0f && bins.has(code)) {
                int part = code(x.get(r, 1), bins.parts());
                loss[r] += term(ofParts, partGradient, r, part, weight[r], workspace) + bins.logSize(code, part);
            } else {
                Arrays.fill(partGradient.data(), partGradient.row(r), partGradient.row(r) + partGradient.cols(), 0f);
            }
        }
    }

    /** −log p of one choice; its gradient, times {@code weight}, is written. */
    private static double term(Matrix eta, Matrix gradient, int r, int choice, float weight, Workspace workspace) {
        double logSum = Softmax.row(eta, r, gradient, r, weight, workspace);
        gradient.data()[gradient.row(r) + choice] -= weight;
        return logSum - eta.get(r, choice);
    }

    private static int code(float number, int codes) {
        int code = Math.round(number);
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
                Softmax.row(eta.columns(0, codes), r, p, 0, 1f, workspace);
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
        Matrix ofCodes = eta.columns(0, codes);
        for (int r = 0; r < eta.rows(); r++) {
            Softmax.row(ofCodes, r, p, 0, 1f, workspace);
            write(x, r, Softmax.chosen(p, 0, Noise.uniform(keys[r], 0)), width > 1 ? Noise.uniform(keys[r], 1) : 0f);
        }
        if (bins != null && eta.cols() > codes) {
            drawPart(eta.columns(codes, etaWidth()), keys, x, workspace);
        }
    }

    @Override
    public void drawPart(Matrix eta, long[] keys, Matrix x, Workspace workspace) {
        Matrix p = workspace.matrix(1, eta.cols());
        for (int r = 0; r < eta.rows(); r++) {
            if (x.get(r, 1) >= 0) {
                Softmax.row(eta, r, p, 0, 1f, workspace);
                x.set(r, 1, Softmax.chosen(p, 0, Noise.uniform(keys[r], 2)));
            }
        }
    }

    /** A code, and for a bin the place in it, from 0 to 1. */
    private void write(Matrix x, int r, int code, float place) {
        x.set(r, 0, code);
        if (width == 1) {
            return;
        }
        if (bins == null || !bins.has(code)) {
            x.set(r, 1, -1f);
            x.set(r, 2, MIDDLE);
            return;
        }
        int part = Math.min((int) (place * bins.parts()), bins.parts() - 1);
        x.set(r, 1, part);
        x.set(r, 2, place * bins.parts() - part);
    }
}
