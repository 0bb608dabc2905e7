package io.cvaespark.cli;

import static io.cvaespark.cli.CliCall.cvae;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.spark.SparkTests;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Small inputs on which the program once did the wrong thing: {@code src/test/resources/cases}, each with its job, the commands
 * and what is right.
 */
class CasesTest {
    private static final Path CASES = Path.of("src/test/resources/cases");
    private static Path directory = Path.of("");

    @BeforeAll
    static void begin(@TempDir Path folder) {
        directory = folder;
        SparkSession unused = SparkTests.session(); // the commands use the session that is there
    }

    /** A case that is being tried: its folder, and the run that its commands make. */
    private record Case(Path folder, Path run) {
        static Case of(String name) throws IOException {
            return new Case(
                    CASES.resolve(name),
                    Files.createTempDirectory(directory, "case").resolve("run"));
        }

        String at(String file) {
            return folder.resolve(file).toString();
        }

        String out(String file) {
            return run.resolveSibling(file).toString();
        }

        /** Trains the case's job with these settings in place of its own. */
        CliCall train(String... settings) {
            List<String> args = new ArrayList<>(List.of("train", at("job.yaml"), "--set", "output=" + run));
            if (Stream.of(settings).noneMatch(s -> s.startsWith("input.train"))) {
                args.addAll(List.of("--set", "input.train=" + at("input.csv")));
            }
            for (String setting : settings) {
                args.addAll(List.of("--set", setting));
            }
            return cvae(args.toArray(String[]::new));
        }

        void trainWell(String... settings) {
            CliCall call = train(settings);
            assertEquals(0, call.status(), call.err());
        }

        /** Samples with these options; the rows. */
        Dataset<Row> sample(String file, String... options) {
            List<String> args = new ArrayList<>(List.of("sample", run.toString(), out(file)));
            args.addAll(List.of(options));
            CliCall call = cvae(args.toArray(String[]::new));
            assertEquals(0, call.status(), call.err());
            return SparkTests.session().read().parquet(out(file));
        }
    }

    private static Set<String> distinct(Dataset<Row> rows, String column) {
        return rows.select(column).distinct().collectAsList().stream()
                .map(row -> String.valueOf(row.get(0)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void assertRefused(CliCall call, String... parts) {
        assertEquals(1, call.status(), call.out() + call.err());
        for (String part : parts) {
            assertTrue(call.err().contains(part), "expected '%s' in: %s".formatted(part, call.err()));
        }
        assertFalse(call.err().contains("Exception"), call.err());
    }

    /** A command fails, and every file that was there is there, byte by byte. */
    private static void assertRefusedAndNothingLost(Path folder, String... command) throws IOException {
        List<String> before = OverwriteTest.contents(folder);
        CliCall call = cvae(command);
        assertNotEquals(0, call.status(), String.join(" ", command) + call.out());
        assertFalse(call.err().contains("Exception"), call.err());
        assertEquals(before, OverwriteTest.contents(folder), String.join(" ", command));
    }

    @Test
    void noCommandReplacesWhatItReads() throws IOException {
        Case input = Case.of("01-overwrite-destroys-input");
        input.trainWell();
        Path all = input.run().resolveSibling("");
        String run = input.run().toString();
        String data = input.out("data.csv");
        Files.copy(input.folder().resolve("input.csv"), Path.of(data));
        String notes = Files.createDirectory(Path.of(input.out("dir"))).toString();
        Files.writeString(Path.of(notes, "notes.txt"), "precious");
        assertRefusedAndNothingLost(all, "transform", run, data, data, "--add", "elbo", "--overwrite");
        assertRefusedAndNothingLost(all, "sample", run, data, "--conditions", data, "--overwrite");
        assertRefusedAndNothingLost(all, "evaluate", run, data, "--output", data, "--overwrite");
        assertRefusedAndNothingLost(all, "sample", run, notes, "--rows", "3", "--overwrite");
    }

    @Test
    void aModelIsReplacedOnlyByOneThatIsWhole() throws IOException {
        Case model = Case.of("02-overwrite-destroys-model");
        model.trainWell();
        String run = model.run().toString();
        String[] train = {"train", model.at("job.yaml"), "--overwrite", "--set", "output=" + run, "--set"};
        String input = "input.train=" + model.at("input.csv");
        List<String> typo = new ArrayList<>(List.of(train));
        typo.addAll(List.of(input, "--set", "targets=[agee]"));
        assertRefusedAndNothingLost(model.run(), typo.toArray(String[]::new));
        List<String> gone = new ArrayList<>(List.of(train));
        gone.add("input.train=" + model.at("gone.csv"));
        assertRefusedAndNothingLost(model.run(), gone.toArray(String[]::new));
        assertRefusedAndNothingLost(model.run(), "sample", run, run, "--rows", "5", "--overwrite");
        List<String> again = new ArrayList<>(List.of(train));
        again.addAll(List.of(input, "--init", run));
        CliCall call = cvae(again.toArray(String[]::new));
        assertEquals(0, call.status(), call.err());
        assertEquals(0, cvae("describe", run).status());
    }

    @Test
    void drawsOfDecimalsStayWithinTheirPrecision() throws IOException {
        Case wide = Case.of("03-decimal-overflow");
        wide.trainWell();
        assertEquals(20, wide.sample("out.parquet", "--rows", "20").count());
        Case narrow = Case.of("03-decimal-overflow");
        narrow.trainWell("input.train=" + narrow.at("input-decimal.parquet"), "targets=[price]");
        Dataset<Row> drawn = narrow.sample("out.parquet", "--rows", "500");
        BigDecimal largest = new BigDecimal("99.99");
        assertTrue(
                drawn.select("price").collectAsList().stream()
                        .allMatch(row -> row.getDecimal(0).compareTo(largest) <= 0),
                "all prices fit decimal(4,2)");
        assertTrue(distinct(drawn, "price").contains("99.99"), "a draw beyond the type is the largest value");
    }

    @Test
    void aFixedYesNoConditionDrawsTheOthersFromRowsThatHaveIt() throws IOException {
        Case flags = Case.of("04-where-boolean-not-matched");
        flags.trainWell();
        Dataset<Row> rows = flags.sample("out.parquet", "--rows", "100", "--where", "flag=true");
        assertEquals(Set.of("rare"), distinct(rows, "g"));
        assertRefused(
                cvae("sample", flags.run().toString(), flags.out("no.parquet"), "--rows", "5", "--where", "flag=maybe"),
                "Condition 'flag' is true or false, found 'maybe'");
    }

    @Test
    void weightsThatAreAllZeroAreRefused() throws IOException {
        Case zero = Case.of("05-weights-all-zero-nan");
        assertRefused(zero.train(), "The weight column 'w' is 0 in all 40 training rows");
        Case weighted = Case.of("05-weights-all-zero-nan");
        Path some = Files.writeString(
                weighted.run().resolveSibling("some.csv"),
                Files.readString(weighted.folder().resolve("input.csv")).replaceFirst(",0\n", ",1\n"));
        weighted.trainWell("input.train=" + some);
        assertRefused(
                cvae("evaluate", weighted.run().toString(), weighted.at("input.csv")),
                "The weight column 'w' is 0 in all 40 rows");
        Path missing = Files.writeString(weighted.run().resolveSibling("missing.csv"), "x,g,w\n0.3,u,1\n0.4,v,\n");
        assertRefused(cvae("evaluate", weighted.run().toString(), missing.toString()), "weight null");
    }

    @Test
    void numbersAreScoredAsTheyAreAndTextIsRefused() throws IOException {
        Case ages = Case.of("09-silent-truncation-on-scoring");
        ages.trainWell();
        String scored = ages.out("scored.parquet");
        CliCall call = cvae("transform", ages.run().toString(), ages.at("score.csv"), scored, "--add", "elbo");
        assertEquals(0, call.status(), call.err());
        Dataset<Row> elbo = SparkTests.session().read().parquet(scored);
        assertEquals(elbo.count(), elbo.select("elbo").distinct().count(), "33, 33.7 and 33.999 differ");
        assertRefused(
                cvae("evaluate", ages.run().toString(), ages.at("bad.csv")),
                "Column 'age' has type string in the data, but int in training");
        assertRefused(
                ages.train("input.validation=" + ages.at("bad.csv"), "output=" + ages.out("other")),
                "Column 'age' has type string in the validation data, but int in training");
        Case levels = Case.of("09-silent-truncation-on-scoring");
        levels.trainWell("conditions=[]", "model.variant=vae", "targets=[{column: age, type: categorical}, g]");
        Path half = Files.writeString(levels.run().resolveSibling("half.csv"), "age,g\n46.5,v\n");
        assertRefused(cvae("evaluate", levels.run().toString(), half.toString()), "Column 'age' has the value '46.5'");
        Path whole = Files.writeString(levels.run().resolveSibling("whole.csv"), "age,g\n46.0,v\n");
        CliCall same = cvae("evaluate", levels.run().toString(), whole.toString());
        assertEquals(0, same.status(), same.err());
    }

    @Test
    void categoriesOfATypeComeBackInThatTypeOrAreRefused() throws IOException {
        Case types = Case.of("10-categorical-types-that-do-not-come-back");
        String input = "input.train=" + types.at("input.parquet");
        assertRefused(types.train(input), "Column 'sr' is a struct", "name its fields instead");
        types.trainWell(input, "targets=[x, {column: bin, type: categorical}]");
        Dataset<Row> rows = types.sample("out.parquet", "--rows", "40");
        Set<String> known = distinct(
                SparkTests.session().read().parquet(types.at("input.parquet")).selectExpr("hex(bin) bin"), "bin");
        assertTrue(known.containsAll(distinct(rows.selectExpr("hex(bin) bin"), "bin")), known.toString());
    }

    @Test
    void constantsAreWrittenAsTheyAre() throws IOException {
        Case constants = Case.of("11-constant-numeric-column");
        constants.trainWell();
        Dataset<Row> rows = constants.sample("out.parquet", "--rows", "50");
        assertEquals(Set.of("7.5"), distinct(rows, "c"));
        assertEquals(Set.of("42"), distinct(rows, "k"));
        assertEquals(Set.of("true"), distinct(rows, "f"));
    }

    @Test
    void anInstantIsOneLevelInEveryTimeZone() throws IOException {
        Case zones = Case.of("15-timestamp-levels-and-time-zones");
        String before = SparkTests.session().conf().get("spark.sql.session.timeZone");
        try {
            SparkTests.session().conf().set("spark.sql.session.timeZone", "America/New_York");
            zones.trainWell();
            CliCall described = cvae("describe", zones.run().toString(), "--json");
            assertEquals(
                    3, described.json().at("/schema/targets/1/codec/levels").size(), described.out());
            SparkTests.session().conf().set("spark.sql.session.timeZone", "UTC");
            Set<String> instants =
                    distinct(zones.sample("out.parquet", "--rows", "60").selectExpr("unix_micros(ts) ts"), "ts");
            Set<String> known = distinct(
                    SparkTests.session()
                            .read()
                            .option("header", true)
                            .option("inferSchema", true)
                            .csv(zones.at("input.csv"))
                            .selectExpr("unix_micros(ts) ts"),
                    "ts");
            assertTrue(known.containsAll(instants), instants + " of " + known);
            CliCall evaluated = cvae("evaluate", zones.run().toString(), zones.at("input.csv"));
            assertEquals(0, evaluated.status(), evaluated.err());
        } finally {
            SparkTests.session().conf().set("spark.sql.session.timeZone", before);
        }
    }

    @Test
    void amountsOfALongTailStayInTheirRangeAndScale() throws IOException {
        Case tails = Case.of("16-heavy-tails");
        tails.trainWell();
        CliCall described = cvae("describe", tails.run().toString(), "--json");
        assertEquals(
                "histogram", described.json().at("/schema/targets/0/likelihood").asText(), described.out());
        assertTrue(described.json().at("/architecture/autoregressive").isMissingNode(), described.out());
        List<BigDecimal> seen =
                amounts(SparkTests.session().read().option("header", true).csv(tails.at("input.csv")));
        List<BigDecimal> drawn = amounts(tails.sample("out.parquet", "--rows", "500"));
        assertEquals(500, drawn.size());
        BigDecimal least = Collections.min(seen);
        BigDecimal most = Collections.max(seen);
        assertTrue(least.signum() > 0, "the case is about amounts above 0");
        for (BigDecimal amount : drawn) {
            assertTrue(amount.compareTo(least) >= 0 && amount.compareTo(most) <= 0, "beyond what was seen: " + amount);
            assertTrue(amount.stripTrailingZeros().scale() <= 2, "more than two decimals: " + amount);
        }
        assertTrue(Set.copyOf(drawn).size() > 50, "many different amounts");
    }

    private static List<BigDecimal> amounts(Dataset<Row> rows) {
        return rows.select("amount").collectAsList().stream()
                .map(row -> new BigDecimal(row.get(0).toString()))
                .toList();
    }

    @Test
    void everyLevelThatTrainingSawCanBeSampled() throws IOException {
        Case rare = Case.of("19-rare-level-cannot-be-sampled");
        StringBuilder rows = new StringBuilder("x,y,h\n");
        for (int i = 0; i < 30_000; i++) {
            String y = i % 3000 == 7 ? "rare" + i / 3000 : "n" + (1 + i % 2);
            rows.append("0.%03d,%s,%s%n".formatted(i % 1000, y, i % 3 == 0 ? "a" : "b"));
        }
        Path input = Files.writeString(rare.run().resolveSibling("input.csv"), rows);
        rare.trainWell("input.train=" + input);
        for (int i = 0; i < 10; i++) {
            String level = "rare" + i;
            Dataset<Row> some = rare.sample(level + ".parquet", "--rows", "5", "--where", "y=" + level);
            assertEquals(Set.of(level), distinct(some, "y"));
        }
        assertEquals(
                12,
                distinct(rare.sample("each.parquet", "--rows", "2", "--each", "y"), "y")
                        .size());
    }

    @Test
    void rowsAreReadAsThoseOfTraining() throws IOException {
        Case semicolons = Case.of("06-reader-options-only-in-train");
        semicolons.trainWell("input.train.path=" + semicolons.at("input.csv"));
        String run = semicolons.run().toString();
        assertEquals(0, cvae("evaluate", run, semicolons.at("input.csv")).status());
        assertEquals(
                0,
                cvae("transform", run, semicolons.at("input.csv"), semicolons.out("out.parquet"), "--add", "elbo")
                        .status());
        Path tabs = Files.writeString(
                semicolons.run().resolveSibling("tabs.csv"),
                Files.readString(semicolons.folder().resolve("input.csv")).replace(';', '\t'));
        assertEquals(1, cvae("evaluate", run, tabs.toString()).status());
        CliCall stated = cvae("evaluate", run, tabs.toString(), "--option", "sep=\t");
        assertEquals(0, stated.status(), stated.err());
    }

    @Test
    void csvHasTheValuesThatWereGenerated() throws IOException {
        Case blanks = Case.of("08-csv-output-changes-values");
        blanks.trainWell();
        String run = blanks.run().toString();
        assertEquals(
                0, cvae("sample", run, blanks.out("out.csv"), "--rows", "20").status());
        CliCall evaluated = cvae("evaluate", run, blanks.out("out.csv"));
        assertEquals(0, evaluated.status(), evaluated.err());
        assertRefused(
                cvae("sample", run, blanks.out("w.csv"), "--rows", "5", "--where", "income=>50K"), "' <=50K', ' >50K'");
        Case lines = Case.of("08-csv-output-changes-values");
        lines.trainWell(
                "input.train={path: %s, options: {header: true, multiLine: true}}"
                        .formatted(lines.at("input-newlines.csv")),
                "targets=[txt]",
                "conditions=[g]");
        CliCall sampled = cvae("sample", lines.run().toString(), lines.out("out.csv"), "--rows", "30");
        assertTrue(sampled.out().startsWith("Wrote 30 rows"), sampled.out() + sampled.err());
        CliCall again = cvae("evaluate", lines.run().toString(), lines.out("out.csv"));
        assertEquals(0, again.status(), again.err());
        CliCall tabs = cvae("sample", run, blanks.out("out.tsv"), "--rows", "20");
        assertEquals(0, tabs.status(), tabs.err());
        Path part = parts(Path.of(blanks.out("out.tsv"))).get(0);
        assertTrue(Files.readString(part).startsWith("income\tage\twork\n"), Files.readString(part));
        assertEquals(0, cvae("evaluate", run, blanks.out("out.tsv")).status());
    }

    private static List<Path> parts(Path table) throws IOException {
        try (Stream<Path> files = Files.list(table)) {
            return files.filter(f -> f.getFileName().toString().startsWith("part-"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void aScalarInAListOfColumnsIsANameAsItIsSpelt() throws IOException {
        Case names = Case.of("12-column-names-as-yaml-scalars");
        names.trainWell();
        Case truth = Case.of("12-column-names-as-yaml-scalars");
        truth.trainWell("targets=[true, 2024-01-01]");
        Case number = Case.of("12-column-names-as-yaml-scalars");
        number.trainWell("targets=[{column: 1e3}]");
    }

    @Test
    void codesKeepTheirZeros() throws IOException {
        Case zips = Case.of("13-leading-zeros");
        zips.trainWell();
        CliCall scored = cvae("evaluate", zips.run().toString(), zips.at("test.csv"));
        assertEquals(0, scored.status(), scored.err());
        Case digits = Case.of("13-leading-zeros");
        digits.trainWell(
                "input.train={path: %s, schema: 'zip STRING, x DOUBLE'}".formatted(digits.at("input-digits.csv")));
        Set<String> known =
                distinct(SparkTests.session().read().option("header", true).csv(digits.at("input-digits.csv")), "zip");
        assertTrue(known.containsAll(distinct(digits.sample("out.parquet", "--rows", "50"), "zip")), known.toString());
        CliCall again = cvae("evaluate", digits.run().toString(), digits.at("input-digits.csv"));
        assertEquals(0, again.status(), again.err());
    }
}
