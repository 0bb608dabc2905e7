package io.cvaespark.data.codec;

import com.fasterxml.jackson.annotation.JsonTypeName;
import java.util.ArrayList;
import java.util.List;

/**
 * Levels of which the rare ones share one code: x = [code, position]. Within the group a level is drawn as often as it occurred
 * among the rare ones: the position, from 0 to 1, says which.
 *
 * @param frequent levels with codes of their own, in the order of their values
 * @param rare the others; they have the last code
 * @param counts how often each of the rare ones occurred
 */
@JsonTypeName("grouped-levels")
public record GroupedLevels(List<String> frequent, List<String> rare, List<Long> counts) implements Codec.Categories {
    private static final double MIDDLE = 0.5;

    public GroupedLevels {
        frequent = List.copyOf(frequent);
        rare = List.copyOf(rare);
        counts = List.copyOf(counts);
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
        double total = total();
        double entropy = 0;
        for (long count : counts) {
            entropy -= count / total * StrictMath.log(count / total);
        }
        List<Double> sizes = new ArrayList<>(java.util.Collections.nCopies(frequent.size(), 0.0));
        sizes.add(entropy);
        return sizes;
    }

    private double total() {
        return counts.stream().mapToLong(Long::longValue).sum();
    }

    @Override
    public void encode(int index, float[] out, int offset) {
        if (index < frequent.size()) {
            out[offset] = index;
            out[offset + 1] = 0f;
            return;
        }
        int place = index - frequent.size();
        double before = 0;
        for (int i = 0; i < place; i++) {
            before += counts.get(i);
        }
        out[offset] = frequent.size();
        out[offset + 1] = (float) ((before + MIDDLE * counts.get(place)) / total());
    }

    @Override
    public String decode(float[] in, int offset) {
        int code = Math.round(in[offset]);
        if (code < frequent.size()) {
            return frequent.get(code);
        }
        double target = in[offset + 1] * total();
        double before = 0;
        for (int i = 0; i < rare.size() - 1; i++) {
            before += counts.get(i);
            if (target < before) {
                return rare.get(i);
            }
        }
        return rare.get(rare.size() - 1);
    }

    @Override
    public String describe() {
        return "%s levels, and %s rare ones drawn by how often they occurred".formatted(frequent.size(), rare.size());
    }
}
