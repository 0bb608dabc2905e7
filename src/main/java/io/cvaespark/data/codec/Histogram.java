package io.cvaespark.data.codec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * Numbers as the cells of a histogram: x = [code, part, position].
 *
 * <p>Values that occur often are cells of their own (atoms, such as 0 or 99999); the rest lies in bins of about equal numbers
 * of rows, smaller ones at both ends. (part + position)/{@value #PARTS}, from 0 to 1, says where in its bin a value lies, by the
 * distribution of the training rows inside this bin; the part of an atom is −1, none. So nothing lies outside the range that was
 * seen. Where all numbers were a whole number of {@code
 * steps} from the smallest (1 for whole numbers, 0.01 for amounts, a day for dates), what is read back is so too. A number that
 * lies outside all cells belongs to the nearest.
 *
 * @param atoms in ascending order; they have the first codes
 * @param bins in ascending order, each with the quantiles of the rows in it, the first and last of which are its ends
 * @param step 0 if there is none
 * @param origin a number from which all others are steps away
 */
@JsonTypeName("histogram")
public record Histogram(List<Double> atoms, List<List<Double>> bins, double step, double origin)
        implements Codec.Numbers {
    /** The most bins; a value is an atom if it occurs at least half as often as a bin. */
    public static final int BINS = 128;

    /** A table of few rows has as many bins as they fill, and at least this many: more could not be learned. */
    private static final int LEAST_BINS = 32;

    private static final int ROWS_OF_A_BIN = 128;

    /** Parts of a bin. */
    public static final int PARTS = 8;

    /** More decimals mean numbers without a step. */
    private static final int MOST_DECIMALS = 6;

    /** Fewer values than this have no step but that of their decimals. */
    private static final int ENOUGH_FOR_A_STEP = 20;

    private static final double MIDDLE = 0.5;

    public Histogram {
        atoms = List.copyOf(atoms);
        bins = bins.stream().map(List::copyOf).toList();
    }

    /**
     * Fits the cells.
     *
     * @param sample of the training rows' numbers; if there are none, there are no cells
     * @param lowest of all numbers
     * @param highest of all numbers
     * @param single true for a column of single precision, whose decimals are those of a float
     * @param mostAtoms a column of at most so many values has no bins
     */
    public static Histogram fit(ValueSample sample, double lowest, double highest, boolean single, int mostAtoms) {
        List<ValueSample.Count> counts = sample.sorted();
        long rows = counts.stream().mapToLong(ValueSample.Count::count).sum();
        boolean few = sample.isComplete() && counts.size() <= mostAtoms;
        int bins = (int) Math.max(LEAST_BINS, Math.min(BINS, rows / ROWS_OF_A_BIN));
        List<Double> atoms = new ArrayList<>();
        List<ValueSample.Count> rest = new ArrayList<>();
        for (ValueSample.Count c : counts) {
            if (few || c.count() * 2 * bins >= Math.max(rows, 2 * bins * 2L)) {
                atoms.add(c.value());
            } else {
                rest.add(c);
            }
        }
        double origin = counts.isEmpty() ? 0 : counts.get(0).value();
        double step = step(counts, origin, single);
        boolean mayHaveMore = !sample.isComplete();
        return new Histogram(
                atoms,
                rest.isEmpty() && !mayHaveMore
                        ? List.of()
                        : new HistogramBins(bins, rest, lowest, highest, mayHaveMore, step).cut(),
                step,
                origin);
    }

    /** The largest number of which all numbers are a whole number away from the origin; 0 if there is none. */
    private static double step(List<ValueSample.Count> counts, double origin, boolean single) {
        int decimals = Integer.MIN_VALUE;
        List<BigDecimal> exact = new ArrayList<>();
        for (ValueSample.Count c : counts) {
            BigDecimal value = exact(c.value(), single);
            exact.add(value);
            decimals = Math.max(decimals, value.signum() == 0 ? 0 : value.scale());
        }
        if (exact.isEmpty() || decimals > MOST_DECIMALS) {
            return 0;
        }
        BigInteger common = BigInteger.ZERO;
        BigDecimal first = exact(origin, single);
        for (BigDecimal value : exact) {
            common = common.gcd(
                    value.subtract(first).movePointRight(Math.max(decimals, 0)).toBigInteger());
        }
        // Of few values a common step may be chance: then only their decimals count.
        boolean chance = common.signum() == 0 || counts.size() < ENOUGH_FOR_A_STEP;
        return chance
                ? BigDecimal.ONE.movePointLeft(Math.max(decimals, 0)).doubleValue()
                : new BigDecimal(common).movePointLeft(Math.max(decimals, 0)).doubleValue();
    }

    private static BigDecimal exact(double value, boolean single) {
        BigDecimal exact = single ? new BigDecimal(Float.toString((float) value)) : BigDecimal.valueOf(value);
        return exact.stripTrailingZeros();
    }

    @Override
    public int width() {
        return 3;
    }

    @Override
    public int cells() {
        return 1;
    }

    /** K, the number of codes. */
    @Override
    public int codes() {
        return atoms.size() + bins.size();
    }

    /** ln of how many values each part of each bin stands for, or of how much of the line where there is no step; bin by bin. */
    public List<Double> logSizes() {
        List<Double> sizes = new ArrayList<>();
        for (List<Double> bin : bins) {
            for (int part = 0; part < PARTS; part++) {
                double from = value(bin, (double) part / PARTS);
                double to = value(bin, (part + 1.0) / PARTS);
                // A part without a value is never seen; its size only has to be a number.
                double size = step > 0
                        ? Math.max(Math.ceil((to - origin) / step) - Math.ceil((from - origin) / step), 1)
                        : Math.max(to - from, Double.MIN_NORMAL);
                sizes.add(StrictMath.log(size));
            }
        }
        return sizes;
    }

    /** The middle of each code's values. */
    public List<Double> middles() {
        List<Double> middles = new ArrayList<>();
        double[] cell = new double[1];
        for (int code = 0; code < codes(); code++) {
            decode(inBin(code, MIDDLE), 0, cell);
            middles.add(cell[0]);
        }
        return middles;
    }

    /** Returns whether a number is an atom or lies in a bin. */
    public boolean contains(double value) {
        int bin = binOf(value);
        return atoms.contains(value) || (bin >= 0 && distance(bins.get(bin), value) == 0);
    }

    @Override
    public void encode(double[] cell, int from, float[] out, int offset) {
        double value = cell[from];
        int atom = nearest(atoms, value);
        int bin = binOf(value);
        boolean isAtom = atom >= 0 && (atoms.get(atom) == value || bin < 0);
        if (!isAtom && atom >= 0 && bin >= 0) {
            isAtom = Math.abs(atoms.get(atom) - value) < distance(bins.get(bin), value);
        }
        if (isAtom) {
            write(atom, MIDDLE, out, offset);
        } else {
            write(atoms.size() + bin, position(bins.get(bin), value), out, offset);
        }
    }

    /** [code, part, position] of the place {@code at}, from 0 to 1, in a bin, or of an atom. */
    public float[] inBin(int code, double at) {
        float[] x = new float[width()];
        write(code, at, x, 0);
        return x;
    }

    private void write(int code, double at, float[] out, int offset) {
        boolean isAtom = code < atoms.size();
        int part = isAtom ? -1 : Math.min((int) (at * PARTS), PARTS - 1);
        out[offset] = code;
        out[offset + 1] = part;
        out[offset + 2] = (float) (isAtom ? MIDDLE : at * PARTS - part);
    }

    /** The index of the nearest of sorted numbers; −1 if there is none. */
    private static int nearest(List<Double> sorted, double value) {
        int place = search(sorted, value);
        if (place < 0) {
            return sorted.isEmpty() ? -1 : 0;
        }
        boolean next = place + 1 < sorted.size() && sorted.get(place + 1) - value < value - sorted.get(place);
        return next ? place + 1 : place;
    }

    /** The index of the last of sorted numbers that is not above {@code value}; −1 if all are. */
    private static int search(List<Double> sorted, double value) {
        int low = 0;
        int high = sorted.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted.get(middle) <= value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    /** The bin that has the value, else the nearest; −1 if there is no bin. */
    private int binOf(double value) {
        int low = 0;
        int high = bins.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (bins.get(middle).get(0) <= value) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        int bin = Math.max(low - 1, 0);
        if (bins.isEmpty()) {
            return -1;
        }
        boolean next = bin + 1 < bins.size() && distance(bins.get(bin + 1), value) < distance(bins.get(bin), value);
        return next ? bin + 1 : bin;
    }

    private static double distance(List<Double> bin, double value) {
        return Math.max(0, Math.max(bin.get(0) - value, value - bin.get(bin.size() - 1)));
    }

    /** Where in its bin a value lies, from 0 to 1. */
    private double position(List<Double> bin, double value) {
        int parts = bin.size() - 1;
        int part = Math.min(Math.max(search(bin, value), 0), parts - 1);
        double low = low(bin, part);
        double high = high(bin, part);
        double within = high > low ? (value - low) / (high - low) : MIDDLE;
        return (part + Math.min(Math.max(within, 0), 1)) / parts;
    }

    /** The places of a bin between which its values lie from {@code low} to {@code high}; equal ones if there is no such value. */
    public double[] part(int code, double low, double high) {
        if (code < atoms.size()) {
            boolean inside = atoms.get(code) >= low && atoms.get(code) <= high;
            return new double[] {0, inside ? 1 : 0};
        }
        List<Double> bin = bins.get(code - atoms.size());
        double first = Math.max(step > 0 ? Math.ceil((low - origin) / step) * step + origin : low, bin.get(0));
        double last =
                Math.min(step > 0 ? Math.floor((high - origin) / step) * step + origin : high, bin.get(bin.size() - 1));
        if (first > last) {
            return new double[] {0, 0};
        }
        // Values of a step stand for half a step on both sides.
        return new double[] {position(bin, first - step * MIDDLE), position(bin, last + step * MIDDLE)};
    }

    /** Values of a step stand for half a step on both sides, so that those at the ends of a bin are as likely as the others. */
    private double low(List<Double> bin, int part) {
        return part == 0 ? bin.get(0) - step * MIDDLE : bin.get(part);
    }

    private double high(List<Double> bin, int part) {
        return part == bin.size() - 2 ? bin.get(part + 1) + step * MIDDLE : bin.get(part + 1);
    }

    @Override
    public void decode(float[] in, int offset, double[] cell) {
        int code = Math.round(in[offset]);
        if (code < atoms.size()) {
            cell[0] = atoms.get(code);
            return;
        }
        List<Double> bin = bins.get(code - atoms.size());
        double value = value(bin, (in[offset + 1] + (double) in[offset + 2]) / PARTS);
        cell[0] = Math.min(Math.max(onStep(value), bin.get(0)), bin.get(bin.size() - 1));
    }

    /** The number at a place, from 0 to 1, in a bin. */
    private double value(List<Double> bin, double place) {
        int stretches = bin.size() - 1;
        double at = place * stretches;
        int stretch = Math.min((int) at, stretches - 1);
        return low(bin, stretch) + (at - stretch) * (high(bin, stretch) - low(bin, stretch));
    }

    /** The nearest number that is some steps from the origin, as the decimal number that it is. */
    private double onStep(double value) {
        if (step == 0) {
            return value;
        }
        double steps = Math.rint((value - origin) / step);
        return step == Math.rint(step) && origin == Math.rint(origin)
                ? origin + steps * step
                : BigDecimal.valueOf(step)
                        .multiply(BigDecimal.valueOf((long) steps))
                        .add(BigDecimal.valueOf(origin))
                        .doubleValue();
    }

    @Override
    public boolean hasOneValue() {
        return atoms.size() == 1 && bins.isEmpty();
    }

    @Override
    public String describe() {
        List<Double> ends = new ArrayList<>(atoms);
        bins.forEach(bin -> ends.addAll(List.of(bin.get(0), bin.get(bin.size() - 1))));
        if (ends.isEmpty()) {
            return "no value";
        }
        double[] sorted =
                ends.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return "%s to %s: %s frequent values, %s bins%s"
                .formatted(
                        number(sorted[0]),
                        number(sorted[sorted.length - 1]),
                        atoms.size(),
                        bins.size(),
                        step == 0 ? "" : ", in steps of " + number(step));
    }

    private static String number(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
}
