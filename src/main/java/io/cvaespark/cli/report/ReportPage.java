package io.cvaespark.cli.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cvaespark.data.Json;
import io.cvaespark.store.BuildInfo;
import io.cvaespark.store.HadoopFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** The page of a report: its content as JSON beside the script that draws it, and Chart.js, all in one file. */
final class ReportPage {
    private static final String CHARTS =
            "/META-INF/resources/webjars/chart.js/%s/dist/chart.umd.js".formatted(BuildInfo.chartJsVersion());

    private ReportPage() {}

    static void write(SparkSession spark, String file, Map<String, ? extends @Nullable Object> content)
            throws IOException {
        HadoopFiles.writeText(spark.sparkContext().hadoopConfiguration(), new Path(file), html(content));
    }

    private static String html(Map<String, ? extends @Nullable Object> content) throws JsonProcessingException {
        // A script element ends at the first </ of that name, whatever it stands in.
        String json = Json.MAPPER.writeValueAsString(content).replace("<", "\\u003c");
        return resource("report.html")
                .replace("@style@", resource("report.css"))
                .replace("@charts@", resource(CHARTS).replaceAll("(?m)^//# sourceMappingURL=.*$", ""))
                .replace("@script@", resource("report.js"))
                .replace("@content@", json);
    }

    private static String resource(String name) {
        try (InputStream in = ReportPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The jar lacks " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("The jar's " + name + " cannot be read", e);
        }
    }
}
