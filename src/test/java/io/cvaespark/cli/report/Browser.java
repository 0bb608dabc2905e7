package io.cvaespark.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A browser without a window, which opens pages. */
final class Browser {
    /** Added to a copy of the page: says of each canvas whether anything was drawn on it. */
    private static final String LOOK = """
            <script>
            const seen = [...document.querySelectorAll('canvas')].map(c => {
              const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
              return d.some((v, i) => i % 4 === 3 && v > 0) ? 'drawn' : 'blank';
            });
            const images = [...document.images].map(i => i.complete && i.naturalWidth > 0 ? 'drawn' : 'blank');
            document.title = 'canvases ' + seen.join(' ') + '; images ' + images.join(' ');
            </script>
            </body>""";

    private static final int FEWEST_CHARTS = 8;

    private Browser() {}

    /** The page as a browser sees it, in which everything is drawn and nothing is complained of; skips the test without one. */
    static String dom(String page, Path directory, String name) throws IOException, InterruptedException {
        Path browser = Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(Path.of("none"));
        assumeTrue(Files.exists(browser), "no chromium: install Debian's package chromium to look at reports");
        assertFalse(Pattern.compile("(src|href)=.?http").matcher(page).find(), "something is loaded from a network");
        Path looked = directory.resolve(name + ".html");
        Files.writeString(looked, page.replace("</body>", LOOK));
        Process process = new ProcessBuilder(
                        browser.toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--enable-logging=stderr",
                        "--user-data-dir=" + directory.resolve("browser-" + name),
                        "--virtual-time-budget=5000",
                        "--dump-dom",
                        looked.toUri().toString())
                .redirectError(directory.resolve(name + ".err").toFile())
                .start();
        String dom = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor());
        String console = Files.readString(directory.resolve(name + ".err"));
        assertFalse(console.contains("CONSOLE"), console);
        Matcher title = Pattern.compile("<title>(.*?)</title>").matcher(dom);
        assertTrue(title.find(), dom.substring(0, Math.min(500, dom.length())));
        String drawn = title.group(1);
        int charts = drawn.split(" drawn", -1).length - 1;
        assertTrue(charts >= FEWEST_CHARTS, drawn);
        assertFalse(drawn.contains("blank"), drawn);
        return dom;
    }
}
