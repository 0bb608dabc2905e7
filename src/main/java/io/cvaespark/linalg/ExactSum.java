package io.cvaespark.linalg;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * The exact sum of any number of doubles: the same bits whatever the order and the partitioning.
 *
 * <p>A fixed-point number wide enough for every double, in 32-bit digits kept in longs, so that carries are propagated
 * only now and then (Neal 2015, "Fast exact summation using small and large superaccumulators").
 */
public final class ExactSum implements Serializable {
    private static final int DIGITS = 67;
    private static final int LOWEST_EXPONENT = 1074;
    private static final long MASK = 0xffffffffL;
    /** Each addition puts less than 2³² into a digit; after this many, carries go up before a long overflows. */
    private static final int ADDITIONS_BEFORE_CARRY = 1 << 29;

    private final long[] digits = new long[DIGITS];
    private int additions;

    /** Adds a finite value. */
    public void add(double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("Cannot sum " + value);
        }
        long bits = Double.doubleToRawLongBits(value);
        int exponent = (int) (bits >>> 52) & 0x7ff;
        long fraction = bits & ((1L << 52) - 1);
        long mantissa = exponent == 0 ? fraction : fraction | (1L << 52);
        int position = Math.max(exponent - 1, 0);
        int digit = position >>> 5;
        int shift = position & 31;
        long low = (mantissa << shift) & MASK;
        long middle = (mantissa >>> (32 - shift)) & MASK;
        long high = shift == 0 ? 0 : mantissa >>> (64 - shift);
        long sign = bits >> 63;
        digits[digit] += (low ^ sign) - sign;
        digits[digit + 1] += (middle ^ sign) - sign;
        digits[digit + 2] += (high ^ sign) - sign;
        if (++additions == ADDITIONS_BEFORE_CARRY) {
            carry();
        }
    }

    /** Adds value² without rounding it, for magnitudes from 1e-145 to 1e154. */
    public void addSquare(double value) {
        double square = value * value;
        add(square);
        add(Math.fma(value, value, -square));
    }

    /** Adds everything that {@code other} has summed. */
    public void add(ExactSum other) {
        other.carry();
        carry();
        for (int i = 0; i < DIGITS; i++) {
            digits[i] += other.digits[i];
        }
        additions += 1;
    }

    /** The sum, exactly. */
    public BigDecimal exact() {
        BigInteger total = BigInteger.ZERO;
        for (int i = DIGITS - 1; i >= 0; i--) {
            total = total.shiftLeft(32).add(BigInteger.valueOf(digits[i]));
        }
        if (total.signum() == 0) {
            return BigDecimal.ZERO;
        }
        // n/2ᵏ = n·5ᵏ/10ᵏ, without the powers of two that n has: division would take a thousand digits for each sum.
        int shared = Math.min(total.getLowestSetBit(), LOWEST_EXPONENT);
        int k = LOWEST_EXPONENT - shared;
        return new BigDecimal(
                total.shiftRight(shared).multiply(BigInteger.valueOf(5).pow(k)), k);
    }

    /** The sum, rounded once. */
    public double value() {
        return exact().doubleValue();
    }

    private void carry() {
        for (int i = 0; i < DIGITS - 1; i++) {
            digits[i + 1] += digits[i] >> 32;
            digits[i] &= MASK;
        }
        additions = 0;
    }
}
