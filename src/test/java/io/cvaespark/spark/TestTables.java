package io.cvaespark.spark;

import io.cvaespark.linalg.Noise;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** Small made-up tables with a column of every type that the program reads. */
public final class TestTables {
    /** Every column type; {@code kind} determines much of the others. */
    static final StructType MIXED = new StructType()
            .add("id", DataTypes.LongType)
            .add("kind", DataTypes.StringType)
            .add("size", DataTypes.IntegerType)
            .add("price", DataTypes.DoubleType)
            .add("ratio", DataTypes.FloatType)
            .add("flag", DataTypes.BooleanType)
            .add("grade", DataTypes.IntegerType)
            .add("pixels", DataTypes.createArrayType(DataTypes.FloatType))
            .add("features", SQLDataTypes.VectorType())
            .add("weight", DataTypes.DoubleType);

    private TestTables() {}

    /** {@code n} rows of {@link #MIXED}, a pure function of the row's number. */
    public static Dataset<Row> mixed(int n) {
        List<Row> rows = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            long key = Noise.mix(i);
            int kind = Noise.below(key, 0, 3);
            float[] pixels = new float[9];
            for (int j = 0; j < 9; j++) {
                pixels[j] = Noise.uniform(key, 20 + j) < (j % 3 == kind ? 0.9 : 0.1) ? 1f : 0f;
            }
            rows.add(RowFactory.create(
                    (long) i,
                    List.of("ant", "bee", "cat").get(kind),
                    10 * kind + Noise.below(key, 1, 5),
                    100.0 * kind + Noise.normal(key, 2),
                    0.5f + 0.1f * Noise.normal(key, 3),
                    Noise.uniform(key, 4) < 0.2 + 0.3 * kind,
                    1 + Noise.below(key, 5, 4),
                    pixels,
                    Vectors.dense(kind + 0.1 * Noise.normal(key, 6), Noise.normal(key, 7)),
                    1.0 + Noise.below(key, 8, 3)));
        }
        return SparkTests.session().createDataFrame(rows, MIXED);
    }

    /** The same rows in {@code partitions} partitions and another order. */
    public static Dataset<Row> shuffled(Dataset<Row> table, int partitions) {
        List<Row> rows = new ArrayList<>(table.collectAsList());
        java.util.Collections.shuffle(rows, new java.util.Random(partitions));
        return SparkTests.session().createDataFrame(rows, table.schema()).repartition(partitions);
    }

    /** A small estimator over the mixed table. */
    public static Cvae mixedCvae() {
        return new Cvae()
                .setColumns("""
                        {"targets": ["size", "price", "flag", {"column": "grade", "type": "categorical"},
                                     {"column": "pixels", "likelihood": "bernoulli", "binarize": "dynamic"}, "features"],
                         "conditions": ["kind", "ratio"]}""")
                .setLatentDim(3)
                .setHiddenLayers(new int[] {16})
                .setBatchSize(50)
                .setMaxIter(3)
                .setSeed(5)
                .setNumShards(4);
    }
}
