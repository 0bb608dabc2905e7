package io.cvaespark.spark;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A table as it is: every type that people have, generated column by column, and back as it was. */
class TableModelTest {
    private static final int ROWS = 1500;
    private static final List<String> FEW_VALUES =
            List.of("tiny", "flag", "word", "größe, in `cm`.x", "account", "constant");

    /** A row's own random number below {@code n}; {@code salt} tells columns apart. */
    private static Column random(int salt, int n) {
        return pmod(xxhash64(col("row"), lit(salt)), lit((long) n));
    }

    private static Column oneOf(int salt, Object... values) {
        return element_at(
                array(Arrays.stream(values)
                        .map(org.apache.spark.sql.functions::lit)
                        .toArray(Column[]::new)),
                random(salt, values.length).cast("int").plus(1));
    }

    /** Levels, numbers, dates and times of every type; each of three kinds of rows has values of its own. */
    private static final Dataset<Row> TABLE = SparkTests.session()
            .range(ROWS)
            .withColumnRenamed("id", "row")
            .withColumn("kind", random(0, 3))
            .withColumn("kind_name", oneOf(0, "a0", "b1", "c2"))
            .select(
                    col("kind_name"),
                    random(1, 5).minus(2).cast("tinyint").as("tiny"),
                    random(2, 4000).minus(2000).cast("smallint").as("small"),
                    random(3, 90).plus(17).cast("int").as("age"),
                    random(4, 1_000_000).multiply(1000).cast("bigint").as("long"),
                    oneOf(5, 9_007_199_254_740_993L, Long.MAX_VALUE, -9_007_199_254_740_995L)
                            .as("account"),
                    random(6, 1000).divide(8).cast("float").as("single"),
                    expr("exp(ln(10) * pmod(xxhash64(row, 7), 1000) / 100)").as("tail"),
                    when(random(8, 5).equalTo(0), lit(999.99))
                            .otherwise(random(9, 90000).divide(100))
                            .cast("decimal(5,2)")
                            .as("amount"),
                    random(10, 2).equalTo(1).as("flag"),
                    when(random(11, 3).equalTo(0), lit(null))
                            .otherwise(oneOf(12, "a", "b", "", "ß 'x'"))
                            .as("word"),
                    expr("date_add(date'2020-02-28', cast(pmod(xxhash64(row, 13), 800) as int))")
                            .as("day"),
                    expr("timestamp'2024-11-03 05:00:00Z' + make_dt_interval(0, 0, cast(pmod(xxhash64(row, 14), 900) as int))")
                            .as("instant"),
                    expr("timestamp_ntz'1969-12-31 23:00:00' + make_dt_interval(0, cast(pmod(xxhash64(row, 15), 900) as int))")
                            .as("local"),
                    oneOf(16, 1.5, 2.5).as("größe, in `cm`.x"),
                    lit(7.5).as("constant"),
                    lit(null).cast("string").as("nothing"),
                    expr("concat('K-', lpad(cast(row * 7919 % 100000 as string), 5, '0'))")
                            .as("key"),
                    col("row").plus(1000).as("number"),
                    when(col("kind").equalTo(0), lit(null))
                            .otherwise(col("kind").multiply(1000).plus(random(17, 300)))
                            .cast("int")
                            .as("by_kind"))
            .cache();

    private static final CvaeModel MODEL = trained(TABLE);

    /** Columns that depend on the condition; most of the others are noise, on which training soon does no better. */
    private static final CvaeModel FOLLOWING = trained(TABLE.select("kind_name", "by_kind", "word", "nothing"));

    private static Cvae cvae() {
        return new Cvae()
                .setTargetCols(new String[] {"all"})
                .setMaxIter(25)
                .setBatchSize(64)
                .setStepSize(0.003)
                .setNumShards(2)
                .setSeed(7);
    }

    private static CvaeModel trained(Dataset<Row> table) {
        return cvae().setConditionCols(new String[] {"kind_name"}).fit(table);
    }

    private static Dataset<Row> sampled(CvaeModel model) {
        return model.sampler(3, false)
                .sample(SparkTests.session(), ROWS, Map.of(), 2)
                .cache();
    }

    private static Set<Object> values(Dataset<Row> table, String column) {
        Set<Object> values = new HashSet<>();
        table.select(col("`" + column.replace("`", "``") + "`"))
                .distinct()
                .collectAsList()
                .forEach(row -> values.add(row.get(0)));
        return values;
    }

    @Test
    void everyTypeComesBackAsItWasThroughSavingAndLoading(@TempDir Path directory) throws IOException {
        MODEL.write().save(directory.resolve("model").toString());
        CvaeModel loaded = CvaeModel.load(directory.resolve("model").toString());
        Dataset<Row> synthetic = sampled(loaded);
        assertEquals(ROWS, synthetic.count());
        for (StructField column : TABLE.schema().fields()) {
            DataType type = synthetic.schema().apply(column.name()).dataType();
            assertEquals(column.dataType(), type, column.name());
        }
        for (String column : FEW_VALUES) {
            Set<Object> real = values(TABLE, column);
            assertTrue(real.containsAll(values(synthetic, column)), column);
            assertEquals(real.size(), values(synthetic, column).size(), column);
        }
        for (String column : List.of("small", "age", "long", "single", "tail", "amount", "day", "instant", "local")) {
            Row real = TABLE.agg(min(column), max(column)).head();
            Row made = synthetic.agg(min(column), max(column)).head();
            assertTrue(compare(made.get(0), real.get(0)) >= 0, column + " " + made + " in " + real);
            assertTrue(compare(made.get(1), real.get(1)) <= 0, column + " " + made + " in " + real);
        }
        assertEquals(0, synthetic.where("long % 1000 <> 0").count(), "steps of a thousand");
        assertEquals(0, synthetic.where("single * 8 <> round(single * 8)").count(), "steps of an eighth");
        assertEquals(
                0, synthetic.where("nothing is not null or constant <> 7.5").count());
        assertEquals(0.2, (double) synthetic.where("amount = 999.99").count() / ROWS, 0.06);
    }

    @SuppressWarnings("unchecked") // values of one column
    private static int compare(Object a, Object b) {
        return ((Comparable<Object>) a).compareTo(b);
    }

    @Test
    void emptyCellsAreGeneratedAsOftenAsTheyWere() {
        Dataset<Row> synthetic = sampled(FOLLOWING);
        assertEquals(1 / 3.0, (double) synthetic.where("word is null").count() / ROWS, 0.06);
        assertEquals(
                0, synthetic.where("kind_name = 'a0' and by_kind is not null").count(), 0.25 * ROWS / 3);
        assertEquals(0, synthetic.where("kind_name <> 'a0' and by_kind is null").count(), 0.25 * ROWS / 3);
        Dataset<Row> complete =
                FOLLOWING.sampler(3, false).given(Map.of(), true).sample(SparkTests.session(), ROWS, Map.of(), 2);
        assertEquals(0, complete.where("word is null or by_kind is null").count());
        assertEquals(ROWS, complete.where("nothing is null").count(), "there is nothing else");
    }

    /** Empty cells that the job ignores are not known to the columns after them either. */
    @Test
    void ignoredEmptyCellsAreNotGenerated() {
        String columns = """
                {"targets": ["all", {"column": "word", "missing": "%s"}, {"column": "by_kind", "missing": "%s"}],
                 "conditions": ["kind_name"]}""";
        Dataset<Row> table = TABLE.select("kind_name", "by_kind", "word", "age");
        CvaeModel ignoring =
                cvae().setColumns(columns.formatted("ignore", "ignore")).fit(table);
        Dataset<Row> synthetic = sampled(ignoring);
        assertEquals(
                0,
                synthetic
                        .where("word is null or by_kind is null or age is null")
                        .count());
        for (Row row : synthetic
                .where("kind_name <> 'a0'")
                .groupBy("kind_name")
                .agg(avg("by_kind"))
                .collectAsList()) {
            assertEquals(row.getString(0).equals("b1") ? 1150 : 2150, row.getDouble(1), 250, row::toString);
        }
        assertEquals(
                ROWS,
                ignoring.transform(table)
                        .where("not isnan(elbo) and abs(elbo) < 1e6")
                        .count());
        CvaeModel mixed =
                cvae().setColumns(columns.formatted("generate", "ignore")).fit(table);
        Dataset<Row> some = sampled(mixed);
        assertEquals(1 / 3.0, (double) some.where("word is null").count() / ROWS, 0.06);
        assertEquals(0, some.where("by_kind is null").count());
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> cvae().setColumns(columns.formatted("generate", "ignore"))
                        .setModelOptions("{\"decoder\": \"independent\"}")
                        .fit(table),
                "column 'word' needs decoder: autoregressive");
    }

    /** What a column was given the condition, and given the columns before it, it is again. */
    @Test
    void columnsFollowTheConditions() {
        for (Row row : sampled(FOLLOWING)
                .where("by_kind is not null and kind_name <> 'a0'")
                .groupBy("kind_name")
                .agg(avg("by_kind"))
                .collectAsList()) {
            assertEquals(row.getString(0).equals("b1") ? 1150 : 2150, row.getDouble(1), 250, row::toString);
        }
    }

    @Test
    void identifiersAreMadeAfresh() {
        TableSchema schema = MODEL.trained().schema();
        assertEquals(
                List.of("key", "number"),
                schema.identifiers().stream().map(i -> i.column()).toList());
        assertTrue(schema.targets().stream().map(Field::column).noneMatch(c -> c.equals("key") || c.equals("number")));
        Dataset<Row> synthetic = sampled(MODEL);
        Row counts = synthetic
                .agg(countDistinct("key"), countDistinct("number"), min("number"), max("number"))
                .head();
        assertEquals(ROWS, counts.getLong(0));
        assertEquals(ROWS, counts.getLong(1));
        assertEquals(1000, counts.getLong(2));
        assertEquals(1000 + ROWS - 1, counts.getLong(3));
        assertEquals(ROWS, synthetic.where("key rlike '^[A-Z]-[0-9]{5}$'").count());
    }

    @Test
    void theSameModelForAnyPartitioning() {
        String hash = MODEL.summary().parametersSha256();
        assertEquals(hash, trained(TestTables.shuffled(TABLE, 5)).summary().parametersSha256());
        CvaeModel byDriver = cvae().setConditionCols(new String[] {"kind_name"})
                .setExchange("driver")
                .fit(TABLE);
        assertEquals(hash, byDriver.summary().parametersSha256());
    }

    @Test
    void rowsAreScored() {
        assertEquals(
                ROWS,
                MODEL.transform(TABLE)
                        .where("not isnan(elbo) and abs(elbo) < 1e6")
                        .count());
    }

    /** A latent beside it neither helps nor hurts; it is there for those who want one. */
    @Test
    void aDecoderThatSeesWhatItHasWrittenMayHaveALatent() {
        CvaeModel model = cvae().setConditionCols(new String[] {"kind_name"})
                .setVariant("cvae-1")
                .setModelOptions("{\"decoder\": \"autoregressive\"}")
                .setHiddenLayers(new int[] {8})
                .setLatentDim(2)
                .setMaxIter(1)
                .fit(TABLE);
        Dataset<Row> guessed = model.setReconstructionCol("guess").transform(TABLE);
        assertEquals(
                ROWS,
                guessed.where("guess.constant = 7.5 and guess.tiny between -2 and 2 and not isnan(elbo)")
                        .count());
        assertEquals(
                10,
                model.sampler(1, true)
                        .sample(SparkTests.session(), 10, Map.of(), 1)
                        .count());
    }

    @Test
    void anyColumnsCanBeGivenToAModelOfAnyOrder() {
        CvaeModel model = cvae().setModelOptions("{\"order\": \"any\"}")
                .setColumns("{\"targets\": [\"all\"]}")
                .setMaxIter(25)
                .fit(TABLE.select("age", "word", "by_kind", "kind_name"));
        Dataset<Row> given = model.sampler(5, false)
                .given(Map.of("by_kind", "1100..1200", "word", "b"), false)
                .sample(SparkTests.session(), 400, Map.of(), 2);
        assertEquals(
                400, given.where("word = 'b' and by_kind between 1100 and 1200").count());
        assertEquals(400, given.where("kind_name = 'b1'").count(), 60, "kind_name follows from by_kind");
        Dataset<Row> empty = model.sampler(5, false)
                .given(Map.of("kind_name", "a0"), false)
                .sample(SparkTests.session(), 400, Map.of(), 2);
        assertEquals(400, empty.where("by_kind is null").count(), 60, "by_kind follows from kind_name");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> model.sampler(5, false).given(Map.of("agge", "30"), false),
                "no target column 'agge'",
                "'age'");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> model.sampler(5, false).given(Map.of("age", "30..40", "by_kind", "1..9999"), false),
                "At most one column");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> model.sampler(5, false).given(Map.of("age", "500..600"), false),
                "never had a value from 500.0 to 600.0");
    }

    @Test
    void aFixedOrderTakesItsFirstColumnsOnly() {
        Dataset<Row> given = MODEL.sampler(5, false)
                .given(Map.of("tiny", "1"), false)
                .sample(SparkTests.session(), 100, Map.of(), 2);
        assertEquals(100, given.where("tiny = 1").count());
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> MODEL.sampler(5, false).given(Map.of("age", "30"), false),
                "only the first of them can be given",
                "order: any");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> MODEL.sampler(5, false).given(Map.of("tiny", "-1..1", "small", "5"), false),
                "'tiny' is given as a range, so no column after it");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> MODEL.sampler(5, false).given(Map.of("tiny", "99"), false),
                "'tiny' never had a value such as 99");
    }

    @Test
    void aSmallTableIsTrainedOnAsAWhole() {
        CvaeModel model = new Cvae()
                .setTargetCols(new String[] {"all"})
                .setMaxIter(2)
                .fit(TABLE.select("age", "word").limit(30));
        assertEquals(
                0,
                model.summary().rows().stream()
                        .filter(row -> row.split().equals("validation"))
                        .count());
        assertEquals(2, model.summary().epochs());
    }

    @Test
    void aJobThatSaysMoreKeepsItsDecoder() {
        Cvae stated = new Cvae()
                .setTargetCols(new String[] {"age", "word"})
                .setVariant("vae")
                .setHiddenLayers(new int[] {8})
                .setLatentDim(2)
                .setMaxIter(1);
        assertNull(stated.fit(TABLE).trained().stored().architecture().autoregressive());
        CvaeModel bare = new Cvae()
                .setTargetCols(new String[] {"age", "word"})
                .setMaxIter(1)
                .fit(TABLE);
        assertNotEquals(null, bare.trained().stored().architecture().autoregressive());
        assertEquals(1, bare.summary().epochs(), "what is said is kept");
    }
}
