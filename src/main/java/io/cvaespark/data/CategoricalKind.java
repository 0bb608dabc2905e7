package io.cvaespark.data;

import java.math.BigDecimal;
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

    @Override
    public boolean hasLevels() {
        return true;
    }

    @Override
    public String defaultLikelihood() {
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
        return ColumnSummary.ofLevels(column.type(), column.spec().levelLimit(), column.numeric());
    }

    @Override
    public Codec fit(ColumnRequest column, ColumnSummary seen) {
        List<String> levels = sorted(seen.levels(), column.numeric());
        Integer embedding = column.spec().embedding();
        return embedding == null ? new Codec.OneHot(levels) : new Codec.Embedded(levels, embedding);
    }

    @Override
    public List<Class<? extends Codec>> codecs() {
        return List.of(Codec.OneHot.class, Codec.Embedded.class);
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
        for (int i = 0; i < codec.levels().size(); i++) {
            places.put(codec.levels().get(i), i);
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
