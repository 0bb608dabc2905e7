package io.cvaespark.spark;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import io.cvaespark.ExpectedError;
import io.cvaespark.spark.exchange.DriverExchange;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Bad input is told before training starts: the column, how many rows, an example, what to do. */
class BadInputTest {
    private static final Dataset<Row> TABLE = TestTables.mixed(40).cache();

    private static Cvae over(String target, String... conditions) {
        return new Cvae()
                .setTargetCols(new String[] {target})
                .setConditionCols(conditions)
                .setVariant(conditions.length == 0 ? "vae" : "cvae-2")
                .setHiddenLayers(new int[] {4})
                .setMaxIter(1);
    }

    private static void refused(Cvae cvae, Dataset<Row> table, String... named) {
        ExpectedError.of(IllegalArgumentException.class, () -> cvae.fit(table), named);
    }

    @Test
    void aColumnThatIsNotThereIsNamedWithTheNearest() {
        refused(over("prise", "kind"), TABLE, "target column 'prise'", "did you mean 'price'");
        refused(over("price", "kin"), TABLE, "condition column 'kin'", "did you mean 'kind'");
    }

    @Test
    void nullsAreCounted() {
        Dataset<Row> table =
                TABLE.withColumn("kind", when(col("id").lt(3), lit(null)).otherwise(col("kind")));
        refused(over("price", "kind"), table, "'kind'", "null", "3 of 40 rows", "such as (");
        refused(
                over("price", "kind"),
                TABLE.withColumn("price", lit(null).cast("double")),
                "'price'",
                "null in all 40");
    }

    @Test
    void nansAndInfinitiesAreCounted() {
        refused(
                over("price", "kind"),
                TABLE.withColumn(
                        "price", when(col("id").equalTo(7), lit(Double.NaN)).otherwise(col("price"))),
                "'price'",
                "NaN",
                "1 of 40");
        refused(
                over("pixels", "kind"),
                TABLE.withColumn("pixels", array(lit(1f), lit(Float.POSITIVE_INFINITY))),
                "'pixels'",
                "infinite",
                "40 of 40");
        refused(over("pixels", "kind"), TABLE.withColumn("pixels", array(lit(1f), lit(null))), "'pixels'", "place 1");
    }

    @Test
    void countsAreWholeNumbers() {
        String columns = "{\"targets\": [{\"column\": \"%s\", \"type\": \"count\"}], \"conditions\": [\"kind\"]}";
        Cvae ratios = over("price", "kind").setColumns(columns.formatted("ratio"));
        refused(ratios, TABLE, "'ratio'", "whole numbers", "count");
        Dataset<Row> negative = TABLE.withColumn("size", col("size").minus(1000));
        refused(over("price", "kind").setColumns(columns.formatted("size")), negative, "'size'", "40 of 40");
    }

    @Test
    void vectorsOfDifferingLengthsNameBoth() {
        Dataset<Row> table = TABLE.withColumn(
                "pixels", when(col("id").lt(3), array(lit(1f), lit(0f))).otherwise(col("pixels")));
        refused(over("pixels", "kind"), table, "'pixels'", "2 and 9");
    }

    @Test
    void bernoulliTargetsLieInTheUnitInterval() {
        refused(over("size", "kind").setLikelihood("bernoulli"), TABLE, "'size'", "[0, 1]", "such as (");
    }

    @Test
    void aRangeIsForContinuousTargetsAndHoldsTheData() {
        String columns = "{\"targets\": [{\"column\": \"price\", \"range\": [0, 1], %s}], \"conditions\": [\"kind\"]}";
        Cvae cvae = over("price", "kind");
        refused(cvae.setColumns(columns.formatted("\"type\": \"continuous\"")), TABLE, "'price'", "range [0.0, 1.0]");
        refused(cvae.setColumns(columns.formatted("\"standardize\": false")), TABLE, "range is for", "own scale");
        refused(cvae.setColumns(columns.formatted("\"type\": \"categorical\"")), TABLE, "range is for", "'price'");
    }

    @Test
    void aHeldOutRowWithoutALossIsSaidWithWhatToDo() {
        Dataset<Row> table = TABLE.withColumn("held", col("id").lt(3))
                .withColumn("price", when(col("id").equalTo(0), lit(1e30)).otherwise(col("price")));
        ExpectedError.of(
                IllegalStateException.class,
                () -> over("price", "kind")
                        .setLikelihood("gaussian")
                        .setValidationIndicatorCol("held")
                        .fit(table),
                "The validation loss became",
                "held-out rows");
    }

    @Test
    void oneCategoryAndTooManyAreRefused() {
        refused(over("price", "kind"), TABLE.withColumn("kind", lit("ant")), "'kind'", "one category only, 'ant'");
        Cvae many = over("price").setColumns("""
                {"targets": ["price"], "conditions": [{"column": "id", "type": "categorical", "maxLevels": 10}]}""").setVariant("cvae-2");
        refused(many, TABLE, "'id'", "more than 10 levels", "maxLevels");
    }

    @Test
    void emptyDataIsRefused() {
        refused(over("price", "kind"), TABLE.where("id < 0"), "no rows");
    }

    @Test
    void aTypeThatCannotBeReadIsNamed() {
        refused(
                over("when", "kind"),
                TABLE.withColumn("when", col("kind").cast("binary")),
                "'when'",
                "binary",
                "type: categorical");
    }

    @Test
    void settingsThatMakeNoSenseAreNamed() {
        refused(over("price").setVariant("cvae-2"), TABLE, "cvae-2", "condition");
        refused(over("price", "kind").setVariant("cvea"), TABLE, "cvea", "cvae-2");
        refused(over("price", "kind").setNumShards(3), TABLE, "power of two", "3");
        refused(over("pixels", "kind").setAugment("{\"shift\": 1}"), TABLE, "training.augment.shift", "model.image");
        refused(over("price").setAugment("{\"nose\": 1}"), TABLE, "augment", "nose");
        refused(
                over("price", "kind").setVariant("baseline").setAugment("{\"noise\": 0.1}"),
                TABLE,
                "training.augment.noise",
                "baseline");
        refused(
                over("pixels", "kind").setModelOptions("{\"image\": [1, 3, 3]}").setAugment("{\"shift\": 2}"),
                TABLE,
                "'pixels'",
                "standardised pixel by pixel",
                "binary");
        refused(over("price", "price"), TABLE, "'price'", "twice");
        refused(over("price", "kind").setLikelihood("gausian"), TABLE, "gausian", "gaussian");
    }

    @Test
    void aConditionThatTrainingNeverSawListsTheKnownOnes() {
        CvaeModel model = over("price", "kind").fit(TABLE);
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> model.sampler(1, false)
                        .sample(SparkTests.session(), 5, java.util.Map.of("kind", "dog"), 1)
                        .count(),
                "'kind'",
                "'dog'",
                "'ant', 'bee', 'cat'");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> model.sampler(1, false)
                        .sample(SparkTests.session(), 5, java.util.Map.of("knid", "ant"), 1)
                        .count(),
                "'knid'",
                "did you mean 'kind'");
    }

    @Test
    void gradientsThatDoNotFitTheDriversResultSizeAreRefused() {
        DriverExchange.requireResultSize("driver", 2, 1_000_000, 0);
        DriverExchange.requireResultSize("driver", 2, 1_000_000, 1L << 30);
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> DriverExchange.requireResultSize("driver", 256, 1_400_000, 1L << 30),
                "spark.driver.maxResultSize",
                "1024 MB",
                "256 vectors",
                "1369m");
    }
}
