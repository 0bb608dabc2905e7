package io.cvaespark.dist;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.io.Serializable;
import java.util.List;
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
     * @param logSizes ln of how many values each code stands for; empty if it is one value each
     * @param middles the number in the middle of each code; empty for levels
     */
    public record Codes(int count, List<Double> logSizes, List<Double> middles) implements Serializable {
        public Codes {
            logSizes = List.copyOf(logSizes);
            middles = List.copyOf(middles);
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
}
