package io.cvaespark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.data.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a command called in this JVM printed, and how it ended. */
public record CliCall(int status, String out, String err) {

    public static CliCall cvae(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream realOut = System.out;
        PrintStream realErr = System.err;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        int status;
        try {
            status = Main.run(args);
        } finally {
            System.setOut(realOut);
            System.setErr(realErr);
        }
        return new CliCall(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /** The JSON object that ends the standard output. */
    public JsonNode json() throws IOException {
        List<String> lines = out.lines().toList();
        return Json.MAPPER.readTree(lines.get(lines.size() - 1));
    }
}
