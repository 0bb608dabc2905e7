package io.cvaespark.data.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.linalg.Noise;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HistogramTest {
    private static Histogram fit(double... values) {
        return fit(false, values);
    }

    private static Histogram fit(boolean single, double... values) {
        ValueSample sample = new ValueSample();
        for (int i = 0; i < values.length; i++) {
            sample.add(values[i], Noise.mix(i));
        }
        return Histogram.fit(
                sample,
                Arrays.stream(values).min().orElseThrow(),
                Arrays.stream(values).max().orElseThrow(),
                single,
                Histogram.BINS);
    }

    private static double[] values(int n, IntToDoubleFunction value) {
        return IntStream.range(0, n).mapToDouble(value).toArray();
    }

    private static double decoded(Histogram histogram, int code, float place) {
        double[] cell = new double[1];
        histogram.decode(histogram.inBin(code, place), 0, cell);
        return cell[0];
    }

    private static float[] encoded(Histogram histogram, double value) {
        float[] x = new float[3];
        histogram.encode(new double[] {value}, 0, x, 0);
        return x;
    }

    @Test
    void fewValuesAreAtoms() {
        Histogram histogram = fit(3, 1, 1, 2.5);
        assertEquals(List.of(1.0, 2.5, 3.0), histogram.atoms());
        assertEquals(List.of(), histogram.bins());
        assertEquals(0.1, histogram.step());
        assertEquals(2.5, decoded(histogram, 1, 0.9f));
        assertEquals(0f, encoded(histogram, 0.2)[0], "the nearest");
        assertEquals(1f, encoded(histogram, 2.7)[0]);
    }

    /** Half of the rows are 0, the others all different: 0 is an atom, and the rest lies in bins. */
    @Test
    void frequentValuesAreAtomsAmongBins() {
        Histogram histogram = fit(values(8000, i -> i % 2 == 0 ? 0 : 1000 + i));
        assertEquals(List.of(0.0), histogram.atoms());
        assertEquals(8000 / 128 + 6, histogram.bins().size(), "128 rows for each bin, three smaller ones at both ends");
        assertEquals(32 + 6, fit(values(600, i -> i)).bins().size(), "at least");
        assertEquals(128 + 6, fit(values(20_000, i -> i % 4000)).bins().size(), "at most");
        assertEquals(1, histogram.step(), "the odd numbers and 0");
        assertEquals(1001, histogram.bins().get(0).get(0));
        List<Double> last = histogram.bins().get(histogram.bins().size() - 1);
        assertEquals(8999, last.get(last.size() - 1));
        Set<Double> drawn = new HashSet<>();
        for (int code = 0; code < histogram.codes(); code++) {
            for (float position : new float[] {0f, 0.01f, 0.5f, 0.99f, 1f}) {
                double value = decoded(histogram, code, position);
                assertTrue(value == 0 || (value >= 1001 && value <= 8999 && value == Math.rint(value)), "" + value);
                drawn.add(value);
            }
        }
        assertTrue(drawn.size() > 300, "" + drawn.size());
    }

    /** Every value comes back in its own bin, whole numbers exactly. */
    @Test
    void valuesComeBack() {
        Histogram whole = fit(values(3000, i -> 7 * i));
        for (double value : values(3000, i -> 7 * i)) {
            double[] cell = new double[1];
            whole.decode(encoded(whole, value), 0, cell);
            assertEquals(value, cell[0]);
        }
        Histogram real = fit(values(3000, i -> Math.exp(i / 500.0)));
        assertEquals(0, real.step());
        for (double value : values(3000, i -> Math.exp(i / 500.0))) {
            double[] cell = new double[1];
            real.decode(encoded(real, value), 0, cell);
            assertEquals(value, cell[0], 1e-6 * value);
        }
    }

    /** Uniform positions in the codes of the rows give the rows' distribution again, its long tail too. */
    @Test
    void positionsFollowTheRows() {
        int n = 20_000;
        double[] rows = values(n, i -> Math.exp(2 * Noise.normal(1, i)));
        Histogram histogram = fit(rows);
        double[] drawn = values(n, i -> decoded(histogram, (int) encoded(histogram, rows[i])[0], Noise.uniform(2, i)));
        Arrays.sort(rows);
        Arrays.sort(drawn);
        for (double share : new double[] {0.01, 0.1, 0.5, 0.9, 0.99, 0.999}) {
            int at = (int) (share * n);
            assertEquals(1, drawn[at] / rows[at], 0.05, "quantile " + share);
        }
        assertTrue(drawn[0] >= rows[0] && drawn[n - 1] <= rows[n - 1], "nothing outside the range");
    }

    @Test
    void theStepIsThatOfTheDecimals() {
        assertEquals(0.01, fit(0.01, 2.5, 99.99).step());
        assertEquals(1, fit(100, 2500, -300).step(), "three values may share a step by chance");
        assertEquals(100, fit(values(50, i -> 100 * i - 700)).step());
        Histogram mornings = fit(values(400, i -> 86400.0 * i + 32400));
        assertEquals(86400, mornings.step());
        assertEquals(32400, decoded(mornings, mornings.atoms().size() + 3, 0.3f) % 86400);
        assertEquals(0, fit(Math.PI, 2).step());
        assertEquals(0.1, fit(true, 0.1f, 2.7f).step(), "single precision");
        Histogram amounts = fit(values(5000, i -> i / 100.0));
        for (int code = 0; code < amounts.codes(); code++) {
            double value = decoded(amounts, code, 0.37f);
            assertEquals(Math.rint(value * 100) / 100, value, 0, "no 0.30000000000000004");
        }
    }

    /** Merging in any order, and however the rows are dealt, gives the same cells. */
    @Test
    void theRowsDecideAndNotTheirOrder() {
        int n = 50_000;
        double[] rows = values(n, i -> Noise.normal(3, i));
        Histogram[] fitted = new Histogram[3];
        for (int parts = 1; parts <= 3; parts++) {
            ValueSample[] samples = new ValueSample[parts];
            Arrays.setAll(samples, p -> new ValueSample());
            for (int i = 0; i < n; i++) {
                int row = parts == 3 ? n - 1 - i : i;
                samples[row % parts].add(rows[row], Noise.mix(row));
            }
            ValueSample merged = samples[parts - 1];
            for (int p = 0; p < parts - 1; p++) {
                merged.merge(samples[p]);
            }
            fitted[parts - 1] = Histogram.fit(merged, -10, 10, false, Histogram.BINS);
        }
        assertEquals(fitted[0], fitted[1]);
        assertEquals(fitted[0], fitted[2]);
        assertEquals(-10, fitted[0].bins().get(0).get(0), "the whole range, though the rows are a sample");
    }

    @Test
    void sizesCountValuesOrLength() {
        Histogram whole = fit(values(2560, i -> i));
        double total = whole.logSizes().stream().mapToDouble(Math::exp).sum();
        assertEquals(2560, total, 128, "a part without a value counts for one");
        Histogram wide = fit(values(2560, i -> 1000.0 * i + i % 7));
        int[] counts = new int[wide.logSizes().size()];
        for (double v = 0; v <= 2559 * 1000 + 4; v += wide.step()) {
            float[] x = encoded(wide, v);
            if (wide.contains(v)) {
                counts[((int) x[0] - wide.atoms().size()) * Histogram.PARTS + (int) x[1]]++;
            }
        }
        for (int i = 0; i < counts.length; i++) {
            assertEquals(counts[i], Math.exp(wide.logSizes().get(i)), 1 + 1e-6, "part " + i);
        }
        Histogram real = fit(values(2560, i -> Math.sqrt(i)));
        double length = real.logSizes().stream().mapToDouble(Math::exp).sum();
        assertEquals(Math.sqrt(2559), length, 1e-6);
    }
}
