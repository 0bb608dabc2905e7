package io.cvaespark.data;

import io.cvaespark.data.codec.Codec;
import io.cvaespark.data.codec.GroupedLevels;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** One of a set of levels; one-hot, or embedded. */
final class CategoricalKind implements ColumnKind {
    /** Levels that a message shows. */
    private static final int SHOWN = 20;

    /** The most levels that are counted where rare ones share a code. */
    private static final int MOST_LEVELS = 1_000_000;

    @Override
    public boolean hasLevels() {
        return true;
    }

    @Override
    public String defaultLikelihood(ColumnRequest column) {
        return "categorical";
    }

    @Override
    public List<String> likelihoods() {
        return List.of("categorical");
    }

    @Override
    public List<String> sqlTypes() {
        return List.of("string");
    }

    @Override
    public boolean takesEmbedding() {
        return true;
    }

    @Override
    public ColumnSummary summary(ColumnRequest column) {
        int limit = column.coded() ? MOST_LEVELS : column.spec().levelLimit();
        ColumnSummary summary = ColumnSummary.ofLevels(column.type(), limit, column.numeric());
        return column.coded() ? summary.allowingOne() : summary;
    }

    @Override
    public Codec fit(ColumnRequest column, ColumnSummary seen) {
        if (column.coded()) {
            return codes(seen.levelCounts(), column.spec().levelLimit(), column.numeric());
        }
        List<String> levels = sorted(seen.levels(), column.numeric());
        Integer embedding = column.spec().embedding();
        return embedding == null ? new Codec.OneHot(levels) : new Codec.Embedded(levels, embedding);
    }

    @Override
    public List<Class<? extends Codec>> codecs() {
        return List.of(
                Codec.OneHot.class,
                Codec.Embedded.class,
                Codec.LevelNumber.class,
                GroupedLevels.class,
                Codec.OrMissing.class);
    }

    /** A code for each of the most frequent levels, and one for all others if there are more than {@code limit}. */
    private static Codec codes(Map<String, Long> counts, int limit, boolean numeric) {
        if (counts.size() <= limit) {
            return new Codec.LevelNumber(sorted(counts.keySet(), numeric));
        }
        Comparator<String> mostFrequent = Comparator.comparing((String level) -> -counts.getOrDefault(level, 0L));
        List<String> byCount = counts.keySet().stream()
                .sorted(mostFrequent.thenComparing(Comparator.naturalOrder()))
                .toList();
        List<String> rare = sorted(byCount.subList(limit, byCount.size()), numeric);
        long[] upTo =
                rare.stream().mapToLong(level -> counts.getOrDefault(level, 0L)).toArray();
        Arrays.parallelPrefix(upTo, Long::sum);
        return new GroupedLevels(
                sorted(byCount.subList(0, limit), numeric),
                rare,
                Arrays.stream(upTo).boxed().toList());
    }

    /**
     * Levels in the order of their values.
     *
     * @param numeric whether they are numbers, which go by size; all else goes as text
     */
    static List<String> sorted(Collection<String> levels, boolean numeric) {
        Comparator<String> order = numeric
                ? Comparator.comparing(CategoricalKind::number).thenComparing(Comparator.naturalOrder())
                : Comparator.naturalOrder();
        return levels.stream().sorted(order).toList();
    }

    private static BigDecimal number(String level) {
        try {
            return new BigDecimal(level);
        } catch (NumberFormatException e) {
            // NaN and infinities, which models of 0.1.0 may have as levels: behind all numbers.
            return new BigDecimal("1e400");
        }
    }

    @Override
    public CellEncoder encoder(Field field) {
        Codec.Categories codec = (Codec.Categories) field.codec();
        Map<String, Integer> places = new HashMap<>();
        List<String> levels = codec.levels();
        for (int i = 0; i < levels.size(); i++) {
            places.put(levels.get(i), i);
        }
        return (cell, out, offset) -> {
            Integer place = places.get((String) cell);
            if (place == null) {
                throw unknownLevel(field, (String) cell);
            }
            codec.encode(place, out, offset);
            return true;
        };
    }

    @Override
    public CellDecoder decoder(Field field) {
        return ((Codec.Categories) field.codec())::decode;
    }

    /** A level that training never saw, with those it did. */
    static InvalidCellException unknownLevel(Field field, String level) {
        List<String> levels = field.levels();
        String known = levels.stream().limit(SHOWN).map("'%s'"::formatted).collect(Collectors.joining(", "));
        int more = levels.size() - SHOWN;
        return new InvalidCellException("Column '%s' has the value '%s', which training never saw; known: %s%s"
                .formatted(field.column(), level, known, more > 0 ? " and " + more + " more" : ""));
    }
}
