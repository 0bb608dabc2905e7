package io.cvaespark.cli.shared;

import org.apache.spark.sql.AnalysisException;
import org.jspecify.annotations.Nullable;

/** Turns an exception into one line for the user. */
public final class Failures {
    private Failures() {}

    /**
     * Returns the message of the cause that helps the user most. Spark wraps the exceptions of tasks, so this is
     * usually an inner cause.
     */
    public static String oneLine(Throwable failure) {
        Throwable best = failure;
        for (@Nullable Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof AnalysisException) {
                best = t;
                break;
            }
            boolean ours = t instanceof IllegalArgumentException || t instanceof IllegalStateException;
            if (t.getMessage() != null && (ours || t.getCause() == null)) {
                best = t;
                if (ours) {
                    break;
                }
            }
        }
        String message = best.getMessage();
        if (message == null || message.isBlank()) {
            return best.getClass().getSimpleName();
        }
        String line = message.lines().findFirst().orElse(message);
        boolean named = best instanceof IllegalArgumentException
                || best instanceof IllegalStateException
                || best instanceof AnalysisException
                || best instanceof java.io.UncheckedIOException;
        return named ? line : best.getClass().getSimpleName() + ": " + line;
    }
}
