package io.cvaespark.spark.table;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.ExpectedError;
import io.cvaespark.data.computed.ComputedColumn;
import io.cvaespark.data.computed.Formula;
import io.cvaespark.spark.SparkTests;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class FormulasTest {
    private static final int ROWS = 3000;

    private static Dataset<Row> table() {
        return SparkTests.session()
                .range(ROWS)
                .select(
                        col("id"),
                        expr("cast(pmod(xxhash64(id, 1), 100) as int)").as("a"),
                        expr("cast(pmod(xxhash64(id, 2), 900) / 100 as decimal(6,2))")
                                .as("b"),
                        expr("pmod(xxhash64(id, 3), 900) / 8").as("c"))
                .withColumn("a+b", expr("cast(a + b as decimal(8,2))"))
                .withColumn("a c", expr("round(a * c, 2)"));
    }

    private static Map<String, String> found(Dataset<Row> table, String... given) {
        List<String> candidates = new java.util.ArrayList<>(List.of(table.columns()));
        candidates.removeAll(List.of(given));
        Map<String, String> texts = new TreeMap<>();
        Formulas.find(table, List.of(given), candidates).forEach((name, formula) -> texts.put(name, formula.text()));
        return texts;
    }

    @Test
    void sumsAndProductsAreFoundWhateverThePartitions() {
        Map<String, String> expected = Map.of("a+b", "a + b", "a c", "a * c");
        for (int partitions : new int[] {1, 3}) {
            assertEquals(expected, found(table().drop("id").repartition(partitions)));
        }
        assertEquals(expected, found(table().drop("id"), "a", "c"), "from conditions too");
    }

    /** One row of three thousand is enough, and is not among those that are looked at first. */
    @Test
    void aFormulaThatARowBreaksIsNone() {
        for (int row : new int[] {0, 1234, 2999}) {
            Dataset<Row> broken = table().withColumn(
                            "a+b",
                            when(col("id").equalTo(row), lit(0).cast("decimal(8,2)"))
                                    .otherwise(col("a+b")))
                    .drop("id");
            assertEquals(Map.of("a c", "a * c"), found(broken), "row " + row);
            Dataset<Row> empty = table().withColumn("a c", when(col("id").notEqual(row), col("a c")))
                    .drop("id");
            assertEquals(Map.of("a+b", "a + b"), found(empty), "no formula of a column with an empty cell");
        }
    }

    @Test
    void aFormulaOfTheJobMustHoldInAllRows() {
        assertEquals(2, Formulas.checked(table(), "a+b", Formula.parse("b + a")).decimals());
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> Formulas.checked(table(), "a+b", Formula.parse("b + a - 1")),
                "'a+b' is not b + a - 1 in 3000 rows, such as [");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> Formulas.checked(table(), "a+b", Formula.parse("b + d")),
                "no formula column 'd'");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> Formulas.checked(table(), "a", Formula.parse("a + 0 * b")),
                "must not name it");
        Dataset<Row> text = table().withColumn("b", col("b").cast("string"));
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> Formulas.checked(text, "a", Formula.parse("2 * b")),
                "'b' has type string");
    }

    @Test
    void valuesHaveTheColumnsTypeAndNeverOverflow() {
        Dataset<Row> one = SparkTests.session()
                .range(1)
                .select(lit(100).as("x"), lit(33.333).as("y"));
        Map<String, Object> expected = Map.of(
                "tinyint",
                (byte) 127,
                "smallint",
                (short) 3333,
                "int",
                3333,
                "bigint",
                3333L,
                "decimal(5,2)",
                new BigDecimal("999.99"),
                "decimal(9,3)",
                new BigDecimal("3333.300"),
                "float",
                3333.3f,
                "double",
                3333.3);
        expected.forEach((type, value) -> {
            String json = one.selectExpr("cast(1 as " + type + ") as v")
                    .schema()
                    .apply("v")
                    .dataType()
                    .json();
            int decimals = type.endsWith("t") && !type.equals("float") ? 0 : type.endsWith("2)") ? 2 : 3;
            ComputedColumn column = new ComputedColumn("v", json, Formula.parse("x * y"), decimals);
            assertEquals(value, one.select(Formulas.of(column)).first().get(0), type);
        });
    }
}
