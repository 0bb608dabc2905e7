package io.cvaespark.cli.shared;

import org.apache.spark.sql.AnalysisException;
import org.jspecify.annotations.Nullable;

/** One clear line for what went wrong. */
public final class Failures {
    private Failures() {}

    /**
     * The message of the innermost cause that has one: Spark wraps the exceptions of tasks, and what they say is what the
     * user needs.
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
