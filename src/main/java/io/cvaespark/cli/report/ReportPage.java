package io.cvaespark.cli.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cvaespark.data.Json;
import io.cvaespark.store.BuildInfo;
import io.cvaespark.store.HadoopFiles;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** A page: its content as JSON beside the script that draws it, what the scripts share, and Chart.js, all in one file. */
public final class ReportPage {
    /** The script of {@code report}. */
    static final String REPORT = "report.js";

    /** The script of {@code compare}. */
    public static final String COMPARISON = "compare.js";

    private static final String CHARTS =
            "/META-INF/resources/webjars/chart.js/%s/dist/chart.umd.js".formatted(BuildInfo.chartJsVersion());

    /** What stands before the content. */
    private static final String CONTENT = "<script id=\"content\" type=\"application/json\">";

    private ReportPage() {}

    /** Writes the page that {@code script} draws of {@code content}. */
    public static void write(
            SparkSession spark, String file, String script, Map<String, ? extends @Nullable Object> content)
            throws IOException {
        HadoopFiles.writeText(spark.sparkContext().hadoopConfiguration(), new Path(file), html(script, content));
    }

    /** The content of a page that {@link #write} wrote; null: {@code file} is none. */
    static @Nullable ObjectNode read(Configuration conf, Path file) throws IOException {
        String page = HadoopFiles.readText(conf, file);
        int start = page.indexOf(CONTENT);
        int end = page.indexOf("</script>", start);
        if (start < 0 || end < 0) {
            return null;
        }
        try {
            return Json.MAPPER.readTree(page.substring(start + CONTENT.length(), end)) instanceof ObjectNode content
                    ? content
                    : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    /** Where a page was made; where a model was trained stands in its provenance. */
    public static Map<String, Object> environment(SparkSession spark) {
        Map<String, Object> environment = new LinkedHashMap<>();
        environment.put("spark", spark.version());
        environment.put("master", spark.sparkContext().master());
        environment.put("java", Runtime.version().toString());
        environment.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        return environment;
    }

    private static String html(String script, Map<String, ? extends @Nullable Object> content)
            throws JsonProcessingException {
        // A script element ends at the first </ of that name, whatever it stands in.
        String json = Json.MAPPER.writeValueAsString(content).replace("<", "\\u003c");
        return resource("page.html")
                .replace("@style@", resource("page.css"))
                .replace("@charts@", resource(CHARTS).replaceAll("(?m)^//# sourceMappingURL=.*$", ""))
                .replace("@shared@", resource("page.js") + resource("comparison.js"))
                .replace("@script@", resource(script))
                .replace("@content@", CONTENT + json + "</script>");
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
