package io.cvaespark.data;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import org.apache.commons.text.similarity.LevenshteinDistance;

/** Suggestions for misspelt names. */
public final class Nearest {
    private Nearest() {}

    /** {@code "; did you mean 'x'?"} for the nearest of {@code known}, or an empty string when none is near. */
    public static String suggestion(String name, Collection<String> known) {
        String lower = name.toLowerCase(Locale.ROOT);
        return known.stream()
                .min(Comparator.comparingInt(k -> distance(lower, k)))
                .filter(k -> distance(lower, k) <= Math.max(2, name.length() / 2))
                .map(k -> "; did you mean '" + k + "'?")
                .orElse("");
    }

    private static int distance(String lower, String known) {
        return LevenshteinDistance.getDefaultInstance().apply(lower, known.toLowerCase(Locale.ROOT));
    }
}
