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

/** Gauges of ours in the driver's metrics system, for whatever sinks the user has set up there. */
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
     * The source {@code name} of {@code spark}, registered at its first use and there as long as the application is: what
     * was set last can still be read after the work is done. All trainings of an application share it.
     *
     * @param gauges what it shows; NaN until it is set
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

    /** Sets one of the gauges. */
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
