package io.cvaespark.dist;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a likelihood is, as data: enough to make it again.
 *
 * @param type its name in job files
 * @param width targets per row
 * @param variance σ² of {@code gaussian-fixed}; null elsewhere
 */
public record LikelihoodSpec(
        String type, int width, @Nullable Double variance) implements Serializable {

    public LikelihoodSpec(String type, int width) {
        this(type, width, null);
    }
}
