package io.cvaespark.spark;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.data.Field;
import io.cvaespark.data.codec.Histogram;
import io.cvaespark.spark.table.Columns;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Nulls in targets: absent from the likelihood, filled in by the reconstruction. */
class MissingCellsTest {
    private static final Dataset<Row> COMPLETE = TestTables.mixed(300).cache();
    private static final List<String> TARGETS = List.of("size", "price", "flag", "grade", "pixels", "features");
    private static final Dataset<Row> TABLE = withNulls().cache();
    private static final CvaeModel MODEL = TestTables.mixedCvae()
            .fit(TABLE)
            .setReconstructionCol("again")
            .setReconstructionLossCol("loss")
            .setLogLikelihoodCol("logp")
            .setImportanceSamples(3);

    /** Every third row misses something: a scalar, a level, an element, a whole vector, and some rows everything. */
    private static Dataset<Row> withNulls() {
        Dataset<Row> table = COMPLETE;
        table = nullWhere(table, "price", 3, 0);
        table = nullWhere(table, "grade", 6, 0);
        table = nullWhere(table, "flag", 9, 0);
        table = nullWhere(table, "features", 12, 3);
        Column holed = array(
                pixel(0),
                lit(null).cast("float"),
                pixel(2),
                pixel(3),
                pixel(4),
                pixel(5),
                pixel(6),
                pixel(7),
                pixel(8));
        table = table.withColumn(
                "pixels", when(pmod(col("id"), lit(9)).equalTo(6), holed).otherwise(col("pixels")));
        for (String target : TARGETS) {
            table = nullWhere(table, target, 60, 30);
        }
        return table;
    }

    private static Column pixel(int j) {
        return col("pixels").getItem(j);
    }

    private static Dataset<Row> nullWhere(Dataset<Row> table, String column, int every, int from) {
        return table.withColumn(
                column,
                when(pmod(col("id"), lit(every)).equalTo(from), lit(null)).otherwise(col(column)));
    }

    @Test
    void statisticsAreOfTheKnownCells() {
        Field price = MODEL.trained().schema().targets().get(1);
        Histogram codec = (Histogram) price.codec();
        Row known = TABLE.agg(min("price"), max("price")).head();
        List<Double> last = codec.bins().get(codec.bins().size() - 1);
        assertEquals(known.getDouble(0), codec.bins().get(0).get(0));
        assertEquals(known.getDouble(1), last.get(last.size() - 1));
    }

    @Test
    void theSameBitsForAnyPartitioning() {
        String hash = MODEL.summary().parametersSha256();
        for (int partitions : new int[] {1, 7}) {
            Dataset<Row> shuffled = TestTables.shuffled(TABLE, partitions);
            assertEquals(hash, TestTables.mixedCvae().fit(shuffled).summary().parametersSha256());
        }
        MODEL.summary().rows().forEach(row -> assertTrue(Double.isFinite(row.loss()), row::toString));
    }

    @Test
    void theReconstructionFillsInWhatIsMissing() {
        List<Row> rows = MODEL.transform(TABLE).orderBy("id").collectAsList();
        assertEquals(300, rows.size());
        for (Row row : rows) {
            Row again = row.getStruct(row.fieldIndex("again"));
            for (String target : TARGETS) {
                assertNotNull(again.getAs(target), target);
            }
            assertFalse(again.getList(again.fieldIndex("pixels")).contains(null));
            assertTrue(Double.isFinite(row.<Double>getAs("logp")));
        }
        assertTrue(rows.get(0).isNullAt(rows.get(0).fieldIndex("price")), "the row's own cell stays");
    }

    /** What is missing elsewhere makes no difference to a row. */
    @Test
    void completeRowsKeepTheirBits() {
        Dataset<Row> complete = TABLE.where("id % 3 != 0");
        String[] columns = {"id", "again", "elbo", "logp"};
        assertEquals(
                select(MODEL.transform(complete), columns),
                select(MODEL.transform(TABLE).where("id % 3 != 0"), columns));
    }

    private static List<Row> select(Dataset<Row> table, String... columns) {
        return table.select(java.util.Arrays.stream(columns).map(c -> col(c)).toArray(Column[]::new))
                .orderBy("id")
                .collectAsList();
    }

    @Test
    void aRowOfWhichNothingIsKnownCostsItsKlAlone() {
        for (Row row : MODEL.transform(TABLE.where("id % 60 = 30")).collectAsList()) {
            assertEquals(0.0, row.<Double>getAs("loss"));
            assertTrue(row.<Double>getAs("elbo") <= 0);
        }
    }

    @Test
    void aModelThatNeverSawANullTakesThem() {
        CvaeModel complete = TestTables.mixedCvae()
                .fit(COMPLETE)
                .setReconstructionCol("again")
                .setReconstructionLossCol("loss");
        List<Row> rows = complete.transform(TABLE).orderBy("id").collectAsList();
        assertEquals(0.0, rows.get(30).<Double>getAs("loss"));
        Row again = rows.get(30).getStruct(rows.get(30).fieldIndex("again"));
        assertNotNull(again.getAs("price"));
        assertTrue(Double.isFinite(complete.evaluate(TABLE, 3, 1).elbo()));
    }

    @Test
    void samplesAreWholeRows() {
        for (Row row : MODEL.sample(TABLE.select("id", "kind", "ratio"), 3).collectAsList()) {
            assertFalse(row.anyNull(), row::toString);
        }
    }

    @Test
    void nullConditionsAreRefusedByName() {
        Dataset<Row> table = TABLE.withColumn("ratio", lit(null).cast("float"));
        ExpectedError.of(
                SparkException.class,
                () -> MODEL.transform(table).collectAsList(),
                "Condition column 'ratio' has a null");
    }

    @Test
    void theHashTellsWhichCellIsNull() {
        Dataset<Row> rows = SparkTests.session().sql("""
                        select * from values (1, null, array(1f, null)), (null, 1, array(1f, null)),
                          (1, null, array(null, 1f)), (1, 1, array(1f)), (1, null, array(1f)), (null, null, null),
                          (1, null, null), (0, 1, array(1f)), (1, 0, array(1f)) as t(a, b, c)""");
        List<Column> columns = List.of(col("a"), col("b"), col("c"));
        List<Row> hashes = rows.select(Columns.hash(rows, columns).as("hash")).collectAsList();
        Set<Object> different = new HashSet<>();
        hashes.forEach(row -> different.add(row.getLong(0)));
        assertEquals(hashes.size(), different.size());
    }

    @Test
    void theHashOfARowWithoutNullsIsSparksOwn() {
        List<Column> columns = TARGETS.stream().map(Columns::named).toList();
        List<Row> rows = COMPLETE.select(Columns.hash(COMPLETE, columns), xxhash64(columns.toArray(Column[]::new)))
                .collectAsList();
        rows.forEach(row -> assertEquals(row.getLong(1), row.getLong(0)));
        assertNotEquals(rows.get(0).getLong(0), rows.get(1).getLong(0));
    }
}
