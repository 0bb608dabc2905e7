package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** The commands, for tests of other packages. */
public final class InProcess {
    private InProcess() {}

    /** Runs a command that must succeed. */
    public static void cvae(String... args) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream quiet = new PrintStream(said, true, StandardCharsets.UTF_8);
        System.setOut(quiet);
        System.setErr(quiet);
        int status;
        try {
            status = Main.run(args);
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
        assertEquals(0, status, () -> String.join(" ", args) + "\n" + said.toString(StandardCharsets.UTF_8));
    }
}
