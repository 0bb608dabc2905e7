package io.cvaespark.data;

import io.cvaespark.data.codec.Histogram;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which codes of a column may be generated, and which part of each: x_j is drawn from p(x_j | …), restricted to them.
 *
 * @param logShares ln of the share of each code that is allowed; −∞ for a code that is not
 * @param from the place in a bin at which what is allowed of it begins, from 0 to 1
 * @param to the place at which it ends
 * @param value x_j where one value is given; null elsewhere
 * @param given true if this is what the rows are given; false if only empty cells are left out
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record AllowedCodes(float[] logShares, float[] from, float[] to, float @Nullable [] value, boolean given)
        implements Serializable {

    private static AllowedCodes none(int codes, boolean given) {
        float[] none = new float[codes];
        Arrays.fill(none, Float.NEGATIVE_INFINITY);
        return new AllowedCodes(none, new float[codes], new float[codes], null, given);
    }

    private AllowedCodes allow(int code, float start, float end, double share) {
        logShares[code] = (float) StrictMath.log(share);
        from[code] = start;
        to[code] = end;
        return this;
    }

    /** All codes but that of an empty cell. */
    public static AllowedCodes known(Field field) {
        AllowedCodes all = none(field.codec().codes(), false);
        for (int code = 0; code < all.logShares.length; code++) {
            if (code != field.missingCode()) {
                all.allow(code, 0f, 1f, 1);
            }
        }
        return all;
    }

    /** One value: the code that a cell is encoded as; throws for a number that lies outside all cells of a histogram. */
    public static AllowedCodes of(Field field, Object cell) {
        if (field.ofPresentCells().codec() instanceof Histogram histogram && !histogram.contains((Double) cell)) {
            throw new IllegalArgumentException(
                    "Column '%s' never had a value such as %s in training".formatted(field.column(), cell));
        }
        float[] x = new float[field.codec().width()];
        RowCodec.ofTargets(List.of(field)).encode((place, form) -> cell, x, 0);
        return new AllowedCodes(new float[0], new float[0], new float[0], x, true);
    }

    /** The numbers from {@code low} to {@code high}; throws where the column never had one. */
    public static AllowedCodes between(Field field, double low, double high) {
        if (!(field.ofPresentCells().codec() instanceof Histogram histogram)) {
            throw new IllegalArgumentException(
                    "Column '%s' has no numbers in bins; give one of its values instead of a range"
                            .formatted(field.column()));
        }
        AllowedCodes result = none(field.codec().codes(), true);
        boolean any = false;
        for (int code = 0; code < histogram.codes(); code++) {
            double[] part = histogram.part(code, low, high);
            if (part[1] > part[0]) {
                result.allow(code, (float) part[0], (float) part[1], part[1] - part[0]);
                any = true;
            }
        }
        if (!any) {
            throw new IllegalArgumentException(
                    "Column '%s' never had a value from %s to %s in training".formatted(field.column(), low, high));
        }
        return result;
    }

    /** Returns whether one value is given, so that nothing is drawn. */
    public boolean isOneValue() {
        return value != null;
    }
}
