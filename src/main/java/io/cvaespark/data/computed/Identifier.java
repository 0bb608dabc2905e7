package io.cvaespark.data.computed;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A column that only tells rows apart: it is not modelled, and sampled rows get values of their own.
 *
 * <p>Whole numbers go on one by one. A text is made like an example: its digits and letters change and all else stays, such as K-0931
 * for A-1745. Rows with different numbers get different texts, as many as the example has digits and letters for; after these, a
 * number is appended.
 *
 * @param column its name
 * @param dataType its Spark SQL type, as JSON
 * @param first the first whole number; null for a text
 * @param example a text; null for whole numbers
 */
public record Identifier(
        String column,
        String dataType,
        @Nullable Long first,
        @Nullable String example) implements Serializable {
    private static final int DIGITS = 10;
    private static final int LETTERS = 26;
    /** Steps by this number visit every text once, because no capacity, a product of 2, 5 and 13, has it as a factor. */
    private static final long STRIDE = 2_654_435_761L;

    private static final long MOST = Long.MAX_VALUE / STRIDE;

    /** The value of row number {@code index}, from 0: a whole number or a text. */
    public Object value(long index) {
        return first != null ? (Object) (first + index) : text(example == null ? "" : example, index);
    }

    /** What sampled rows get, in a few words. */
    public String describe() {
        return "not modelled; sampled rows get %s, %s, …".formatted(value(0), value(1));
    }

    private static String text(String pattern, long index) {
        long capacity = capacity(pattern);
        long round = index / capacity;
        long rest = (index % capacity * (STRIDE % capacity) + capacity / 2) % capacity;
        StringBuilder text = new StringBuilder(pattern);
        for (int i = pattern.length() - 1; i >= 0; i--) {
            char c = pattern.charAt(i);
            int base = base(c);
            if (base > 1) {
                text.setCharAt(i, (char) (zero(c) + rest % base));
                rest /= base;
            }
        }
        return round == 0 ? text.toString() : text + "-" + round;
    }

    /** How many texts there are of a pattern, at most what numbers can count. */
    private static long capacity(String pattern) {
        long capacity = 1;
        for (int i = pattern.length() - 1; i >= 0 && capacity < MOST / LETTERS; i--) {
            capacity *= base(pattern.charAt(i));
        }
        return capacity;
    }

    private static int base(char c) {
        if (c >= '0' && c <= '9') {
            return DIGITS;
        }
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ? LETTERS : 1;
    }

    private static char zero(char c) {
        if (c >= '0' && c <= '9') {
            return '0';
        }
        return c >= 'a' ? 'a' : 'A';
    }
}
