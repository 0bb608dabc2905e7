package io.cvaespark.spark;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.log1p;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.codec.Codec;
import io.cvaespark.spark.table.Columns;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Columns of counts as targets and as conditions, of every numeric type. */
class CountColumnsTest {
    private static final Dataset<Row> TABLE = TestTables.mixed(400)
            .withColumn("visits", col("size").cast("bigint"))
            .withColumn("few", col("grade").cast("tinyint"))
            .withColumn("words", array(col("grade"), col("size"), lit(0)))
            .withColumn("rooms", expr("int(pow(10, grade))"))
            .cache();
    private static final CvaeModel MODEL = cvae("negative-binomial").fit(TABLE);

    private static Cvae cvae(String likelihood) {
        return new Cvae()
                .setColumns("""
                        {"targets": [{"column": "visits", "type": "count"}, {"column": "few", "likelihood": "%s"},
                                     {"column": "words", "type": "count", "likelihood": "%s"}],
                         "conditions": ["kind", {"column": "rooms", "type": "count"}]}""".formatted(likelihood, likelihood))
                .setLatentDim(2)
                .setHiddenLayers(new int[] {16})
                .setBatchSize(50)
                .setMaxIter(25)
                .setStepSize(0.02)
                .setSeed(5)
                .setNumShards(2);
    }

    @Test
    void countsAreRawAsTargetsAndStandardisedLogarithmsAsConditions() {
        List<Field> targets = MODEL.trained().schema().targets();
        assertEquals(new Codec.Unit(3), targets.get(2).codec());
        assertEquals("negative-binomial", targets.get(0).likelihood());
        assertTrue(targets.stream().allMatch(f -> f.type() == ColumnType.COUNT));
        Codec.LogStandardized codec = (Codec.LogStandardized)
                MODEL.trained().schema().conditions().get(1).codec();
        assertEquals(
                TABLE.agg(avg(log1p(col("rooms")))).head().getDouble(0),
                codec.logs().mean().get(0),
                1e-9);
    }

    @ParameterizedTest
    @ValueSource(strings = {"poisson", "negative-binomial", "zero-inflated-negative-binomial"})
    void drawsAreCountsOfTheColumnsOwnTypesThatFollowTheConditions(String likelihood) {
        CvaeModel model = likelihood.equals("negative-binomial")
                ? MODEL
                : cvae(likelihood).fit(TABLE);
        Dataset<Row> sampled = model.sample(TABLE.select("id", "kind", "rooms"), 3);
        for (String column : List.of("visits", "few", "words")) {
            assertEquals(
                    TABLE.schema().apply(column).dataType().simpleString(),
                    sampled.schema().apply(column).dataType().simpleString());
        }
        assertEquals(
                0,
                sampled.where("visits < 0 or few < 0 or exists(words, w -> w < 0)")
                        .count());
        List<Row> means =
                sampled.groupBy("kind").agg(avg("visits")).orderBy("kind").collectAsList();
        for (int kind = 0; kind < 3; kind++) {
            assertEquals(10.0 * kind + 2, means.get(kind).getDouble(1), 3.0, means::toString);
        }
    }

    @Test
    void theKeptConditionsAreTheCountsThemselves() {
        Set<Object> rooms = new HashSet<>();
        MODEL.trained().conditions().forEach(row -> rooms.add(row.get(1)));
        assertEquals(Set.of(10, 100, 1000, 10_000), rooms);
    }

    @Test
    void meansOfWholeColumnsAreRounded() {
        Row mean = MODEL.sampler(1, true)
                .sample(TABLE.where("kind = 'cat'").select("kind", "rooms"))
                .first();
        assertEquals(22, mean.<Long>getAs("visits"), 4);
    }

    @Test
    void whatIsNoCountIsNamedWithItsColumn() {
        ExpectedError.of(
                SparkException.class,
                () -> MODEL.transform(TABLE.withColumn("visits", lit(-3L))).collectAsList(),
                "'visits'",
                "whole numbers",
                "found -3.0");
        ExpectedError.of(
                SparkException.class,
                () -> MODEL.transform(TABLE.withColumn("words", expr("array(0.5, 1.0, 2.0)")))
                        .collectAsList(),
                "'words'",
                "found 0.5");
    }

    /** A draw can be larger than anything that the column's type holds. */
    @Test
    void drawsAreHeldToTheRangeOfTheType() {
        Field few = MODEL.trained().schema().targets().get(1);
        Dataset<Row> cells = SparkTests.session().sql("select * from values (300d), (-300d), (2.5d) as t(few)");
        List<Row> restored = cells.select(Columns.restore(col("few"), few)).collectAsList();
        assertEquals("[[127], [-128], [3]]", restored.toString());
    }
}
