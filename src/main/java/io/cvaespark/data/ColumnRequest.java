package io.cvaespark.data;

import io.cvaespark.data.codec.Codec;

/**
 * A column as a job asks for it, before it is fitted.
 *
 * @param spec what the job says of it
 * @param type what its values mean
 * @param dataType its Spark SQL type, as JSON
 * @param numeric whether its own values are single numbers, which orders the levels of a categorical column by size
 * @param target whether it is a target, not a condition
 * @param coded true for a target whose decoder takes levels as codes, in which a missing cell is one more unless the job ignores it
 */
public record ColumnRequest(
        ColumnSpec spec, ColumnType type, String dataType, boolean numeric, boolean target, boolean coded) {

    /** A column whose levels are one-hot. */
    public ColumnRequest(ColumnSpec spec, ColumnType type, String dataType, boolean numeric, boolean target) {
        this(spec, type, dataType, numeric, target, false);
    }

    /** Throws for a setting that is not for such a column. */
    public ColumnRequest(
            ColumnSpec spec, ColumnType type, String dataType, boolean numeric, boolean target, boolean coded) {
        this.spec = spec;
        this.type = type;
        this.dataType = dataType;
        this.numeric = numeric;
        this.target = target;
        this.coded = coded;
        requireSettings();
        requireMissing();
    }

    private void requireSettings() {
        String column = spec.column();
        String role = target ? "target" : "condition";
        ColumnKind kind = type.kind();
        if (!target && (spec.likelihood() != null || spec.binarize() != null)) {
            throw new IllegalArgumentException(
                    "Condition '%s' has a likelihood or binarize; only targets have one".formatted(column));
        }
        if (spec.embedding() != null && (target || !kind.takesEmbedding())) {
            throw new IllegalArgumentException("embedding is for categorical conditions; column '%s' is a %s of type %s"
                    .formatted(column, role, type));
        }
        if (spec.dynamicBinarization() && !kind.takesBinarize()) {
            throw new IllegalArgumentException(
                    "binarize of column '%s' needs likelihood: bernoulli, found type %s".formatted(column, type));
        }
        boolean ranged = target && kind.takesRange();
        if (spec.range() != null && !(ranged && !keepsScale(spec))) {
            throw new IllegalArgumentException(
                    "range is for continuous targets that are standardised; column '%s' is a %s of type %s%s"
                            .formatted(column, role, type, ranged ? ", on its own scale" : ""));
        }
    }

    private void requireMissing() {
        if (spec.missing() != null && !target) {
            throw new IllegalArgumentException("Condition '%s' has missing: %s, which is for targets; leave it out"
                    .formatted(spec.column(), spec.missing()));
        }
        boolean codes = type.kind().hasLevels() || likelihood().equals(ContinuousKind.HISTOGRAM);
        if (spec.missing() == ColumnSpec.Missing.GENERATE && !(coded && codes)) {
            throw new IllegalArgumentException(
                    "missing: generate of column '%s' needs decoder: autoregressive and likelihood: histogram or categorical; found %s. Say missing: ignore, under which empty cells count for nothing"
                            .formatted(
                                    spec.column(),
                                    coded ? "likelihood: " + likelihood() : "a decoder of all columns at once"));
        }
    }

    /** Returns whether the job says that the column is not standardised. */
    boolean keepsScale() {
        return keepsScale(spec);
    }

    private static boolean keepsScale(ColumnSpec spec) {
        return Boolean.FALSE.equals(spec.standardize());
    }

    /** The likelihood of a target: what the job says, or the kind's usual one. */
    String likelihood() {
        return spec.likelihood() != null ? spec.likelihood() : type.kind().defaultLikelihood(this);
    }

    /** The form of its cells. */
    public CellForm form() {
        return Field.form(type, dataType);
    }

    /** Prepares to look at its cells. */
    public ColumnSummary summary() {
        return type.kind().summary(this);
    }

    /** The column as the model knows it; throws when there is too little to fit. */
    public Field fit(ColumnSummary seen) {
        boolean ignoresMissing = spec.missing() == ColumnSpec.Missing.IGNORE;
        if (ignoresMissing && seen.isEmpty()) {
            throw new IllegalArgumentException(
                    "Column '%s' is null in all %s rows, and missing: ignore leaves none to learn from; leave the column out, or say missing: generate"
                            .formatted(spec.column(), seen.incompleteRows()));
        }
        Codec codec = type.kind().fit(this, seen);
        boolean generatesMissing = coded && !ignoresMissing && (codec.codes() > 0 && seen.hasNulls() || seen.isEmpty());
        return new Field(
                spec.column(),
                dataType,
                type,
                generatesMissing ? new Codec.OrMissing(codec) : codec,
                target ? likelihood() : null,
                spec.variance(),
                spec.dynamicBinarization());
    }
}
