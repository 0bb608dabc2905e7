package io.cvaespark.data;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * One column of the table as the model knows it.
 *
 * @param column its name
 * @param dataType its Spark SQL type, as JSON, which samples are cast back to
 * @param type what its values mean
 * @param codec fitted
 * @param likelihood p(x|η) of a target column; null for a condition
 * @param variance of {@code gaussian-fixed}; null elsewhere
 * @param binarize whether its values are probabilities of which a new 0/1 draw is made at every visit
 */
public record Field(
        String column,
        String dataType,
        ColumnType type,
        Codec codec,
        @Nullable String likelihood,
        @Nullable Double variance,
        boolean binarize)
        implements Serializable {}
