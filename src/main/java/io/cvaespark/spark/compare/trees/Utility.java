package io.cvaespark.spark.compare.trees;

import java.io.Serializable;
import org.apache.spark.ml.classification.GBTClassificationModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/**
 * How well a class of the test rows is predicted by trees that learned from other rows.
 *
 * @param auc area under the ROC curve
 * @param f1 of the positive class, predicted where its probability is above ½
 */
public record Utility(double auc, double f1) {

    /**
     * The class that is predicted.
     *
     * @param column its number
     * @param positive the value to predict: text, or a double for a number
     */
    public record Target(int column, Object positive) implements Serializable {
        double label(Row row) {
            return positive.equals(row.get(column)) ? 1 : 0;
        }
    }

    public static Utility of(
            SparkSession spark, Drawn train, Drawn test, Features features, Target target, Learner learner) {
        Dataset<Row> learned = labelled(spark, train, features, target);
        Dataset<Row> tested = labelled(spark, test, features, target);
        try {
            GBTClassificationModel model = learner.fit(learned);
            Dataset<Row> scores = Learner.scores(model, tested).persist(StorageLevel.MEMORY_AND_DISK());
            try {
                return new Utility(Learner.areaUnderRoc(scores), Learner.f1(scores));
            } finally {
                scores.unpersist();
            }
        } finally {
            learned.unpersist();
            tested.unpersist();
        }
    }

    private static Dataset<Row> labelled(SparkSession spark, Drawn drawn, Features features, Target target) {
        return Detection.table(
                        spark,
                        drawn.rows().map(row -> RowFactory.create(target.label(row._1()), 0, features.of(row._1()))),
                        features)
                .persist(StorageLevel.MEMORY_AND_DISK());
    }
}
