package io.cvaespark.spark.compare;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The bars of a histogram.
 *
 * @param low where the first begins
 * @param width of each
 * @param count how many
 * @param whole true: they are of whole numbers
 */
public record Bins(double low, double width, int count, boolean whole) implements Serializable {
    private static final int BINS = 30;

    /** Equal bins from {@code low} to {@code high}; of whole numbers each has equally many, or some would look empty. */
    public static Bins over(double low, double high, boolean whole) {
        double width = whole ? Math.max(1, Math.ceil((high - low + 1) / BINS)) : (high - low) / BINS;
        if (!(width > 0)) {
            width = 1;
        }
        return new Bins(low, width, whole ? (int) Math.ceil((high - low + 1) / width) : BINS, whole);
    }

    /** The bin of a value; the first and the last hold what lies beyond. */
    public int of(double value) {
        return (int) Math.max(0, Math.min(count - 1, Math.floor((value - low) / width)));
    }

    /**
     * The whole numbers of each bin, or its middle; ≤ and ≥ at the ends that hold what lies beyond.
     *
     * @param least of all values that are counted
     * @param greatest likewise
     */
    public List<String> labels(double least, double greatest) {
        List<String> labels = new ArrayList<>();
        for (int b = 0; b < count; b++) {
            double from = low + b * width;
            String first = label(whole ? from : from + width / 2);
            labels.add(whole && width > 1 ? first + "–" + label(from + width - 1) : first);
        }
        double end = low + count * width;
        if (count > 1 && least < low) {
            labels.set(0, "≤ " + label(whole ? low + width - 1 : low + width));
        }
        if (count > 1 && (whole ? greatest >= end : greatest > end)) {
            labels.set(count - 1, "≥ " + label(end - width));
        }
        return labels;
    }

    private String label(double value) {
        return String.format(Locale.ROOT, whole ? "%.0f" : "%.3g", value);
    }
}
