package io.cvaespark.spark.compare.trees;

import io.cvaespark.spark.compare.counts.CellLayout;
import io.cvaespark.spark.compare.counts.TableStats;
import io.cvaespark.spark.compare.counts.TopValues;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.ml.attribute.Attribute;
import org.apache.spark.ml.attribute.AttributeGroup;
import org.apache.spark.ml.attribute.NominalAttribute;
import org.apache.spark.ml.attribute.NumericAttribute;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.Metadata;
import org.jspecify.annotations.Nullable;

/**
 * Rows as vectors for the learner: a number as it is, a missing one below all others; a category as the rank of its frequency,
 * all but the most frequent values sharing one.
 */
public final class Features implements Serializable {
    private final int[] columns;
    private final List<@Nullable Map<@Nullable String, Integer>> ranks = new ArrayList<>();
    private final double[] missing;

    /**
     * Features of some columns.
     *
     * @param columns their numbers
     * @param stats of all tables that are encoded
     * @param most values of a category that are kept apart
     */
    public Features(int[] columns, CellLayout layout, Iterable<TableStats> stats, TopValues top, int most) {
        this.columns = columns;
        this.missing = new double[columns.length];
        for (int f = 0; f < columns.length; f++) {
            int column = columns[f];
            if (layout.number()[column]) {
                ranks.add(null);
                double least = 0;
                for (TableStats of : stats) {
                    least = Math.min(least, of.min()[column]);
                }
                // Twice as low: for a number that is far below 0, one less would be the same double.
                missing[f] = 2 * least - 1;
            } else {
                Map<@Nullable String, Integer> own = new HashMap<>();
                top.of(column).stream().limit(most).forEach(value -> own.put(value.text(), own.size()));
                ranks.add(own);
            }
        }
    }

    public int size() {
        return columns.length;
    }

    public int column(int feature) {
        return columns[feature];
    }

    public Vector of(Row row) {
        double[] values = new double[columns.length];
        for (int f = 0; f < values.length; f++) {
            int column = columns[f];
            Map<@Nullable String, Integer> own = ranks.get(f);
            if (own == null) {
                values[f] = row.isNullAt(column) ? missing[f] : row.getDouble(column);
            } else {
                Integer rank = own.get(row.isNullAt(column) ? null : row.getString(column));
                values[f] = rank == null ? own.size() : rank;
            }
        }
        return Vectors.dense(values);
    }

    /** Tells the trees which features are categories, and of how many values. */
    public Metadata metadata(String name) {
        Attribute[] attributes = new Attribute[columns.length];
        for (int f = 0; f < attributes.length; f++) {
            Map<@Nullable String, Integer> own = ranks.get(f);
            attributes[f] = own == null
                    ? NumericAttribute.defaultAttr().withName("f" + f)
                    : NominalAttribute.defaultAttr().withName("f" + f).withNumValues(own.size() + 1);
        }
        return new AttributeGroup(name, attributes).toMetadata();
    }
}
