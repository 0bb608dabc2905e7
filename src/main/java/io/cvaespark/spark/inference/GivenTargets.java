package io.cvaespark.spark.inference;

import io.cvaespark.data.AllowedCodes;
import io.cvaespark.data.CellForm;
import io.cvaespark.data.Field;
import io.cvaespark.data.Nearest;
import io.cvaespark.data.TableSchema;
import io.cvaespark.data.computed.ComputedColumn;
import io.cvaespark.nn.AutoregressiveSpec;
import io.cvaespark.spark.table.Columns;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Targets that are given when rows are sampled: {@code education=Masters} is a value, {@code age=30..40} a range.
 *
 * @param allowed by the index of the target
 * @param values the texts of those that have one value, by the index of the target
 */
record GivenTargets(Map<Integer, AllowedCodes> allowed, Map<Integer, String> values) {
    private static final String TO = "..";

    static final GivenTargets NONE = new GivenTargets(Map.of(), Map.of());

    /**
     * Reads what is given.
     *
     * @param complete whether no cell is to be generated empty
     * @throws IllegalArgumentException for a column or a value that is not there, and for columns that this model cannot take as given
     */
    static GivenTargets of(TrainedModel model, Map<String, String> given, boolean complete) {
        AutoregressiveSpec spec = model.stored().architecture().autoregressive();
        if (given.isEmpty() && !complete) {
            return NONE;
        }
        if (spec == null) {
            if (given.isEmpty()) {
                return NONE; // this decoder never generates an empty cell
            }
            throw new IllegalArgumentException(
                    "Targets can be given to a model with decoder: autoregressive, and this one generates all columns at once. Make %s conditions, or train with model.order: any"
                            .formatted(String.join(", ", given.keySet())));
        }
        List<Field> targets = model.schema().targets();
        Map<Integer, AllowedCodes> allowed = new HashMap<>();
        Map<Integer, String> values = new HashMap<>();
        for (int j = 0; complete && j < targets.size(); j++) {
            if (targets.get(j).missingCode() >= 0) {
                allowed.put(j, AllowedCodes.known(targets.get(j)));
            }
        }
        int ranges = 0;
        for (Map.Entry<String, String> entry : given.entrySet()) {
            int j = index(model.schema(), entry.getKey());
            AllowedCodes some = parse(targets.get(j), entry.getValue());
            allowed.put(j, some);
            if (some.isOneValue()) {
                values.put(j, entry.getValue());
            } else {
                ranges++;
            }
        }
        if (ranges > 1) {
            throw new IllegalArgumentException(
                    "At most one column can be given as a range, found %s; rows of several ranges would not follow the model's distribution"
                            .formatted(ranges));
        }
        if (!spec.anyOrder()) {
            requireFirst(spec, targets, given.keySet(), values.keySet());
        }
        return new GivenTargets(allowed, values);
    }

    private static int index(TableSchema schema, String column) {
        for (ComputedColumn computed : schema.computed()) {
            if (computed.column().equals(column)) {
                throw new IllegalArgumentException(
                        "Column '%s' is computed as %s and cannot be given; give these columns"
                                .formatted(column, computed.formula().text()));
            }
        }
        List<String> names = schema.targets().stream().map(Field::column).toList();
        int index = names.indexOf(column);
        if (index < 0) {
            String near = Nearest.suggestion(column, names);
            throw new IllegalArgumentException("There is no target column '%s'%s The targets are: %s"
                    .formatted(column, near.isEmpty() ? "." : near, String.join(", ", names)));
        }
        return index;
    }

    private static AllowedCodes parse(Field field, String text) {
        if (field.codec().codes() == 0) {
            throw new IllegalArgumentException(
                    "Column '%s' has likelihood %s and cannot be given; targets of likelihood histogram and categorical can"
                            .formatted(field.column(), field.likelihood()));
        }
        if (field.form() == CellForm.LEVEL) {
            field.requireLevel(text);
            return AllowedCodes.of(field, text);
        }
        int to = text.indexOf(TO);
        if (to < 0) {
            return AllowedCodes.of(field, Columns.number(field, text));
        }
        double low = Columns.number(field, text.substring(0, to));
        double high = Columns.number(field, text.substring(to + TO.length()));
        return AllowedCodes.between(field, low, high);
    }

    private static void requireFirst(
            AutoregressiveSpec spec, List<Field> targets, Set<String> given, Set<Integer> values) {
        Set<String> first = new HashSet<>();
        List<String> order =
                spec.order().stream().map(j -> targets.get(j).column()).toList();
        order.stream().limit(given.size()).forEach(first::add);
        if (!first.equals(given)) {
            throw new IllegalArgumentException(
                    "This model generates its columns in the order %s, so only the first of them can be given, found %s. To give any columns, train with model.order: any"
                            .formatted(String.join(", ", order), String.join(", ", given)));
        }
        // A column that is drawn within a range is drawn from those before it: one given after it would be left out of
        // account.
        for (int j = 0; j < given.size() - 1; j++) {
            if (!values.contains(spec.order().get(j))) {
                throw new IllegalArgumentException(
                        "Column '%s' is given as a range, so no column after it in the order %s can be given. To give any columns, train with model.order: any"
                                .formatted(order.get(j), String.join(", ", order)));
            }
        }
    }
}
