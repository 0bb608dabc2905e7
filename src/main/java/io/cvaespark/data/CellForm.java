package io.cvaespark.data;

/** The plain Java value that stands for a known cell; a null stands for an unknown one. */
public enum CellForm {
    /** A {@code String}. */
    LEVEL,
    /** A {@code Double}. */
    NUMBER,
    /** A {@code double[]}, in which {@link ColumnSummary#MISSING} stands for an unknown number. */
    VECTOR
}
