package io.cvaespark.spark.compare.trees;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.sum;

import io.cvaespark.spark.compare.counts.TopValues;
import org.apache.spark.ml.classification.GBTClassificationModel;
import org.apache.spark.ml.classification.GBTClassifier;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.functions;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Spark ML's gradient-boosted trees over tables with the columns {@code label} and {@code features}. */
public record Learner(int trees, long seed) {
    private static final int DEPTH = 5;
    private static final double STEP = 0.2;
    private static final int BINS = TopValues.MOST + 1;

    public GBTClassificationModel fit(Dataset<Row> rows) {
        return new GBTClassifier()
                .setMaxIter(trees)
                .setMaxDepth(DEPTH)
                .setStepSize(STEP)
                .setMaxBins(BINS)
                .setSeed(seed)
                .fit(rows);
    }

    /** The label of each row, and the probability of the label 1 by the model. */
    public static Dataset<Row> scores(GBTClassificationModel model, Dataset<Row> rows) {
        return model.transform(rows)
                .select(
                        col("label"),
                        functions
                                .vector_to_array(col("probability"), "float64")
                                .getItem(1)
                                .as("score"));
    }

    /** The area under the curve of true against false positives, by all thresholds. */
    public static double areaUnderRoc(Dataset<Row> scores) {
        return new BinaryClassificationEvaluator()
                .setRawPredictionCol("score")
                .setNumBins(0)
                .evaluate(scores);
    }

    /** 2 TP / (2 TP + FP + FN) of the label 1, predicted where its probability is above ½; 0 where there is none. */
    public static double f1(Dataset<Row> scores) {
        var predicted = col("score").gt(0.5).cast("double");
        Row sums = scores.agg(sum(col("label").multiply(predicted)), sum(predicted), sum("label"))
                .first();
        double all = sums.getDouble(1) + sums.getDouble(2);
        return all == 0 ? 0 : 2 * sums.getDouble(0) / all;
    }
}
