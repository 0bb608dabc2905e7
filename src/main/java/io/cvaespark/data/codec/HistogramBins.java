package io.cvaespark.data.codec;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts the numbers of a {@link Histogram} that are no atoms into bins.
 *
 * @param most bins, but for the smaller ones at both ends
 * @param rest the numbers, in ascending order
 * @param lowest of all numbers
 * @param highest of all numbers
 * @param mayHaveMore true if there may be other numbers than these
 * @param step 0 if there is none
 */
record HistogramBins(
        int most, List<ValueSample.Count> rest, double lowest, double highest, boolean mayHaveMore, double step) {
    /** Halvings of the bins at both ends. */
    private static final int HALVINGS = 3;

    /** The training rows that a part of a bin needs to have ends of its own. */
    private static final int ROWS_OF_A_PART = 4;

    /** The ends of each bin, and quantiles between them. */
    List<List<Double>> cut() {
        if (rest.isEmpty()) {
            return List.of(List.of(lowest, highest));
        }
        long rows = rest.stream().mapToLong(ValueSample.Count::count).sum();
        List<Integer> starts = new ArrayList<>(List.of(0));
        double[] cuts = cuts();
        long before = 0;
        int next = 0;
        for (int i = 0; i < rest.size(); i++) {
            while (next < cuts.length && before >= cuts[next] * rows) {
                if (starts.get(starts.size() - 1) != i) {
                    starts.add(i);
                }
                next++;
            }
            before += rest.get(i).count();
        }
        List<List<Double>> bins = new ArrayList<>();
        for (int b = 0; b < starts.size(); b++) {
            int end = b + 1 < starts.size() ? starts.get(b + 1) : rest.size();
            bins.add(quantiles(starts.get(b), end, b == 0, b == starts.size() - 1));
        }
        return bins;
    }

    /** Shares of the rows at which a new bin begins. */
    private double[] cuts() {
        List<Double> shares = new ArrayList<>();
        double share = 1.0 / most;
        for (int h = HALVINGS; h > 0; h--) {
            shares.add(Math.scalb(share, -h));
        }
        for (int b = 1; b < most; b++) {
            shares.add(b * share);
        }
        for (int h = 1; h <= HALVINGS; h++) {
            shares.add(1 - Math.scalb(share, -h));
        }
        return shares.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** The ends of the bin of values number {@code from} to {@code to}, and quantiles between them. */
    private List<Double> quantiles(int from, int to, boolean first, boolean last) {
        // All numbers that there may be belong to a bin: those below the first, above the last, and between two.
        double low = first && mayHaveMore ? lowest : rest.get(from).value();
        double high = last
                ? mayHaveMore ? highest : rest.get(to - 1).value()
                : step > 0
                        ? Math.max(low, rest.get(to - 1).value())
                        : rest.get(to).value();
        long rows = 0;
        for (int i = from; i < to; i++) {
            rows += rest.get(i).count();
        }
        List<Double> points = new ArrayList<>(List.of(low));
        long parts = Math.min(Histogram.PARTS, rows / ROWS_OF_A_PART);
        long before = 0;
        long part = 1;
        for (int i = from; i < to; i++) {
            before += rest.get(i).count();
            while (part < parts && before * parts >= part * rows) {
                double value = rest.get(i).value();
                if (value > points.get(points.size() - 1) && value < high) {
                    points.add(value);
                }
                part++;
            }
        }
        points.add(high);
        return points;
    }
}
