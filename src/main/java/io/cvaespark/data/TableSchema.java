package io.cvaespark.data;

import java.io.Serializable;
import java.util.List;

/** The columns of the dataset, fitted: targets x and conditions c, in the order of their floats. */
public record TableSchema(List<Field> targets, List<Field> conditions) implements Serializable {

    public TableSchema {
        targets = List.copyOf(targets);
        conditions = List.copyOf(conditions);
    }

    /** X, floats per target row. */
    public int targetWidth() {
        return width(targets);
    }

    /** C, floats per condition row. */
    public int conditionWidth() {
        return width(conditions);
    }

    /** X + C. */
    public int rowWidth() {
        return targetWidth() + conditionWidth();
    }

    /** E‖c‖², about: 1 for a one-hot column, 1 for each value of another. */
    public double conditionNorm() {
        return conditions.stream().mapToInt(f -> f.codec().cells()).sum();
    }

    private static int width(List<Field> fields) {
        return fields.stream().mapToInt(f -> f.codec().width()).sum();
    }
}
