package io.cvaespark.data.computed;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the columns of numbers that follow exactly from others in all rows of a sample: totals of positive parts, the same number
 * in another unit, and products of two columns.
 *
 * <p>Linear relations are the null space of the matrix [1 | columns], found by elimination in the integers modulo 2⁶¹ − 1, which is
 * exact; their coefficients are then read as fractions. Of a relation such as {@code cnt = casual + registered} the total is the
 * column that is computed: with its parts drawn, it can never contradict them, while a difference could leave its range.
 */
public final class FormulaSearch {
    private static final BigInteger PRIME = BigInteger.ONE.shiftLeft(61).subtract(BigInteger.ONE);
    /** Coefficients of larger numerators or denominators are chance. */
    private static final BigInteger LARGEST = BigInteger.valueOf(10_000);

    /** More decimals mean numbers that have no common decimals. */
    public static final int MOST_DECIMALS = 6;

    private static final double TOLERANCE = 1e-9;
    /** So many rows for each column, at least, tell a relation from chance. */
    private static final int ROWS_PER_COLUMN = 5;

    private final String[] names;
    private final double[][] columns;
    private final int rows;

    /**
     * @param names of the columns, those that may not be computed first
     * @param columns their values, one array for each column
     */
    public FormulaSearch(String[] names, double[][] columns) {
        this.names = names.clone();
        this.columns = columns.clone();
        this.rows = columns.length == 0 ? 0 : columns[0].length;
    }

    /**
     * Finds a formula for each column that has one; none of the columns that a formula is computed from has one itself.
     *
     * @param mayBeComputed for each column
     */
    public Map<String, Formula> find(boolean[] mayBeComputed) {
        Map<String, Formula> found = new LinkedHashMap<>();
        Set<Integer> used = new HashSet<>();
        List<Integer> usable = IntStream.range(0, names.length)
                .filter(i -> decimals(columns[i]) <= MOST_DECIMALS && !isConstant(columns[i]))
                .boxed()
                .toList();
        if (rows < ROWS_PER_COLUMN * (usable.size() + 1)) {
            return found;
        }
        List<BigDecimal[]> relations = relations(usable);
        for (int r = 0; r < relations.size(); r++) {
            BigDecimal[] relation = relations.get(r);
            int total = total(relation, usable, mayBeComputed, relations, r);
            if (total >= 0) {
                found.put(names[usable.get(total)], solved(relation, total, usable));
                for (int i = 0; i < usable.size(); i++) {
                    if (relation[i + 1].signum() != 0) {
                        used.add(usable.get(i));
                    }
                }
            }
        }
        addProducts(usable, mayBeComputed, used, found);
        return found;
    }

    /** The most decimals of a column's values; more than {@link #MOST_DECIMALS} if they have no few decimals. */
    public static int decimals(double[] values) {
        int most = 0;
        for (double value : values) {
            double scale = Math.pow(10, most);
            while (most <= MOST_DECIMALS
                    && Math.abs(Math.rint(value * scale) / scale - value) > TOLERANCE * Math.abs(value)) {
                most++;
                scale = Math.pow(10, most);
            }
            if (most > MOST_DECIMALS || Math.abs(value) * scale > 0x1p53) {
                return MOST_DECIMALS + 1;
            }
        }
        return most;
    }

    private static boolean isConstant(double[] values) {
        return Arrays.stream(values).allMatch(v -> v == values[0]);
    }

    /** Vectors a with a_0 + Σ a_i·x_i = 0 in all rows, each with a last column of its own, whose coefficient is −1. */
    private List<BigDecimal[]> relations(List<Integer> usable) {
        int n = usable.size() + 1;
        int decimals = usable.stream().mapToInt(i -> decimals(columns[i])).max().orElse(0);
        BigInteger[][] reduced = new BigInteger[n][];
        int[] pivots = new int[n];
        int rank = 0;
        for (int r = 0; r < rows && rank < n; r++) {
            BigInteger[] row = new BigInteger[n];
            row[0] = BigInteger.ONE;
            for (int i = 1; i < n; i++) {
                row[i] = scaled(columns[usable.get(i - 1)][r], decimals).mod(PRIME);
            }
            int pivot = reduce(row, reduced, pivots, rank);
            if (pivot >= 0) {
                reduced[rank] = row;
                pivots[rank] = pivot;
                eliminate(reduced, rank, pivot);
                rank++;
            }
        }
        return nullSpace(reduced, pivots, rank, n, decimals);
    }

    private static BigInteger scaled(double value, int decimals) {
        return BigDecimal.valueOf(value)
                .movePointRight(decimals)
                .setScale(0, java.math.RoundingMode.HALF_EVEN)
                .toBigInteger();
    }

    /** Subtracts the rows that are there; returns the first column that is left, made 1, or −1. */
    private static int reduce(BigInteger[] row, BigInteger[][] reduced, int[] pivots, int rank) {
        for (int k = 0; k < rank; k++) {
            subtract(row, row[pivots[k]], reduced[k]);
        }
        for (int i = 0; i < row.length; i++) {
            if (row[i].signum() != 0) {
                BigInteger inverse = row[i].modInverse(PRIME);
                for (int j = 0; j < row.length; j++) {
                    row[j] = row[j].multiply(inverse).mod(PRIME);
                }
                return i;
            }
        }
        return -1;
    }

    private static void eliminate(BigInteger[][] reduced, int rank, int pivot) {
        for (int k = 0; k < rank; k++) {
            subtract(reduced[k], reduced[k][pivot], reduced[rank]);
        }
    }

    private static void subtract(BigInteger[] row, BigInteger factor, BigInteger[] other) {
        if (factor.signum() != 0) {
            for (int j = 0; j < row.length; j++) {
                row[j] = row[j].subtract(factor.multiply(other[j])).mod(PRIME);
            }
        }
    }

    private static List<BigDecimal[]> nullSpace(BigInteger[][] reduced, int[] pivots, int rank, int n, int decimals) {
        List<BigDecimal[]> relations = new ArrayList<>();
        for (int free = 1; free < n; free++) {
            int column = free;
            if (IntStream.range(0, rank).anyMatch(k -> pivots[k] == column)) {
                continue;
            }
            BigDecimal[] relation = new BigDecimal[n];
            Arrays.fill(relation, BigDecimal.ZERO);
            relation[free] = BigDecimal.ONE.negate();
            boolean simple = true;
            for (int k = 0; k < rank && simple; k++) {
                BigDecimal coefficient = fraction(reduced[k][free], pivots[k] == 0 ? decimals : 0);
                simple = coefficient != null && (pivots[k] < free || coefficient.signum() == 0);
                relation[pivots[k]] = coefficient == null ? BigDecimal.ZERO : coefficient;
            }
            if (simple) {
                relations.add(relation);
            }
        }
        return relations;
    }

    /** The decimal number of few digits that a residue stands for, {@code decimals} places to the right; null if there is none. */
    private static @Nullable BigDecimal fraction(BigInteger residue, int decimals) {
        for (int denominator : new int[] {1, 2, 4, 5, 8, 10, 20, 25, 50, 100, 1000, 10_000}) {
            BigInteger numerator =
                    residue.multiply(BigInteger.valueOf(denominator)).mod(PRIME);
            BigInteger signed = numerator.compareTo(PRIME.shiftRight(1)) > 0 ? numerator.subtract(PRIME) : numerator;
            BigInteger most = LARGEST.multiply(BigInteger.TEN.pow(decimals)).multiply(BigInteger.valueOf(denominator));
            if (signed.abs().compareTo(most) <= 0) {
                return new BigDecimal(signed)
                        .divide(BigDecimal.valueOf(denominator))
                        .movePointLeft(decimals);
            }
        }
        return null;
    }

    /**
     * The column of a relation that is computed from the others: the only one of its sign, so that the others are added up; −1 if there
     * is none, or if another relation needs it. Of two columns either may be.
     */
    private static int total(
            BigDecimal[] relation,
            List<Integer> usable,
            boolean[] mayBeComputed,
            List<BigDecimal[]> relations,
            int own) {
        int[] members = IntStream.range(0, usable.size())
                .filter(i -> relation[i + 1].signum() != 0)
                .toArray();
        for (int m = members.length - 1; m >= 0; m--) {
            int candidate = members[m];
            int sign = relation[candidate + 1].signum();
            long same = Arrays.stream(members)
                    .filter(i -> relation[i + 1].signum() == sign)
                    .count();
            boolean elsewhere = IntStream.range(0, relations.size())
                    .anyMatch(r -> r != own && relations.get(r)[candidate + 1].signum() != 0);
            if (members.length > 1
                    && (same == 1 || members.length == 2)
                    && mayBeComputed[usable.get(candidate)]
                    && !elsewhere) {
                return candidate;
            }
        }
        return -1;
    }

    private Formula solved(BigDecimal[] relation, int total, List<Integer> usable) {
        BigDecimal divisor = relation[total + 1].negate();
        List<Formula.Term> terms = new ArrayList<>();
        for (int i = 0; i < usable.size(); i++) {
            if (i != total && relation[i + 1].signum() != 0) {
                terms.add(new Formula.Term(over(relation[i + 1], divisor), List.of(names[usable.get(i)])));
            }
        }
        if (relation[0].signum() != 0) {
            terms.add(new Formula.Term(over(relation[0], divisor), List.of()));
        }
        return new Formula(terms);
    }

    private static BigDecimal over(BigDecimal number, BigDecimal divisor) {
        return number.divide(divisor, java.math.MathContext.DECIMAL64).stripTrailingZeros();
    }

    private void addProducts(
            List<Integer> usable, boolean[] mayBeComputed, Set<Integer> used, Map<String, Formula> found) {
        for (int c : usable) {
            if (!mayBeComputed[c] || used.contains(c)) {
                continue;
            }
            int[] factors = factors(c, usable, found);
            if (factors.length == 2) {
                List<String> both = List.of(names[factors[0]], names[factors[1]]);
                found.put(names[c], new Formula(List.of(new Formula.Term(BigDecimal.ONE, both))));
                used.addAll(List.of(c, factors[0], factors[1]));
            }
        }
    }

    /** Two columns whose product a column is, rounded to its decimals; none if there are none. */
    private int[] factors(int c, List<Integer> usable, Map<String, Formula> found) {
        double scale = Math.pow(10, decimals(columns[c]));
        for (int a : usable) {
            for (int b : usable) {
                boolean candidates =
                        a < b && a != c && b != c && !found.containsKey(names[a]) && !found.containsKey(names[b]);
                if (candidates && isProduct(columns[c], columns[a], columns[b], scale)) {
                    return new int[] {a, b};
                }
            }
        }
        return new int[0];
    }

    private static boolean isProduct(double[] product, double[] a, double[] b, double scale) {
        for (int r = 0; r < product.length; r++) {
            double exact = a[r] * b[r];
            if (Math.abs(exact - product[r]) > 0.5 / scale + TOLERANCE * Math.abs(exact)) {
                return false;
            }
        }
        return true;
    }
}
