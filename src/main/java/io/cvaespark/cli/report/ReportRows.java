package io.cvaespark.cli.report;

import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.spark.CvaeModel;
import io.cvaespark.spark.table.Structs;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Some real rows, collected on the driver, with the latents and reconstructions that the model gives for them. */
final class ReportRows {
    private static final long SAMPLE_SEED = 1;

    private final CvaeModel model;
    private final Dataset<Row> table;
    private final List<Row> rows;
    private final long seed;

    private ReportRows(CvaeModel model, Dataset<Row> table, List<Row> rows, long seed) {
        this.model = model;
        this.table = table;
        this.rows = rows;
        this.seed = seed;
    }

    /** At most {@code most} rows of {@code all}, chosen at random. */
    static ReportRows of(Dataset<Row> given, CvaeModel model, int most, long seed) {
        Dataset<Row> all = Structs.flatten(given);
        long total = all.count();
        // A little more than wanted, cut afterwards: a share gives no exact number.
        double share = 1.2 * most / Math.max(1, total);
        Dataset<Row> some = share >= 1 ? all : all.sample(share, SAMPLE_SEED);
        List<Row> rows = some.takeAsList(most);
        if (rows.isEmpty()) {
            throw new IllegalArgumentException("DATA has no rows to show; give others with --data");
        }
        return new ReportRows(model, local(all.sparkSession(), rows, all), rows, seed);
    }

    private static Dataset<Row> local(SparkSession spark, List<Row> rows, Dataset<Row> like) {
        return spark.createDataFrame(rows, like.schema()).coalesce(1);
    }

    TableSchema schema() {
        return model.description().schema();
    }

    /** The rows. */
    Dataset<Row> table() {
        return table;
    }

    int size() {
        return rows.size();
    }

    /** The categorical conditions of not too many levels. */
    List<Field> groupings(int mostLevels) {
        return schema().conditions().stream()
                .filter(f -> f.hasLevelsUpTo(mostLevels))
                .toList();
    }

    /** Rows by the level of a categorical column, levels in the model's order, those that have rows. */
    static Map<String, List<Row>> by(Field field, List<Row> rows) {
        Map<String, List<Row>> groups = new LinkedHashMap<>();
        field.levels().forEach(level -> groups.put(level, new ArrayList<>()));
        for (Row row : rows) {
            Object value = row.getAs(field.column());
            if (value != null) {
                groups.computeIfAbsent(value.toString(), level -> new ArrayList<>())
                        .add(row);
            }
        }
        groups.values().removeIf(List::isEmpty);
        return groups;
    }

    /** The first {@code n} of some rows. */
    static List<Row> first(int n, List<Row> rows) {
        return rows.subList(0, Math.min(n, rows.size()));
    }

    List<Row> rows() {
        return rows;
    }

    /** Those of {@code some} as a table. */
    Dataset<Row> asTable(List<Row> some) {
        return local(table.sparkSession(), some, table);
    }

    /** A generated row for each of {@code conditions}, in their order; {@code mean}: the likelihood's mean instead of a draw. */
    Dataset<Row> sampled(List<Row> conditions, boolean mean) {
        return Structs.flatten(model.sampler(seed, mean).sample(asTable(conditions)));
    }

    /** The rows whose conditions are all known, which can be sampled for. */
    List<Row> conditioned() {
        int[] places = schema().conditions().stream()
                .mapToInt(f -> table.schema().fieldIndex(f.column()))
                .toArray();
        return rows.stream()
                .filter(row -> java.util.Arrays.stream(places).noneMatch(row::isNullAt))
                .toList();
    }
}
