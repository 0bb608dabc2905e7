package io.cvaespark.spark.shards;

import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.spark.table.CanonicalOrder;
import io.cvaespark.spark.table.ConditionCells;
import io.cvaespark.spark.table.Iterators;
import io.cvaespark.spark.table.TableFitter;
import io.cvaespark.spark.table.TableRows;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * The training conditions that a model keeps, to draw from when rows are sampled: the cells as they are in the table.
 *
 * <p>Where there are more rows than may be kept, one row for each level of each categorical condition comes first, the rarest
 * level first, up to half of those that are kept; so each level that training saw can be sampled. The others are the first of the
 * canonical order, which is an order by hash.
 */
final class KeptConditions {
    private final TableFitter.Fitted table;
    private final int most;

    KeptConditions(TableFitter.Fitted table, int most) {
        this.table = table;
        this.most = most;
    }

    /** A row with its hash, which tells it from others. */
    private record Kept(long hash, Object[] cells) implements Serializable {
        /** Rows of one hash are nearly always copies of each other. */
        static Kept first(Kept a, Kept b) {
            return Long.compareUnsigned(a.hash, b.hash) <= 0 ? a : b;
        }
    }

    /** How often a level occurs, and its first row. */
    private record Level(long count, Kept row) implements Serializable {
        Level plus(Level other) {
            return new Level(count + other.count, Kept.first(row, other.row));
        }
    }

    /** The plain cells of the rows. */
    List<Row> cells() {
        Map<Long, Object[]> kept = new LinkedHashMap<>();
        List<Kept> ofLevels = table.labelledRows() > most ? firstOfEachLevel() : List.of();
        for (Kept row : ofLevels.subList(0, Math.min(ofLevels.size(), most / 2))) {
            kept.put(row.hash(), row.cells());
        }
        List<Row> rows = new ArrayList<>();
        kept.values().forEach(cells -> rows.add(RowFactory.create(cells)));
        for (Kept row : inCanonicalOrder().take(most)) {
            if (rows.size() < most && !kept.containsKey(row.hash())) {
                rows.add(RowFactory.create(row.cells()));
            }
        }
        return rows;
    }

    private JavaRDD<Kept> inCanonicalOrder() {
        TableSchema schema = table.schema();
        boolean unknownConditions = table.unknownConditions();
        int ranges = table.rows().ranges();
        return table.rows().read(ranges, (range, bins) -> {
            ConditionCells cells = new ConditionCells(schema);
            CanonicalOrder order = new CanonicalOrder(schema, unknownConditions);
            int bin = TableRows.bin(TableRows.Kind.KNOWN, range, ranges);
            return Iterators.map(
                    TableRows.sorted(bins, bin, order), row -> new Kept(ConditionCells.hash(row), cells.of(row)));
        });
    }

    /** One row for each level of each categorical condition, the rarest level first. */
    private List<Kept> firstOfEachLevel() {
        TableSchema schema = table.schema();
        List<Field> conditions = schema.conditions();
        if (conditions.stream().noneMatch(Field::hasLevels)) {
            return List.of();
        }
        int ranges = table.rows().ranges();
        Map<String, Level> levels = table.rows()
                .read(ranges, (range, bins) -> {
                    ConditionCells cells = new ConditionCells(schema);
                    Map<String, Level> found = new HashMap<>();
                    bins.rows(TableRows.bin(TableRows.Kind.KNOWN, range, ranges))
                            .forEachRemaining(row -> {
                                Object[] values = cells.of(row);
                                Level one = new Level(1, new Kept(ConditionCells.hash(row), values));
                                for (int c = 0; c < values.length; c++) {
                                    if (conditions.get(c).hasLevels()) {
                                        found.merge(c + "=" + values[c], one, Level::plus);
                                    }
                                }
                            });
                    return List.of(found).iterator();
                })
                .treeReduce((a, b) -> {
                    b.forEach((level, count) -> a.merge(level, count, Level::plus));
                    return a;
                });
        return levels.entrySet().stream()
                .sorted(Comparator.<Map.Entry<String, Level>>comparingLong(
                                entry -> entry.getValue().count())
                        .thenComparing(Map.Entry::getKey))
                .map(entry -> entry.getValue().row())
                .toList();
    }
}
