package io.cvaespark.spark.compare.counts;

import java.io.Serializable;
import java.util.stream.IntStream;

/**
 * What is counted: the columns 0, 1, …, C − 1, and then the pairs of columns i &lt; j, number C + p for the pair p.
 *
 * @param number of each column, whether it is a number
 * @param edges of each number, the inner edges of its bins
 * @param first the first column of each pair
 * @param second the second
 */
public record CellLayout(boolean[] number, double[][] edges, int[] first, int[] second) implements Serializable {

    public static CellLayout of(ComparedTables tables, TableStats real) {
        int width = tables.width();
        boolean[] number = new boolean[width];
        double[][] edges = new double[width][];
        for (int j = 0; j < width; j++) {
            number[j] = tables.columns().get(j).number();
            edges[j] = real.edges(j);
        }
        int[][] pairs = IntStream.range(0, width)
                .boxed()
                .flatMap(i -> IntStream.range(i + 1, width).mapToObj(j -> new int[] {i, j}))
                .toArray(int[][]::new);
        int[] first = new int[pairs.length];
        int[] second = new int[pairs.length];
        for (int p = 0; p < pairs.length; p++) {
            first[p] = pairs[p][0];
            second[p] = pairs[p][1];
        }
        return new CellLayout(number, edges, first, second);
    }

    public int width() {
        return number.length;
    }

    public int pairs() {
        return first.length;
    }

    /** True for a pair of numbers, which is compared by correlation and not counted. */
    public boolean ofNumbers(int pair) {
        return number[first[pair]] && number[second[pair]];
    }
}
