package io.cvaespark.spark.compare.counts;

/** The tables of a comparison, with the names that messages give them. */
public enum Part {
    REAL("REAL"),
    SYNTHETIC("SYNTHETIC"),
    HOLDOUT("--holdout");

    private final String role;

    Part(String role) {
        this.role = role;
    }

    public String role() {
        return role;
    }

    /** The column of counts in this table. */
    public String count() {
        return "n" + ordinal();
    }
}
