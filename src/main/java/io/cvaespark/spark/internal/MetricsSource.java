package io.cvaespark.spark.internal;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.SparkContext;
import org.apache.spark.metrics.MetricsSystem;
import org.apache.spark.metrics.source.Source;
import scala.jdk.javaapi.CollectionConverters;

/** A source of gauges in the driver's metrics system, which passes them to the sinks that the user has configured. */
public final class MetricsSource implements Source {
    private final String name;
    private final MetricRegistry registry = new MetricRegistry();
    private final Map<String, Number> values = new ConcurrentHashMap<>();

    private MetricsSource(String name, List<String> gauges) {
        this.name = name;
        for (String gauge : gauges) {
            values.put(gauge, Double.NaN);
            registry.register(gauge, (Gauge<Number>) () -> values.getOrDefault(gauge, Double.NaN));
        }
    }

    /**
     * Returns the source called {@code name}. It is registered at the first call and stays until the application ends,
     * so that its last values can still be read after a training. All trainings of an application share it.
     *
     * @param gauges the names of the gauges; a gauge is NaN until it is set
     */
    public static MetricsSource of(SparkContext spark, String name, List<String> gauges) {
        MetricsSystem metrics = spark.env().metricsSystem();
        synchronized (MetricsSource.class) {
            for (Source source : CollectionConverters.asJava(metrics.getSourcesByName(name))) {
                if (source instanceof MetricsSource ours) {
                    return ours;
                }
            }
            MetricsSource source = new MetricsSource(name, gauges);
            metrics.registerSource(source);
            return source;
        }
    }

    /** Sets a gauge. */
    public void set(String gauge, Number value) {
        values.put(gauge, value);
    }

    @Override
    public String sourceName() {
        return name;
    }

    @Override
    public MetricRegistry metricRegistry() {
        return registry;
    }
}
