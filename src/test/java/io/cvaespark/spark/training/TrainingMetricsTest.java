package io.cvaespark.spark.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import io.cvaespark.spark.CvaeTrainingSummary;
import io.cvaespark.spark.SparkTests;
import io.cvaespark.spark.TestTables;
import io.cvaespark.train.HistoryRow;
import java.util.List;
import java.util.Properties;
import org.apache.spark.metrics.sink.PrometheusServlet;
import org.apache.spark.metrics.source.Source;
import org.junit.jupiter.api.Test;
import scala.jdk.javaapi.CollectionConverters;

/** What Spark's metrics system shows of a training. */
class TrainingMetricsTest {
    private static List<Source> sources() {
        return CollectionConverters.asJava(
                SparkTests.session().sparkContext().env().metricsSystem().getSourcesByName(TrainingMetrics.SOURCE));
    }

    private static double gauge(String name) {
        Gauge<?> gauge = sources().get(0).metricRegistry().getGauges().get(name);
        return gauge == null ? Double.NaN : ((Number) gauge.getValue()).doubleValue();
    }

    @Test
    void showTheLastEpochOfTheNewestTraining() {
        for (int epochs : new int[] {3, 2}) {
            CvaeTrainingSummary summary = TestTables.mixedCvae()
                    .setMaxIter(epochs)
                    .setValidationFraction(0.2)
                    .fit(TestTables.mixed(300))
                    .summary();
            assertEquals(1, sources().size(), "one source for all trainings of an application");
            assertEquals(epochs, gauge("epoch"));
            assertEquals(epochs, gauge("epochs"));
            assertEquals(summary.steps(), (long) gauge("step"));
            assertEquals(summary.steps(), (long) gauge("steps"));
            HistoryRow train = last(summary, HistoryRow.TRAIN);
            assertEquals(train.elbo(), gauge("elbo"));
            assertEquals(train.kl(), gauge("kl"));
            assertEquals(train.rowsPerSecond(), gauge("rows_per_second"));
            assertEquals(train.workers(), gauge("workers"));
            assertEquals(last(summary, HistoryRow.VALIDATION).elbo(), gauge("validation_elbo"));
            double parts = gauge("compute_ms") + gauge("exchange_ms") + gauge("wait_ms");
            assertEquals(gauge("step_ms"), parts, 1e-6 * parts);
            assertTrue(gauge("compute_ms") > 0);
        }
    }

    @Test
    void areReadByTheSinkOfPrometheus() {
        CvaeTrainingSummary summary =
                TestTables.mixedCvae().setMaxIter(1).fit(TestTables.mixed(300)).summary();
        MetricRegistry registry = new MetricRegistry();
        registry.register(TrainingMetrics.SOURCE, sources().get(0).metricRegistry());
        String page = new PrometheusServlet(new Properties(), registry).getMetricsSnapshot(null);
        assertTrue(page.contains("metrics_cvae_step_Value{type=\"gauges\"} %d\n".formatted(summary.steps())), page);
        assertTrue(page.contains("metrics_cvae_exchange_ms_Value{type=\"gauges\"} "), page);
    }

    private static HistoryRow last(CvaeTrainingSummary summary, String split) {
        return summary.rows().stream()
                .filter(r -> r.split().equals(split))
                .reduce((a, b) -> b)
                .orElseThrow();
    }
}
