package io.cvaespark;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every golden file in the folder of the system property {@code cvae.golden} (default {@code ../shared/golden}): per-row
 * losses, gradients, importance-weighted log-likelihoods and Adam steps against PyTorch in float64.
 */
class GoldenTest {

    @TestFactory
    Stream<DynamicTest> goldenFiles() throws IOException {
        Path folder = Path.of(System.getProperty("cvae.golden", "../shared/golden"));
        if (!Files.isDirectory(folder)) {
            return Stream.of(DynamicTest.dynamicTest(
                    "golden files", () -> abort("skipped: no folder " + folder + " (set -Dcvae.golden)")));
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(f -> f.toString().endsWith(".json")).sorted().toList();
        }
        assertFalse(files.isEmpty(), () -> "no .json in " + folder);
        return files.stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    GoldenCase golden = new GoldenCase(file);
                    List<String> missing = golden.missing();
                    if (!missing.isEmpty()) {
                        String message = "skipped " + file.getFileName() + ": needs " + String.join(", ", missing);
                        System.err.println(message);
                        abort(message);
                    }
                    golden.check();
                }));
    }
}
