package io.cvaespark.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.Properties;

/** The version of this program and the Spark that it is built for. */
public final class BuildInfo {
    private static final Properties BUILD = load();

    private BuildInfo() {}

    /** The program's version. */
    public static String version() {
        return entry("version");
    }

    /** The version of Chart.js that the jar holds. */
    public static String chartJsVersion() {
        return entry("chartjs");
    }

    /**
     * Checks that the jar can run on the running Spark: both must have the same major and minor version and the same
     * Scala.
     *
     * @throws IllegalStateException if they differ; the message has both versions
     */
    public static void requireSpark(String sparkVersion, String scalaVersion) {
        String spark = entry("spark");
        String scala = entry("scala");
        if (!majorMinor(spark).equals(majorMinor(sparkVersion)) || !scala.equals(majorMinor(scalaVersion))) {
            throw new IllegalStateException(
                    "This jar is built for Spark %s with Scala %s, but runs on Spark %s with Scala %s. Use a Spark that fits, or build the jar for that one"
                            .formatted(spark, scala, sparkVersion, scalaVersion));
        }
    }

    private static String majorMinor(String version) {
        String[] parts = version.split("\\.", 3);
        return parts.length < 2 ? version : parts[0] + "." + parts[1];
    }

    private static String entry(String key) {
        return Objects.requireNonNull(BUILD.getProperty(key), key);
    }

    private static Properties load() {
        Properties properties = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("build.properties")) {
            properties.load(Objects.requireNonNull(in, "build.properties"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }
}
