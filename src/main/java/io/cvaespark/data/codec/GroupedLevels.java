package io.cvaespark.data.codec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Levels of which the rare ones share one code: x = [code, position]. Within the group a level is drawn as often as it occurred
 * among the rare ones: the position, from 0 to 1, says which.
 *
 * @param frequent levels with codes of their own, in the order of their values
 * @param rare the others; they have the last code
 * @param upTo how often each of the rare ones, and those before it, occurred
 */
@JsonTypeName("grouped-levels")
public record GroupedLevels(List<String> frequent, List<String> rare, List<Long> upTo) implements Codec.Categories {
    private static final double MIDDLE = 0.5;

    public GroupedLevels {
        frequent = List.copyOf(frequent);
        rare = List.copyOf(rare);
        upTo = List.copyOf(upTo);
    }

    @Override
    public int width() {
        return 2;
    }

    @Override
    public int codes() {
        return frequent.size() + 1;
    }

    @Override
    public List<String> levels() {
        List<String> all = new ArrayList<>(frequent);
        all.addAll(rare);
        return all;
    }

    /** ln of how many levels each code stands for: of the group, those as many as equally likely ones of its entropy. */
    public List<Double> logSizes() {
        double entropy = 0;
        for (int i = 0; i < rare.size(); i++) {
            double share = (upTo.get(i) - before(i)) / total();
            entropy -= share * StrictMath.log(share);
        }
        List<Double> sizes = new ArrayList<>(Collections.nCopies(frequent.size(), 0.0));
        sizes.add(entropy);
        return sizes;
    }

    private double before(int i) {
        return i == 0 ? 0 : upTo.get(i - 1);
    }

    private double total() {
        return upTo.get(upTo.size() - 1);
    }

    @Override
    public void encode(int index, float[] out, int offset) {
        if (index < frequent.size()) {
            out[offset] = index;
            out[offset + 1] = 0f;
            return;
        }
        int place = index - frequent.size();
        out[offset] = frequent.size();
        out[offset + 1] = (float) ((before(place) + MIDDLE * (upTo.get(place) - before(place))) / total());
    }

    @Override
    public String decode(float[] in, int offset) {
        int code = Math.round(in[offset]);
        if (code < frequent.size()) {
            return frequent.get(code);
        }
        int found = Collections.binarySearch(upTo, (long) (in[offset + 1] * total()));
        // A level ends where the next begins.
        int place = found >= 0 ? found + 1 : -found - 1;
        return rare.get(Math.min(place, rare.size() - 1));
    }

    @Override
    public String describe() {
        return "%s levels, and %s rare ones drawn by how often they occurred".formatted(frequent.size(), rare.size());
    }
}
