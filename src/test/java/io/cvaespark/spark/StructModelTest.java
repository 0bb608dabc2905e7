package io.cvaespark.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.spark.inference.Evaluation;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.junit.jupiter.api.Test;

/** Fields of structs as columns of estimators and models. */
class StructModelTest {
    private static final Dataset<Row> TABLE = SparkTests.session()
            .range(200)
            .selectExpr(
                    "named_struct('x', cast(id % 9 as float), 'inner', named_struct('y', id % 2 = 0)) as a",
                    "if(id % 4 = 3, null, named_struct('label', if(id % 2 = 0, 'even', 'odd'))) as b", "id")
            .cache();

    private static Cvae small(String variant) {
        return new Cvae()
                .setTargetCols(new String[] {"a.inner.y", "a.x"})
                .setVariant(variant)
                .setModelOptions("{\"decoder\": \"independent\"}")
                .setHiddenLayers(new int[] {8})
                .setLatentDim(2)
                .setBatchSize(32)
                .setMaxIter(3)
                .setNumShards(2)
                .setReconstructionCol("again");
    }

    /** Spark ML asks for the schema before there are rows. */
    @Test
    void theSchemaThatIsSaidIsThatOfTheRows() {
        Cvae cvae = small("vae").setPredictionCol("guess");
        CvaeModel model = cvae.fit(TABLE);
        Dataset<Row> rows = model.transform(TABLE);
        assertEquals(
                "struct<a:struct<x:float,inner:struct<y:boolean>>>",
                rows.schema().apply("again").dataType().simpleString());
        for (var said : new DataType[] {model.transformSchema(TABLE.schema()), cvae.transformSchema(TABLE.schema())}) {
            assertTrue(DataType.equalsIgnoreNullability(rows.schema(), said), said + " is not " + rows.schema());
        }
        assertEquals(
                200,
                rows.where("again.a.x is not null and again.a.inner.y is not null")
                        .count());
    }

    /** Rows without the struct have no class; a table without it needs none. */
    @Test
    void theClassMayBeAFieldOfAStructThatIsNull() {
        CvaeModel model = small("m2")
                .setConditionCols(new String[] {"b.label"})
                .setPredictionCol("guess")
                .fit(TABLE);
        assertEquals(
                200,
                model.transform(TABLE)
                        .where("guess in ('even', 'odd') and again is not null")
                        .count());
        assertEquals(
                200,
                model.setReconstructionCol("")
                        .setElboCol("")
                        .setReconstructionLossCol("")
                        .transform(TABLE.drop("b"))
                        .where("guess in ('even', 'odd')")
                        .count());
        Evaluation.Classification known = model.evaluate(TABLE, 0, 1).classification();
        assertEquals(150, Objects.requireNonNull(known).rows());
    }

    /** What is computed from fields, and identifiers that are fields, are in their struct too. */
    @Test
    void columnsThatAreNotModelledComeBackInTheirStruct() {
        Dataset<Row> table = SparkTests.session()
                .range(300)
                .selectExpr(
                        "named_struct('key', id + 1, 'casual', id * 7 % 11, 'total', id * 7 % 11 + id * 5 % 13,"
                                + " 'registered', id * 5 % 13) as ride",
                        "if(id % 2 = 0, 'a', 'b') as kind");
        CvaeModel model =
                new Cvae().setTargetCols(new String[] {"all"}).setMaxIter(1).fit(table);
        assertEquals("ride.total", model.trained().schema().computed().get(0).column());
        Dataset<Row> made = model.sampler(1, false).sample(SparkTests.session(), 50, Map.of(), 1);
        assertTrue(
                DataType.equalsIgnoreNullability(
                        table.schema().apply("ride").dataType(),
                        made.schema().apply("ride").dataType()),
                made.schema()::toString);
        assertEquals(
                50, made.where("ride.total = ride.casual + ride.registered").count());
        assertEquals(50, made.select("ride.key").distinct().count());
    }
}
