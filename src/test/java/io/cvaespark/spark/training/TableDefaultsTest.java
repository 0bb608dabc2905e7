package io.cvaespark.spark.training;

import static org.apache.spark.sql.functions.expr;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.ExpectedError;
import io.cvaespark.data.ColumnSpec;
import io.cvaespark.job.ModelConfig;
import io.cvaespark.spark.Cvae;
import io.cvaespark.spark.SparkTests;
import io.cvaespark.train.TrainingConfig;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

class TableDefaultsTest {
    private static final Dataset<Row> TABLE = SparkTests.session()
            .range(300)
            .select(
                    expr("cast(pmod(xxhash64(id, 1), 50) as int)").as("casual"),
                    expr("cast(pmod(xxhash64(id, 2), 90) as int)").as("registered"),
                    expr("id + 7 as number"))
            .withColumn("count", expr("casual + registered"));

    /** The formula, or else the type, of each target that has one. */
    private static Map<String, String> found(ModelConfig model) {
        TableDefaults settled = TableDefaults.settle(
                TABLE, List.of(new ColumnSpec("all")), List.of(), model, TrainingConfig.DEFAULT, List.of());
        Map<String, String> found = new TreeMap<>();
        for (ColumnSpec spec : settled.targets()) {
            if (!spec.isModelled()) {
                found.put(spec.column(), String.valueOf(spec.formula() == null ? spec.type() : spec.formula()));
            }
        }
        return found;
    }

    @Test
    void whatNeedsNoModelIsFound() {
        assertEquals(Map.of("count", "casual + registered", "number", "id"), found(ModelConfig.DEFAULT));
    }

    @Test
    void columnsThatTheJobPutsInAnOrderAreModelled() {
        List<String> order = List.of("casual", "registered", "count", "number");
        assertEquals(Map.of(), found(ModelConfig.DEFAULT.with(ModelConfig.ORDER, new ModelConfig.Order(order))));
    }

    @Test
    void aConditionThatIsNotThereIsCalledACondition() {
        Cvae cvae = new Cvae().setTargetCols(new String[] {"all"}).setConditionCols(new String[] {"casuel"});
        ExpectedError.of(IllegalArgumentException.class, () -> cvae.fit(TABLE), "no condition column 'casuel'");
    }
}
