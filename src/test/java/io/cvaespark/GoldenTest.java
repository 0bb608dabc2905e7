package io.cvaespark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The golden files of this repository, and those of another folder that the system property {@code cvae.golden} names:
 * per-row losses, gradients, importance-weighted log-likelihoods and Adam steps against PyTorch in float64.
 */
class GoldenTest {
    private static final Path OWN = Path.of("src/test/resources/golden");
    private static final String PROPERTY = "cvae.golden";

    /** The repository's own cases always run. */
    @TestFactory
    Stream<DynamicTest> ownFiles() throws IOException {
        return files(OWN).stream()
                .map(file -> DynamicTest.dynamicTest(name(file), () -> {
                    GoldenCase golden = new GoldenCase(file);
                    assertEquals(List.of(), golden.missing(), "what the program lacks");
                    golden.check();
                }));
    }

    /** Another folder's cases may need what this version does not have yet: then they are skipped by name. */
    @TestFactory
    Stream<DynamicTest> filesOfAnotherFolder() throws IOException {
        String folder = System.getProperty(PROPERTY);
        if (folder == null) {
            return Stream.of();
        }
        return files(Path.of(folder)).stream()
                .map(file -> DynamicTest.dynamicTest(name(file), () -> {
                    GoldenCase golden = new GoldenCase(file);
                    List<String> missing = golden.missing();
                    if (!missing.isEmpty()) {
                        String message = "skipped " + name(file) + ": needs " + String.join(", ", missing);
                        System.err.println(message);
                        abort(message);
                    }
                    golden.check();
                }));
    }

    private static List<Path> files(Path folder) throws IOException {
        assertTrue(Files.isDirectory(folder), () -> "no folder %s (cvae.golden names one beside %s)"
                .formatted(folder, OWN));
        try (Stream<Path> all = Files.list(folder)) {
            List<Path> files =
                    all.filter(f -> f.toString().endsWith(".json")).sorted().toList();
            assertFalse(files.isEmpty(), () -> "no .json in " + folder);
            return files;
        }
    }

    private static String name(Path file) {
        return file.getFileName().toString();
    }
}
