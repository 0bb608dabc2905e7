package io.cvaespark.spark;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;

import io.cvaespark.spark.internal.ModelMetadata;
import java.util.List;
import org.apache.spark.ml.evaluation.Evaluator;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;

/**
 * Averages a column that {@link CvaeModel#transform} added, for {@code CrossValidator}: {@code elbo} (larger is better),
 * {@code logLikelihood} (larger) or {@code reconstruction}, the −log p(x|z,c) of {@code reconstructionLossCol} (smaller).
 */
public final class CvaeEvaluator extends Evaluator implements MLWritable {
    private final String uid;
    private final Param<String> metricName;
    private final Param<String> metricCol;

    public CvaeEvaluator() {
        this(Identifiable$.MODULE$.randomUID("cvaeEval"));
    }

    public CvaeEvaluator(String uid) {
        this.uid = uid;
        metricName = new Param<>(
                this, "metricName", "elbo, logLikelihood or reconstruction", ParamValidators.inArray(new String[] {
                    "elbo", "logLikelihood", "reconstruction"
                }));
        metricCol = new Param<>(this, "metricCol", "the column to average (empty: named like the metric)");
        setDefault(metricName, "elbo");
        setDefault(metricCol, "");
    }

    @Override
    public String uid() {
        return uid;
    }

    public Param<String> metricName() {
        return metricName;
    }

    public Param<String> metricCol() {
        return metricCol;
    }

    public CvaeEvaluator setMetricName(String value) {
        set(metricName, value);
        return this;
    }

    /** The column to average; empty: named like the metric. */
    public CvaeEvaluator setMetricCol(String value) {
        set(metricCol, value);
        return this;
    }

    @Override
    public double evaluate(Dataset<?> dataset) {
        String column = $(metricCol).isEmpty() ? $(metricName) : $(metricCol);
        if (!List.of(dataset.columns()).contains(column)) {
            String setter =
                    switch ($(metricName)) {
                        case "elbo" -> "elboCol";
                        case "logLikelihood" -> "logLikelihoodCol";
                        default -> "reconstructionLossCol";
                    };
            throw new IllegalArgumentException(
                    "There is no column '%s' to take the metric %s from: set %s of the Cvae, or metricCol of the evaluator"
                            .formatted(column, $(metricName), setter));
        }
        return dataset.agg(avg(col(column))).head().getDouble(0);
    }

    @Override
    public boolean isLargerBetter() {
        return !$(metricName).equals("reconstruction");
    }

    @Override
    public CvaeEvaluator copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    @Override
    public MLWriter write() {
        return new MLWriter() {
            @Override
            public void saveImpl(String path) {
                ModelMetadata.save(CvaeEvaluator.this, path, sparkSession());
            }
        };
    }

    public static MLReader<CvaeEvaluator> read() {
        return new MLReader<>() {
            @Override
            public CvaeEvaluator load(String path) {
                String type = CvaeEvaluator.class.getName();
                CvaeEvaluator evaluator = new CvaeEvaluator(ModelMetadata.uid(path, sparkSession(), type));
                ModelMetadata.restoreParams(evaluator, path, sparkSession(), type);
                return evaluator;
            }
        };
    }

    public static CvaeEvaluator load(String path) {
        return read().load(path);
    }
}
