package io.cvaespark.spark.compare.trees;

import static org.apache.spark.sql.functions.col;

import java.util.Objects;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.ml.classification.GBTClassificationModel;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;

/**
 * How well gradient-boosted trees tell two tables apart.
 *
 * @param auc area under the ROC curve over the rows of all folds, each scored by the trees that did not see it; ½ is a guess
 * @param importances of the features, which add up to 1
 */
public record Detection(double auc, double[] importances) {

    /** Tells apart as many rows of {@code b} as of {@code a}. */
    public static Detection of(SparkSession spark, Drawn a, Drawn b, Features features, Learner learner, int folds) {
        JavaRDD<Row> rows = encoded(a, 0, features, folds).union(encoded(b, 1, features, folds));
        Dataset<Row> data = table(spark, rows, features).persist(StorageLevel.MEMORY_AND_DISK());
        try {
            double[] importances = new double[features.size()];
            @Nullable Dataset<Row> scores = null;
            for (int fold = 0; fold < folds; fold++) {
                GBTClassificationModel model =
                        learner.fit(data.where(col("fold").notEqual(fold)));
                Vector own = model.featureImportances();
                for (int f = 0; f < importances.length; f++) {
                    importances[f] += own.apply(f) / folds;
                }
                Dataset<Row> scored =
                        Learner.scores(model, data.where(col("fold").equalTo(fold)));
                scores = scores == null ? scored : scores.unionAll(scored);
            }
            return new Detection(Learner.areaUnderRoc(Objects.requireNonNull(scores)), importances);
        } finally {
            data.unpersist();
        }
    }

    private static JavaRDD<Row> encoded(Drawn drawn, double label, Features features, int folds) {
        return drawn.rows().map(row -> RowFactory.create(label, (int) (row._2() % folds), features.of(row._1())));
    }

    /** A table of rows (label, fold, features), in no more partitions than there are cores. */
    public static Dataset<Row> table(SparkSession spark, JavaRDD<Row> rows, Features features) {
        StructType schema = new StructType(new StructField[] {
            new StructField("label", DataTypes.DoubleType, false, Metadata.empty()),
            new StructField("fold", DataTypes.IntegerType, false, Metadata.empty()),
            new StructField("features", SQLDataTypes.VectorType(), false, features.metadata("features"))
        });
        return spark.createDataFrame(rows, schema)
                .coalesce(Math.max(1, spark.sparkContext().defaultParallelism()));
    }
}
