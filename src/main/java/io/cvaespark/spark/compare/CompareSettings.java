package io.cvaespark.spark.compare;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What to compare, and how the learner learns.
 *
 * @param columns to compare; empty: all
 * @param categorical numeric columns whose values are categories
 * @param target the column to predict; null: none
 * @param positive the value of the target to predict; null: the rarer of its two
 * @param folds of the cross-validation, at least 2
 * @param trees of the learner, at least 1
 * @param learnerRows the most rows that the learner takes of each table
 * @param seed of the drawing of rows, and of the learner
 */
public record CompareSettings(
        List<String> columns,
        Set<String> categorical,
        @Nullable String target,
        @Nullable String positive,
        int folds,
        int trees,
        long learnerRows,
        long seed) {}
