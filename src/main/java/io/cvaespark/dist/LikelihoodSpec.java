package io.cvaespark.dist;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The description of a likelihood, from which {@link Likelihoods} creates it.
 *
 * @param type the likelihood's name in job files
 * @param width the number of targets in a row
 * @param variance σ² of {@code gaussian-fixed}; null for other likelihoods
 */
public record LikelihoodSpec(
        String type, int width, @Nullable Double variance) implements Serializable {

    public LikelihoodSpec(String type, int width) {
        this(type, width, null);
    }
}
