package io.cvaespark.data;

import java.util.Locale;

/** What becomes of a row with a cell that a column cannot hold, in Spark ML's words. */
public enum HandleInvalid {
    /** The row is an error. */
    ERROR,
    /** The row is left out, and counted. */
    SKIP,
    /** The row stays, without what is computed of it. */
    KEEP;

    /** The name in job files. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
