package io.cvaespark.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.ExpectedError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwapTest {
    private final Configuration conf = new Configuration();

    private final Path folder;

    SwapTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private org.apache.hadoop.fs.Path at(String name) {
        return new org.apache.hadoop.fs.Path(folder.resolve(name).toString());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString())
                    .filter(name -> !name.endsWith(".crc"))
                    .sorted()
                    .toList();
        }
    }

    private static void directory(org.apache.hadoop.fs.Path path, String content) throws IOException {
        Path local = Path.of(path.toUri().getPath());
        Files.createDirectories(local);
        Files.writeString(local.resolve("part-0"), content);
    }

    @Test
    void aNewDirectoryTakesThePlaceOfTheOldOne() throws IOException {
        Swap.write(conf, at("table"), path -> directory(path, "old"));
        Swap.write(conf, at("table"), path -> {
            directory(path, "new");
            assertEquals("old", Files.readString(folder.resolve("table/part-0")), "while the new one is written");
        });
        assertEquals("new", Files.readString(folder.resolve("table/part-0")));
        assertEquals(List.of("table"), names());
    }

    @Test
    void aWriterThatFailsLeavesTheOldOneAndNothingElse() throws IOException {
        Swap.write(conf, at("table"), path -> directory(path, "old"));
        ExpectedError.of(
                IOException.class,
                () -> Swap.write(conf, at("table"), path -> {
                    directory(path, "half");
                    throw new IOException("disk full");
                }),
                "disk full");
        assertEquals("old", Files.readString(folder.resolve("table/part-0")));
        assertEquals(List.of("table"), names());
    }

    @Test
    void aTextIsReplacedInOneStep() throws IOException {
        HadoopFiles.writeText(conf, at("job.yaml"), "old");
        HadoopFiles.writeText(conf, at("job.yaml"), "new");
        assertEquals("new", HadoopFiles.readText(conf, at("job.yaml")));
        assertEquals(List.of("job.yaml"), names());
    }
}
