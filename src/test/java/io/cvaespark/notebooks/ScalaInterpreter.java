package io.cvaespark.notebooks;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import scala.jdk.javaapi.CollectionConverters;
import scala.tools.nsc.Settings;
import scala.tools.nsc.interpreter.IMain;
import scala.tools.nsc.interpreter.Results;
import scala.tools.nsc.interpreter.shell.ReplReporterImpl;

/** Scala's interpreter with what Zeppelin puts into it: {@code spark}, {@code sc}, {@code z} and its imports. */
final class ScalaInterpreter implements AutoCloseable {
    private final ByteArrayOutputStream output = new ByteArrayOutputStream();
    private final PrintStream printed = new PrintStream(output, true, StandardCharsets.UTF_8);
    private final IMain interpreter;

    /** What a piece of code printed, the interpreter's own words included, and whether it ran. */
    record Ran(boolean success, String output) {}

    ScalaInterpreter(SparkSession spark, ZeppelinForms z) {
        Settings settings = new Settings();
        // as Zeppelin and spark-shell start it
        List<String> arguments = List.of("-Yrepl-class-based", "-classpath", System.getProperty("java.class.path"));
        settings.processArguments(CollectionConverters.asScala(arguments).toList(), true);
        interpreter = new IMain(
                settings, new ReplReporterImpl(settings, new PrintWriter(printed, true, StandardCharsets.UTF_8)));
        bind("spark", spark);
        bind("sc", spark.sparkContext());
        bind("z", z);
        for (String line : List.of(
                "import org.apache.spark.SparkContext._",
                "import spark.implicits._",
                "import spark.sql",
                "import org.apache.spark.sql.functions._")) {
            require(run(line), line);
        }
    }

    private void bind(String name, Object value) {
        String type = value.getClass().getCanonicalName();
        Results.Result result = interpreter.bind(
                name,
                type,
                value,
                CollectionConverters.asScala(List.of("@transient")).toList());
        require(new Ran(result == Results.Success$.MODULE$, output.toString(StandardCharsets.UTF_8)), name);
    }

    private static void require(Ran ran, String what) {
        if (!ran.success()) {
            throw new IllegalStateException("%s cannot be given to the interpreter: %s".formatted(what, ran.output()));
        }
    }

    Ran run(String code) {
        output.reset();
        Results.Result result = scala.Console.withOut(printed, () -> interpreter.interpret(code));
        return new Ran(result == Results.Success$.MODULE$, output.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        interpreter.close();
    }
}
