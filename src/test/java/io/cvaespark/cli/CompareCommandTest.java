package io.cvaespark.cli;

import static io.cvaespark.cli.CliCall.cvae;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.spark.SparkTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command {@code compare}: what it prints and writes, and what it refuses. */
class CompareCommandTest {
    @TempDir
    private static Path directory = Path.of("");

    @BeforeAll
    static void write() throws IOException {
        SparkTests.session();
        StringBuilder real = new StringBuilder("zip,size,sold\n");
        StringBuilder synthetic = new StringBuilder("zip,size,sold\n");
        for (int i = 0; i < 60; i++) {
            real.append(i % 3 == 0 ? "00501" : "x9").append(",%d,%s\n".formatted(i % 10, i % 10 > 6 ? "yes" : "no"));
            synthetic.append("00501,%d,%s\n".formatted(i % 9, i % 9 > 6 ? "yes" : "no"));
        }
        file("real.csv", real.toString());
        file("synthetic.csv", synthetic.toString());
        file("fewer.csv", "zip,size\n1,2\n");
        file("empty.csv", "zip,size,sold\n");
        file("text.csv", "zip,size,sold\n1,many,yes\n");
        file("never.csv", "zip,size,sold\n1,2,no\n");
        file("infinite.csv", "zip,size,sold\n1,Infinity,no\n1,2.5,yes\n");
        Files.createDirectories(directory.resolve("mine"));
        file("mine/notes.txt", "precious");
        SparkTests.session().range(3).selectExpr("array(id) AS list").write().parquet(at("lists.parquet"));
    }

    private static void file(String name, String text) throws IOException {
        Files.writeString(directory.resolve(name), text);
    }

    private static String at(String name) {
        return directory.resolve(name).toString();
    }

    /** Runs a command line; @ stands for the test's directory. */
    private static CliCall call(String line) {
        return cvae(Stream.of(line.split(" "))
                .map(word -> word.replace("@", directory + "/"))
                .toArray(String[]::new));
    }

    @Test
    void figuresArePrintedAndWritten() throws IOException {
        CliCall call = call("compare @real.csv @synthetic.csv --target sold --trees 2 --output @out --json");
        assertEquals(0, call.status(), call.err());
        JsonNode json = call.json();
        assertEquals(60, json.get("rows").asInt());
        // zip codes are text in REAL, so those of SYNTHETIC keep their zeros: one third of the real rows agree.
        assertEquals(1 / 3.0, json.at("/worst_columns/zip").asDouble(), 1e-12);
        assertTrue(json.get("auc").asDouble() > 0.9);
        assertTrue(json.at("/reference/auc").asDouble() > 0.9);
        assertEquals(0, json.get("unseen_pairs").asDouble());
        SparkSession spark = SparkTests.session();
        assertEquals(
                json.get("shapes").asDouble(),
                spark.read()
                        .parquet(at("out/metrics"))
                        .where("metric = 'shapes'")
                        .first()
                        .getDouble(1));
        assertEquals(3, spark.read().parquet(at("out/columns")).count());
        assertEquals(3, spark.read().parquet(at("out/pairs")).count());
        assertEquals(
                1,
                spark.read()
                        .parquet(at("out/bars"))
                        .where("column = 'zip'")
                        .selectExpr("sum(real)")
                        .first()
                        .getDouble(0),
                1e-12);
        assertTrue(Files.exists(directory.resolve("out/compare.html")));

        CliCall unasked = call("compare @real.csv @synthetic.csv --output @out");
        assertEquals(1, unasked.status());
        assertTrue(unasked.err().contains("exists already"), unasked.err());
        CliCall again = call("compare @real.csv @real.csv --trees 1 --output @out --overwrite");
        assertEquals(0, again.status(), again.err());
        assertTrue(again.out().contains("worst columns"), again.out());
        assertEquals(
                1.0,
                spark.read()
                        .parquet(at("out/metrics"))
                        .where("metric = 'copies'")
                        .first()
                        .getDouble(1));
    }

    @Test
    void someColumnsOfDifferingTablesCanBeCompared() throws IOException {
        CliCall call = call("compare @real.csv @fewer.csv --columns size --trees 1 --json");
        assertEquals(0, call.status(), call.err());
        assertTrue(call.json().get("detection").isNull(), "one row cannot be cross-validated");
        assertTrue(call.json().get("conclusion").asText().contains("too few rows"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "compare @real.csv @gone.csv | 1 | there is nothing at",
                "compare @real.csv @fewer.csv | 1 | SYNTHETIC has other columns than REAL: it lacks [sold]",
                "compare @fewer.csv @real.csv | 1 | has [sold] besides; --columns",
                "compare @real.csv @fewer.csv --columns size,sold | 1 | SYNTHETIC has other columns than --columns names",
                "compare @real.csv @empty.csv | 1 | SYNTHETIC has no rows",
                "compare @real.csv @real.csv --holdout @empty.csv | 1 | --holdout has no rows",
                "compare @real.csv @text.csv | 1 | is a number in REAL but of type string in SYNTHETIC",
                "compare @real.csv @infinite.csv | 1 | has infinite values",
                "compare @lists.parquet @lists.parquet | 1 | compare takes numbers",
                "compare @real.csv @real.csv --target price | 1 | --target names the column price",
                "compare @real.csv @real.csv --target size | 1 | more than two values",
                "compare @real.csv @real.csv --target size --positive big | 1 | --positive big is no number",
                "compare @real.csv @real.csv --target sold --positive maybe | 1 | No rows of REAL have sold = maybe",
                "compare @real.csv @real.csv --target sold --holdout @never.csv | 1 | No rows of --holdout have sold = yes",
                "compare @real.csv @real.csv --target size --columns size | 1 | is the only column",
                "compare @real.csv @real.csv --categorical price | 1 | --categorical names the column price",
                "compare @real.csv @real.csv --positive yes | 2 | --positive goes with --target",
                "compare @real.csv @real.csv --folds 1 | 2 | --folds must be at least 2",
                "compare @real.csv @real.csv --trees 0 | 2 | --trees must be at least 1",
                "compare @real.csv @real.csv --learner-rows 0 | 2 | --learner-rows must be at least 1",
                "compare @real.csv @real.csv --output @mine --overwrite | 1 | which this command did not write",
                "compare @real.csv @real.csv --output @real.csv --overwrite | 1 | which this command reads"
            })
    void whatIsWrongIsSaid(String line, int status, String message) throws IOException {
        CliCall call = call(line);
        assertEquals(status, call.status(), call.err());
        assertTrue(call.err().contains(message), call.err());
        assertEquals("precious", Files.readString(directory.resolve("mine/notes.txt")));
        assertFalse(Files.exists(directory.resolve("mine/compare.html")));
    }
}
