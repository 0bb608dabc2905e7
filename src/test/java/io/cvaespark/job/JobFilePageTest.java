package io.cvaespark.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.settings.KeyTable;
import io.cvaespark.settings.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The tables of the reference page are those that the keys give. {@code mvn test -Dtest=JobFilePageTest -Dcvae.rewrite=true}
 * writes them anew.
 */
class JobFilePageTest {
    private static final Path PAGE = Path.of("src/site/markdown/job-file.md");

    @Test
    void theTablesFollowFromTheKeys() throws IOException {
        String page = Files.readString(PAGE);
        String rewritten = page;
        for (Keys section : Job.SECTIONS) {
            rewritten = withTable(rewritten, section);
        }
        if (Boolean.getBoolean("cvae.rewrite")) {
            Files.writeString(PAGE, rewritten);
        } else {
            assertEquals(rewritten, page, () -> "Run this test with -Dcvae.rewrite=true to write the tables anew");
        }
    }

    private static String withTable(String page, Keys section) {
        String begin = "<!-- keys of %s, written by JobFilePageTest -->\n".formatted(section.section());
        String end = "<!-- end of keys -->";
        int from = page.indexOf(begin);
        int to = page.indexOf(end, Math.max(from, 0));
        assertTrue(from >= 0 && to > from, () -> "%s has no part between '%s' and '%s'".formatted(PAGE, begin, end));
        return page.substring(0, from + begin.length()) + KeyTable.markdown(section) + page.substring(to);
    }
}
