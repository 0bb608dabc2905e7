package io.cvaespark.data.computed;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.linalg.Noise;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FormulaSearchTest {
    private static final int ROWS = 300;

    private final Map<String, double[]> columns = new LinkedHashMap<>();

    private double[] add(String name, IntToDoubleFunction value) {
        double[] values = IntStream.range(0, ROWS).mapToDouble(value).toArray();
        columns.put(name, values);
        return values;
    }

    private static IntToDoubleFunction whole(int seed, int most) {
        return i -> Noise.below(Noise.mix(seed), i, most);
    }

    private Map<String, String> found(String... given) {
        String[] names = columns.keySet().toArray(String[]::new);
        boolean[] mayBeComputed = new boolean[names.length];
        for (int i = 0; i < names.length; i++) {
            mayBeComputed[i] = !Arrays.asList(given).contains(names[i]);
        }
        Map<String, String> texts = new TreeMap<>();
        new FormulaSearch(names, columns.values().toArray(double[][]::new))
                .find(mayBeComputed)
                .forEach((name, formula) -> texts.put(name, formula.text()));
        return texts;
    }

    /** Wherever the total stands, it is the total that is computed. */
    @Test
    void aTotalIsTheSumOfItsParts() {
        double[] a = add("a", whole(1, 50));
        double[] b = add("b", whole(2, 900));
        add("noise", whole(3, 10));
        add("total", i -> a[i] + b[i]);
        assertEquals(Map.of("total", "a + b"), found());
        double[] total = columns.remove("total");
        Map<String, double[]> rest = new LinkedHashMap<>(columns);
        columns.clear();
        columns.put("total", total);
        columns.putAll(rest);
        assertEquals(Map.of("total", "a + b"), found());
        assertEquals(Map.of(), found("total"), "a part is no sum of others");
    }

    @Test
    void totalsOfTotalsGoBackToTheParts() {
        double[] a = add("a", whole(1, 50));
        double[] b = add("b", i -> whole(2, 900).applyAsDouble(i) / 100);
        double[] c = add("c", i -> whole(3, 900).applyAsDouble(i) / 4);
        add("ab", i -> (a[i] * 100 + b[i] * 100) / 100);
        add("abc", i -> a[i] + b[i] + c[i]);
        assertEquals(Map.of("ab", "a + b", "abc", "a + b + c"), found());
    }

    @Test
    void theSameInAnotherUnitAndTheOtherOfTwo() {
        double[] inches = add("inches", i -> 1 + whole(1, 400).applyAsDouble(i));
        add("cm", i -> Math.rint(254 * inches[i]) / 100);
        double[] yes = add("yes", whole(2, 2));
        add("no", i -> 1 - yes[i]);
        double[] celsius = add("celsius", whole(4, 40));
        add("fahrenheit", i -> Math.rint(18 * celsius[i]) / 10 + 32);
        assertEquals(Map.of("cm", "2.54 * inches", "no", "-yes + 1", "fahrenheit", "1.8 * celsius + 32"), found());
    }

    @Test
    void aProductRoundedToCents() {
        double[] price = add("price", i -> (100 + whole(1, 9000).applyAsDouble(i)) / 100);
        double[] quantity = add("quantity", i -> 1 + whole(2, 12).applyAsDouble(i));
        add("amount", i -> Math.rint(price[i] * quantity[i] * 100) / 100);
        assertEquals(Map.of("amount", "price * quantity"), found());
    }

    /** One-hot columns add up to 1, and would leave 0 and 1 if one of them were computed. */
    @Test
    void noDifferences() {
        double[] level = add("level", whole(1, 3));
        columns.clear();
        for (int k = 0; k < 3; k++) {
            int own = k;
            add("is" + k, i -> level[i] == own ? 1 : 0);
        }
        double[] x = add("x", whole(2, 100));
        double[] y = add("y", whole(3, 100));
        add("x-y", i -> x[i] - y[i]);
        assertEquals(Map.of("x", "y + `x-y`"), found());
    }

    @Test
    void chanceConstantsAndRealNumbersHaveNoFormula() {
        add("one", i -> 1);
        double[] x = add("x", i -> Noise.normal(1, i));
        add("2x", i -> 2 * x[i]);
        double[] a = add("a", whole(1, 50));
        add("nearly", i -> i == 200 ? 0 : a[i] + 1);
        assertEquals(Map.of(), found());
        columns.replaceAll((name, values) -> Arrays.copyOf(values, 12));
        assertEquals(Map.of(), found(), "too few rows to tell");
    }
}
