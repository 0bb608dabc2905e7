package io.cvaespark.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.linalg.Noise;
import java.util.BitSet;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PermutationTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 7, 15, 16, 17, 64, 65, 100, 1000, 4095, 4096, 4097, 65_537})
    void everyPlaceIsTakenOnce(int n) {
        for (long key : new long[] {0, 1, -1, 123_456_789L}) {
            Permutation permutation = new Permutation(n, key);
            BitSet seen = new BitSet(n);
            for (int i = 0; i < n; i++) {
                long at = permutation.at(i);
                assertTrue(at >= 0 && at < n, () -> "place " + at);
                seen.set((int) at);
            }
            assertEquals(n, seen.cardinality());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 33, (1L << 33) + 1, 1L << 40, 3L << 60})
    void largeOnesStayWithinTheirRange(long n) {
        Permutation permutation = new Permutation(n, 5);
        Set<Long> seen = new HashSet<>();
        for (int i = 0; i < 1000; i++) {
            long at = permutation.at(n - 1 - i);
            assertTrue(at >= 0 && at < n, () -> "place " + at);
            seen.add(at);
        }
        assertEquals(1000, seen.size());
    }

    @Test
    void isAPureFunctionOfItsKey() {
        assertEquals(list(1000, 3), list(1000, 3));
        assertNotEquals(list(1000, 3), list(1000, 4));
        assertNotEquals(list(1000, 3), LongStream.range(0, 1000).boxed().toList());
    }

    /** Over many keys every element comes to every place equally often, within five standard errors. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5, 16, 20})
    void placesAreUniformOverKeys(int n) {
        int keys = 20_000;
        int[][] counts = new int[n][n];
        for (int k = 0; k < keys; k++) {
            Permutation permutation = new Permutation(n, Noise.mix(k));
            for (int i = 0; i < n; i++) {
                counts[i][(int) permutation.at(i)]++;
            }
        }
        double p = 1.0 / n;
        for (int[] row : counts) {
            for (int count : row) {
                assertEquals(p, (double) count / keys, 5 * Math.sqrt(p * (1 - p) / keys));
            }
        }
    }

    @Test
    void nothingCannotBePermuted() {
        ExpectedError.of(IllegalArgumentException.class, () -> new Permutation(0, 1), "at least one", "0");
    }

    private static java.util.List<Long> list(int n, long key) {
        Permutation permutation = new Permutation(n, key);
        return LongStream.range(0, n).map(permutation::at).boxed().toList();
    }
}
