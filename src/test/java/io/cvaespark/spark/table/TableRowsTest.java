package io.cvaespark.spark.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.data.codec.Codec;
import io.cvaespark.linalg.Noise;
import io.cvaespark.spark.SparkTests;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.apache.spark.SparkEnv;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.LongAccumulator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows in bins and their canonical order, with many ties of the hash, against a plain sort of the encoded rows. */
class TableRowsTest {
    private static final String FORCE_SPILL = "spark.shuffle.spill.numElementsForceSpillThreshold";
    private static final List<String> LEVELS = List.of("a", "bb", "a longer level");
    private static final TableSchema SCHEMA = new TableSchema(
            List.of(
                    field("x", DataTypes.DoubleType.json(), new Codec.Unit(1)),
                    field("v", DataTypes.createArrayType(DataTypes.DoubleType).json(), new Codec.Unit(2))),
            List.of(field("c", DataTypes.StringType.json(), new Codec.OneHot(LEVELS))));
    private static final StructType TYPE = new StructType()
            .add("hash", DataTypes.LongType, false)
            .add("validation", DataTypes.BooleanType)
            .add("weight", DataTypes.DoubleType)
            .add("x", DataTypes.DoubleType)
            .add("v", DataTypes.createArrayType(DataTypes.DoubleType))
            .add("c", DataTypes.StringType);
    private static final int FIRST_CONDITION = TableFitter.FIRST_CELL + 2;
    private static final double HELD_OUT = 0.25;

    private static Field field(String column, String type, Codec codec) {
        return new Field(
                column,
                type,
                codec instanceof Codec.Categories ? ColumnType.CATEGORICAL : ColumnType.CONTINUOUS,
                codec,
                null,
                null,
                false);
    }

    /** Cells as TableFitter lays them out; 50 hashes for 600 rows, so that content and weight decide their order. */
    /** The value of x in rows that are left out. */
    private static final double INVALID = -2;

    private static List<Row> cells() {
        Random random = new Random(3);
        long[] hashes = random.longs(50).toArray();
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < 600; i++) {
            Double x = random.nextInt(5) == 0 ? null : (double) (random.nextInt(4) - 2);
            double[] v = {random.nextInt(2), random.nextBoolean() ? 0.0 : -0.0};
            rows.add(RowFactory.create(
                    hashes[random.nextInt(hashes.length)],
                    random.nextInt(4) == 0 ? null : random.nextInt(6) == 0,
                    (double) random.nextInt(3),
                    x,
                    v,
                    random.nextInt(3) == 0 ? null : LEVELS.get(random.nextInt(LEVELS.size()))));
        }
        return rows;
    }

    private static TableRows rows(List<Row> cells, int partitions, int parallelism, int firstCondition) {
        List<Row> shuffled = new ArrayList<>(cells);
        Collections.shuffle(shuffled, new Random(partitions));
        Dataset<Row> table =
                SparkTests.session().createDataFrame(shuffled, TYPE).repartition(partitions);
        return new TableRows(
                table, HELD_OUT, firstCondition, parallelism, row -> row.isNullAt(3) || row.getDouble(3) != INVALID);
    }

    /** The rows of a kind as [hash | x | v | c | weight], numbers as bits, bin after bin. */
    private static List<List<Integer>> sorted(TableRows rows, TableRows.Kind kind) {
        int ranges = rows.ranges();
        TableSchema schema = SCHEMA;
        return rows.read(ranges, (range, bins) -> {
                    RowEncoder encoder = new RowEncoder(schema, true);
                    CanonicalOrder order = new CanonicalOrder(schema, true);
                    return Iterators.map(TableRows.sorted(bins, TableRows.bin(kind, range, ranges), order), row -> {
                        float[] values = new float[schema.rowWidth() + 1];
                        encoder.encode(row, values, 0);
                        values[schema.rowWidth()] = RowEncoder.weight(row);
                        return bits(RowEncoder.hash(row), values);
                    });
                })
                .collect();
    }

    private static List<Integer> bits(long hash, float[] values) {
        List<Integer> bits = new ArrayList<>();
        // Signed integers that are ordered as the hash is without a sign.
        bits.add((int) (hash >>> 32) ^ Integer.MIN_VALUE);
        bits.add((int) hash ^ Integer.MIN_VALUE);
        for (float value : values) {
            bits.add(Float.floatToRawIntBits(value));
        }
        return bits;
    }

    private static List<List<Integer>> expected(List<Row> cells, TableRows.Kind kind) {
        List<List<Integer>> expected = new ArrayList<>();
        for (Row row : cells) {
            if (expectedKind(row) == kind) {
                RowEncoder encoder = new RowEncoder(SCHEMA, true);
                float[] values = new float[SCHEMA.rowWidth() + 1];
                values[0] = row.isNullAt(3) ? Float.NaN : (float) row.getDouble(3);
                double[] v = (double[]) row.get(4);
                values[1] = (float) v[0];
                values[2] = (float) v[1];
                if (!row.isNullAt(5)) {
                    values[3 + LEVELS.indexOf(row.getString(5))] = 1;
                }
                values[SCHEMA.rowWidth()] = (float) row.getDouble(2);
                expected.add(bits(row.getLong(0), values));
            }
        }
        expected.sort((a, b) -> {
            int i = 0;
            while (i < a.size() - 1 && a.get(i).equals(b.get(i))) {
                i++;
            }
            return Integer.compare(a.get(i), b.get(i));
        });
        return expected;
    }

    private static TableRows.Kind expectedKind(Row row) {
        if (!row.isNullAt(3) && row.getDouble(3) == INVALID) {
            return TableRows.Kind.INVALID;
        }
        boolean marked = !row.isNullAt(1) && row.getBoolean(1);
        // Trained models depend on this choice: it must stay.
        double share = (Noise.key(0, Noise.Purpose.VALIDATION_SPLIT, 0, row.getLong(0), 0) >>> 11) * 0x1p-53;
        if (marked || share < HELD_OUT) {
            return TableRows.Kind.HELD_OUT;
        }
        return row.isNullAt(5) ? TableRows.Kind.UNKNOWN : TableRows.Kind.KNOWN;
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 5", "3, 2", "7, 1"})
    void everyKindIsInCanonicalOrderWhateverThePartitions(int partitions, int parallelism) {
        List<Row> cells = cells();
        TableRows rows = rows(cells, partitions, parallelism, FIRST_CONDITION);
        assertEquals(Math.max(partitions, parallelism), rows.ranges());
        for (TableRows.Kind kind : TableRows.Kind.values()) {
            List<List<Integer>> expected = expected(cells, kind);
            assertTrue(expected.size() > 50, kind + " is tested");
            assertEquals(expected, sorted(rows, kind), kind.toString());
        }
    }

    @Test
    void sortingOnDiskGivesTheSameOrder() {
        SparkTests.session(); // whose environment is asked for below
        List<Row> cells = cells();
        SparkEnv.get().conf().set(FORCE_SPILL, "17");
        try {
            TableRows rows = rows(cells, 2, 1, FIRST_CONDITION);
            assertEquals(expected(cells, TableRows.Kind.KNOWN), sorted(rows, TableRows.Kind.KNOWN));
        } finally {
            SparkEnv.get().conf().remove(FORCE_SPILL);
        }
    }

    @Test
    void withoutUnknownConditionsTrainingHasOneKind() {
        List<Row> cells = cells();
        TableRows rows = rows(cells, 2, 1, FIRST_CONDITION + 1);
        assertEquals(List.of(), sorted(rows, TableRows.Kind.UNKNOWN));
        assertEquals(
                expected(cells, TableRows.Kind.UNKNOWN).size()
                        + expected(cells, TableRows.Kind.KNOWN).size(),
                sorted(rows, TableRows.Kind.KNOWN).size());
    }

    @Test
    void theTableIsReadOnce() {
        LongAccumulator reads = SparkTests.session().sparkContext().longAccumulator();
        UserDefinedFunction counted = functions.udf(
                (Long hash) -> {
                    reads.add(1);
                    return hash;
                },
                DataTypes.LongType);
        List<Row> cells = cells();
        Dataset<Row> table = SparkTests.session().createDataFrame(cells, TYPE).repartition(3);
        table = table.withColumn("hash", counted.apply(table.col("hash")));
        TableRows rows = new TableRows(
                table, HELD_OUT, FIRST_CONDITION, 1, row -> row.isNullAt(3) || row.getDouble(3) != INVALID);
        for (TableRows.Kind kind : TableRows.Kind.values()) {
            assertEquals(expected(cells, kind), sorted(rows, kind), kind.toString());
        }
        assertEquals(cells.size(), reads.value(), "calls for " + cells.size() + " rows");
    }

    @Test
    void rangesCoverTheHashesAndAscend() {
        for (int ranges : new int[] {1, 2, 3, 1000}) {
            assertEquals(0, TableRows.range(0, ranges));
            assertEquals(ranges - 1, TableRows.range(-1, ranges));
            int before = 0;
            for (long i = 0; i < 4096; i++) {
                int range = TableRows.range(i << 52, ranges);
                assertTrue(range >= before, "range of hash " + i + " · 2⁵²");
                before = range;
            }
            assertEquals(ranges - 1, before);
        }
    }
}
