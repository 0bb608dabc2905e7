package io.cvaespark.spark.inference;

import io.cvaespark.data.Field;
import io.cvaespark.linalg.ExactSum;
import io.cvaespark.model.ExactLosses;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/** Weighted sums over scored rows that do not depend on the rows' order, and the metrics that follow from them. */
final class EvaluationSums implements Serializable {
    /** Ordinals of a scored row; the levels of the grouping conditions follow. */
    static final int WEIGHT = 0;

    static final int RECONSTRUCTION = 1;
    static final int ELBO = 2;
    static final int LOG_LIKELIHOOD = 3;
    static final int LATENT = 4;
    static final int KL = 5;
    static final int LABEL = 6;
    static final int PROBABILITY = 7;
    static final int FIRST_GROUP = 8;

    /** Bins of confidence in the calibration error. */
    private static final int BINS = 15;

    /** Variance of the posterior mean above which a unit is active. */
    private static final double ACTIVE = 0.01;

    private final List<String> classes;
    private final List<String> groups;
    private final ExactLosses total = new ExactLosses();
    private long invalidRows;
    private long latentRows;
    private final ExactSum latentWeight = new ExactSum();
    private final List<ExactSum> mean = new ArrayList<>();
    private final List<ExactSum> square = new ArrayList<>();
    private final List<ExactSum> kl = new ArrayList<>();
    private long classRows;
    private final List<Bin> bins = new ArrayList<>();
    private final List<Map<String, ExactLosses>> byGroup = new ArrayList<>();

    /** Σ w, Σ w·confidence and Σ w·[correct] of the predictions of one range of confidence. */
    private record Bin(ExactSum weight, ExactSum confidence, ExactSum correct) implements Serializable {
        static Bin empty() {
            return new Bin(new ExactSum(), new ExactSum(), new ExactSum());
        }

        void add(Bin other) {
            weight.add(other.weight);
            confidence.add(other.confidence);
            correct.add(other.correct);
        }
    }

    /**
     * No rows yet.
     *
     * @param classField the column whose class is predicted; null: there is none
     * @param groups the conditions by whose levels the ELBO is averaged
     */
    EvaluationSums(@Nullable Field classField, List<String> groups) {
        this.classes = classField == null ? List.of() : classField.levels();
        this.groups = groups;
        groups.forEach(g -> byGroup.add(new TreeMap<>()));
        for (int b = 0; b < BINS; b++) {
            bins.add(Bin.empty());
        }
    }

    /** Adds a scored row; null cells are those that the model or the row does not have. */
    void add(InternalRow row) {
        if (row.isNullAt(ELBO)) {
            invalidRows++;
            return;
        }
        double weight = row.isNullAt(WEIGHT) ? Double.NaN : row.getDouble(WEIGHT);
        if (!(weight >= 0 && Double.isFinite(weight))) {
            throw new IllegalArgumentException(
                    "A row has the weight %s; weights must be 0 or more. Fill them in, or leave such rows out"
                            .formatted(row.isNullAt(WEIGHT) ? "null" : weight));
        }
        double elbo = row.getDouble(ELBO);
        double logLikelihood = row.getDouble(LOG_LIKELIHOOD);
        if (!Double.isFinite(elbo + logLikelihood)) {
            throw new IllegalStateException(
                    "A row has an ELBO of %s and a log-likelihood of %s: look for extreme values in the rows and leave such rows out, or for a training that went wrong"
                            .formatted(elbo, logLikelihood));
        }
        addLosses(total, row);
        for (int g = 0; g < groups.size(); g++) {
            if (!row.isNullAt(FIRST_GROUP + g)) {
                String level = row.getUTF8String(FIRST_GROUP + g).toString();
                addLosses(byGroup.get(g).computeIfAbsent(level, l -> new ExactLosses()), row);
            }
        }
        if (!row.isNullAt(LATENT)) {
            latentRows++;
            latentWeight.add(weight);
            double[] mu = row.getArray(LATENT).toDoubleArray();
            addTo(mean, mu, weight);
            addTo(square, Arrays.stream(mu).map(m -> m * m).toArray(), weight);
            if (!row.isNullAt(KL)) {
                addTo(kl, row.getArray(KL).toDoubleArray(), weight);
            }
        }
        if (!row.isNullAt(LABEL) && !row.isNullAt(PROBABILITY)) {
            addPrediction(
                    row.getUTF8String(LABEL).toString(),
                    row.getArray(PROBABILITY).toDoubleArray(),
                    weight);
        }
    }

    private static void addLosses(ExactLosses sums, InternalRow row) {
        double reconstruction = row.getDouble(RECONSTRUCTION);
        double elbo = row.getDouble(ELBO);
        sums.add(row.getDouble(WEIGHT), -elbo, reconstruction, -elbo - reconstruction, row.getDouble(LOG_LIKELIHOOD));
    }

    private static void addTo(List<ExactSum> sums, double[] values, double weight) {
        grow(sums, values.length);
        for (int j = 0; j < values.length; j++) {
            sums.get(j).add(weight * values[j]);
        }
    }

    private static void grow(List<ExactSum> sums, int size) {
        while (sums.size() < size) {
            sums.add(new ExactSum());
        }
    }

    private void addPrediction(String label, double[] probability, double weight) {
        int best = 0;
        for (int k = 1; k < probability.length; k++) {
            best = probability[k] > probability[best] ? k : best;
        }
        // bin b is (b/BINS, (b + 1)/BINS]
        int b = Math.min(BINS, Math.max(1, (int) Math.ceil(probability[best] * BINS))) - 1;
        classRows++;
        bins.get(b).weight().add(weight);
        bins.get(b).confidence().add(weight * probability[best]);
        bins.get(b).correct().add(classes.get(best).equals(label) ? weight : 0);
    }

    EvaluationSums merge(EvaluationSums other) {
        total.merge(other.total);
        for (int g = 0; g < groups.size(); g++) {
            Map<String, ExactLosses> mine = byGroup.get(g);
            other.byGroup.get(g).forEach((level, sums) -> mine.merge(level, sums, ExactLosses::merge));
        }
        invalidRows += other.invalidRows;
        latentRows += other.latentRows;
        latentWeight.add(other.latentWeight);
        merge(mean, other.mean);
        merge(square, other.square);
        merge(kl, other.kl);
        classRows += other.classRows;
        for (int b = 0; b < BINS; b++) {
            bins.get(b).add(other.bins.get(b));
        }
        return this;
    }

    private static void merge(List<ExactSum> into, List<ExactSum> from) {
        grow(into, from.size());
        for (int j = 0; j < from.size(); j++) {
            into.get(j).add(from.get(j));
        }
    }

    /** Rows without an ELBO, of which nothing else is added. */
    long invalidRows() {
        return invalidRows;
    }

    ExactLosses total() {
        return total;
    }

    /** KL per dimension, and how many units are active; null where no row has a latent. */
    Evaluation.@Nullable LatentUse latentUse() {
        double weight = latentWeight.value();
        if (latentRows == 0 || weight == 0) {
            return null;
        }
        int active = 0;
        for (int j = 0; j < mean.size(); j++) {
            double average = mean.get(j).value() / weight;
            active += square.get(j).value() / weight - average * average > ACTIVE ? 1 : 0;
        }
        return new Evaluation.LatentUse(
                latentRows, kl.stream().map(sum -> sum.value() / weight).toList(), active);
    }

    /** Accuracy and calibration; null where no row has a class. */
    Evaluation.@Nullable Classification classification() {
        double weight = bins.stream().mapToDouble(b -> b.weight().value()).sum();
        if (classRows == 0 || weight == 0) {
            return null;
        }
        double correct = 0;
        double error = 0;
        for (Bin bin : bins) {
            correct += bin.correct().value();
            error += Math.abs(bin.correct().value() - bin.confidence().value());
        }
        return new Evaluation.Classification(classRows, correct / weight, error / weight);
    }

    /** ELBO by column and level, levels that have rows only, in the order of {@code levels}. */
    Map<String, Map<String, Evaluation.LevelElbo>> byCondition(List<Field> fields) {
        Map<String, Map<String, Evaluation.LevelElbo>> result = new LinkedHashMap<>();
        for (int g = 0; g < fields.size(); g++) {
            Map<String, Evaluation.LevelElbo> levels = new LinkedHashMap<>();
            for (String level : fields.get(g).levels()) {
                ExactLosses sums = byGroup.get(g).get(level);
                if (sums != null && sums.sums().weight() > 0) {
                    levels.put(
                            level,
                            new Evaluation.LevelElbo(
                                    sums.sums().rows(), -sums.sums().meanLoss()));
                }
            }
            result.put(fields.get(g).column(), levels);
        }
        return result;
    }
}
