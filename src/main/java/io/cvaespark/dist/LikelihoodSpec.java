package io.cvaespark.dist;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.Serializable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The description of a likelihood, from which {@link Likelihoods} creates it.
 *
 * @param type the likelihood's name in job files
 * @param width the number of floats of the field in a row
 * @param variance σ² of {@code gaussian-fixed}; null for other likelihoods
 * @param codes of a field whose first float is a code; null for other fields
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LikelihoodSpec(
        String type,
        int width,
        @Nullable Double variance,
        @Nullable Codes codes) implements Serializable {

    /**
     * What the codes of a field stand for.
     *
     * @param count K
     * @param logSizes ln of how many values each code stands for; empty if it is one value each, or there are bins
     * @param middles the number in the middle of each code; empty for levels
     * @param bins the codes that are bins; null if none is
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Codes(
            int count,
            List<Double> logSizes,
            List<Double> middles,
            @Nullable Bins bins) implements Serializable {
        public Codes {
            logSizes = List.copyOf(logSizes);
            middles = List.copyOf(middles);
        }

        /** The place of each code that stands for a number among these numbers, in ascending order. */
        public List<Integer> ranks() {
            Integer[] sorted = IntStream.range(0, middles.size()).boxed().toArray(Integer[]::new);
            Arrays.sort(sorted, Comparator.comparingDouble(middles::get));
            Integer[] ranks = new Integer[sorted.length];
            for (int rank = 0; rank < sorted.length; rank++) {
                ranks[sorted[rank]] = rank;
            }
            return List.of(ranks);
        }

        /** Without bins. */
        public Codes(int count, List<Double> logSizes, List<Double> middles) {
            this(count, logSizes, middles, null);
        }
    }

    /**
     * Codes that stand for intervals of numbers, each of P parts.
     *
     * @param first the first of these codes
     * @param parts P
     * @param logSizes ln of how many values each part stands for, or of its length; bin by bin
     */
    public record Bins(int first, int parts, List<Double> logSizes) implements Serializable {
        public Bins {
            logSizes = List.copyOf(logSizes);
            if (parts < 1 || logSizes.isEmpty() || logSizes.size() % parts != 0) {
                throw new IllegalArgumentException("Bins need a size for each part, found %s for bins of %s parts"
                        .formatted(logSizes.size(), parts));
            }
        }

        /** Returns whether a code is one of these. */
        boolean has(int code) {
            return code >= first && code < first + logSizes.size() / parts;
        }

        /** ln of how many values a part of one of these codes stands for, or of its length. */
        double logSize(int code, int part) {
            return logSizes.get((code - first) * parts + part);
        }
    }

    public LikelihoodSpec(String type, int width, @Nullable Double variance) {
        this(type, width, variance, null);
    }

    public LikelihoodSpec(String type, int width) {
        this(type, width, null, null);
    }

    /** K if the field's first float is a code; else 0. */
    public int codeCount() {
        return codes == null ? 0 : codes.count();
    }

    /** P if the field has bins; else 0. */
    public int partCount() {
        return codes == null || codes.bins() == null ? 0 : codes.bins().parts();
    }
}
