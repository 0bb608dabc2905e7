package io.cvaespark.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cvaespark.ExpectedError;
import io.cvaespark.Implementations;
import io.cvaespark.data.codec.Codec;
import io.cvaespark.dist.Likelihoods;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every kind of column promises, on plain Java values. */
class ColumnKindTest {
    private static final String ARRAY = "{\"type\":\"array\",\"elementType\":\"double\",\"containsNull\":true}";
    private static final double MISSING = ColumnSummary.MISSING;

    /**
     * A column and values of it.
     *
     * @param cells to fit it on, all of which must come back
     * @param refused that a fitted column cannot encode
     */
    private record Sample(ColumnRequest column, List<Object> cells, List<Object> refused) {
        Field fitted() {
            ColumnSummary summary = column.summary();
            for (Object cell : cells) {
                summary.add(cell, true, 1, () -> "row");
            }
            summary.check("v", false);
            return column.fit(summary);
        }

        @Override
        public String toString() {
            return "%s %s, %s".formatted(column.type(), column.target() ? "target" : "condition", column.form());
        }
    }

    private static Sample sample(
            ColumnType type, boolean target, String dataType, List<Object> cells, List<Object> refused) {
        ColumnSpec spec = new ColumnSpec("v");
        return new Sample(
                new ColumnRequest(spec, type, dataType, !dataType.equals("\"string\""), target), cells, refused);
    }

    private static Sample embedded() {
        ColumnSpec spec = new ColumnSpec("v").withType("categorical").with("embedding", 4);
        return new Sample(
                new ColumnRequest(spec, ColumnType.CATEGORICAL, "\"string\"", false, false),
                List.of("yes", "no"),
                List.of("perhaps"));
    }

    private static Sample onItsOwnScale() {
        ColumnSpec spec = new ColumnSpec("v").withType("continuous").with("standardize", false);
        return new Sample(
                new ColumnRequest(spec, ColumnType.CONTINUOUS, "\"double\"", true, true),
                List.of(-3.5, 1000.0),
                List.of(Double.NaN));
    }

    private static Sample gaussian(String dataType, List<Object> cells) {
        ColumnSpec spec = new ColumnSpec("v").with("likelihood", "gaussian");
        return new Sample(
                new ColumnRequest(spec, ColumnType.CONTINUOUS, dataType, true, true), cells, List.of(Double.NaN));
    }

    /** Targets whose decoder takes levels and bins as codes. */
    private static Stream<Sample> coded() {
        ColumnSpec few = new ColumnSpec("v").withType("categorical").with("maxLevels", 2);
        List<Object> levels = List.of("b", "a", "b", "ä 1", "a", "c");
        return Stream.of(
                new Sample(
                        new ColumnRequest(new ColumnSpec("v"), ColumnType.CATEGORICAL, "\"string\"", false, true, true),
                        levels,
                        List.of("d")),
                new Sample(
                        new ColumnRequest(few, ColumnType.CATEGORICAL, "\"string\"", false, true, true),
                        levels,
                        List.of("d")),
                new Sample(
                        new ColumnRequest(new ColumnSpec("v"), ColumnType.CATEGORICAL, "\"string\"", false, true, true),
                        List.of("only"),
                        List.of("d")),
                new Sample(
                        new ColumnRequest(new ColumnSpec("v"), ColumnType.CONTINUOUS, "\"double\"", true, true, true),
                        List.of(-3.5, 0.0, 7.25),
                        List.of(Double.NaN)));
    }

    /** Each kind as target and as condition, each of its codecs. */
    static Stream<Sample> samples() {
        return Stream.of(
                        byKind(),
                        coded(),
                        Stream.of(
                                gaussian("\"double\"", List.of(-3.5, 0.0, 7.25)), gaussian("\"double\"", List.of(7.5))))
                .flatMap(s -> s);
    }

    private static Stream<Sample> byKind() {
        List<Object> numbers = List.of(-3.5, 0.0, 7.25);
        List<Object> vectors = List.of(new double[] {1, -2}, new double[] {3, 1e6});
        List<Object> noVectors =
                List.of(new double[] {1}, new double[] {1, 2, 3}, new double[] {1, Double.POSITIVE_INFINITY});
        List<Object> noNumbers = List.of(Double.NaN, Double.NEGATIVE_INFINITY);
        List<Object> shares = List.of(0.0, 0.25, 1.0);
        List<Object> counts = List.of(0.0, 3.0, 977.0);
        List<Object> noCounts = List.of(-1.0, 0.5, Double.NaN, 2e9);
        List<Object> vectorsOfCounts = List.of(new double[] {1, 20}, new double[] {0, 5});
        List<Object> noVectorsOfCounts = List.of(new double[] {1, 0.5}, new double[] {1});
        return Stream.of(true, false)
                .flatMap(target -> Stream.of(
                        sample(ColumnType.CONTINUOUS, target, "\"double\"", numbers, noNumbers),
                        sample(ColumnType.CONTINUOUS, target, "\"double\"", List.of(7.5, 7.5), noNumbers),
                        sample(ColumnType.CONTINUOUS, target, ARRAY, vectors, noVectors),
                        sample(ColumnType.BINARY, target, "\"boolean\"", shares, List.of(-0.1, 1.5, Double.NaN)),
                        sample(ColumnType.BINARY, target, ARRAY, List.of(new double[] {0, 1}), noVectors),
                        sample(
                                ColumnType.CATEGORICAL,
                                target,
                                "\"string\"",
                                List.of("b", "a", "ä 1"),
                                List.of("c", "")),
                        sample(ColumnType.COUNT, target, "\"integer\"", counts, noCounts),
                        sample(ColumnType.COUNT, target, ARRAY, vectorsOfCounts, noVectorsOfCounts),
                        target ? onItsOwnScale() : embedded()));
    }

    @Test
    void everyKindIsRegisteredAndHasSamples() {
        Set<Class<?>> registered =
                Arrays.stream(ColumnType.values()).map(t -> t.kind().getClass()).collect(Collectors.toSet());
        assertEquals(Implementations.of(ColumnKind.class), registered, "register the kind in ColumnType");
        assertEquals(
                Set.of(ColumnType.values()),
                samples().map(s -> s.column().type()).collect(Collectors.toSet()),
                "add samples of every kind");
    }

    @Test
    void everyCodecIsListedByAKindAndHasASample() {
        Set<Class<?>> listed = Arrays.stream(ColumnType.values())
                .flatMap(t -> t.kind().codecs().stream())
                .collect(Collectors.toSet());
        assertEquals(Implementations.of(Codec.class), listed);
        Set<Class<?>> covered =
                samples().map(s -> s.fitted().codec().getClass()).collect(Collectors.toSet());
        covered.add(Codec.OrMissing.class); // emptyCellsAreACodeOfTheirOwn
        assertEquals(listed, covered, "add samples");
    }

    @ParameterizedTest
    @EnumSource
    void aKindsLikelihoodsAreKnownAndItsOwn(ColumnType type) {
        List<String> own = type.kind().likelihoods();
        assertTrue(Likelihoods.names().containsAll(own), () -> own + " in " + Likelihoods.names());
        for (String likelihood : own) {
            assertEquals(type, ColumnType.ofLikelihood(likelihood));
        }
        String usual =
                type.kind().defaultLikelihood(new ColumnRequest(new ColumnSpec("v"), type, "\"double\"", true, true));
        assertTrue(Likelihoods.names().contains(usual), usual);
        assertDoesNotThrow(() -> new ColumnSpec("v").withType(type.toString()).with("likelihood", usual));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void theFieldSaysWhatItIs(Sample sample) throws JsonProcessingException {
        Field field = sample.fitted();
        ColumnType type = sample.column().type();
        assertEquals(sample.column().target() ? sample.column().likelihood() : null, field.likelihood());
        assertEquals(type.kind().hasLevels(), field.hasLevels());
        assertEquals(sample.column().form(), field.form());
        assertFalse(field.codec().describe().isBlank());
        assertEquals(field, Json.MAPPER.readValue(Json.MAPPER.writeValueAsString(field), Field.class));
        assertTrue(type.kind().codecs().contains(field.codec().getClass()));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void whatIsEncodedComesBackAndItsNeighboursStay(Sample sample) {
        Field field = sample.fitted();
        RowCodec codec = codec(sample, field);
        int width = field.codec().width();
        for (Object cell : sample.cells()) {
            float[] floats = new float[width + 2];
            Arrays.fill(floats, 7f);
            codec.encode((place, form) -> cell, floats, 1);
            assertEquals(7f, floats[0]);
            assertEquals(7f, floats[width + 1]);
            Object[] back = {"left", null, "right"};
            codec.decode(floats, 1, back, 1);
            assertEquals("left", back[0]);
            assertEquals("right", back[2]);
            if (cell instanceof String) {
                assertEquals(cell, back[1]);
            } else {
                assertArrayEquals(numbers(cell), numbers(back[1]), 1e-6 * (1 + largest(cell)));
                assertEquals(cell.getClass(), back[1].getClass());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void whatItCannotHoldIsRefusedByName(Sample sample) {
        RowCodec codec = codec(sample, sample.fitted());
        float[] floats = new float[sample.fitted().codec().width()];
        for (Object cell : sample.refused()) {
            ExpectedError.of(
                    IllegalArgumentException.class, () -> codec.encode((place, form) -> cell, floats, 0), "Column 'v'");
        }
    }

    /** A level that was never seen can be learnt; every other value that cannot be encoded cannot be trained on either. */
    @ParameterizedTest
    @MethodSource("samples")
    void whatItCannotHoldIsRefusedBeforeTrainingToo(Sample sample) {
        for (Object cell : sample.refused()) {
            ColumnSummary summary = sample.column().summary();
            sample.cells().forEach(known -> summary.add(known, true, 1, () -> "known"));
            summary.add(cell, true, 2, () -> "row #2");
            if (cell instanceof String) {
                summary.check("v", false);
            } else {
                ExpectedError.of(IllegalArgumentException.class, () -> summary.check("v", false), "Column 'v'");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aNullIsNaNInATargetAndRefusedOrZeroInACondition(Sample sample) {
        Field field = sample.fitted();
        List<Field> fields = List.of(field);
        int width = field.codec().width();
        assertArrayEquals(filled(width, Float.NaN), encoded(RowCodec.ofTargets(fields), null, width));
        assertArrayEquals(filled(width, 0f), encoded(RowCodec.ofConditions(fields, true), null, width));
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> encoded(RowCodec.ofConditions(fields, false), null, width),
                "Condition column 'v' has a null");
    }

    @ParameterizedTest
    @MethodSource("samples")
    void aNullInAVectorIsItsOwnPlace(Sample sample) {
        if (sample.column().form() != CellForm.VECTOR) {
            return;
        }
        Field field = sample.fitted();
        double[] whole = (double[]) sample.cells().get(0);
        double[] gap = {MISSING, whole[1]};
        float[] known = encoded(RowCodec.ofTargets(List.of(field)), whole, 2);
        assertArrayEquals(new float[] {Float.NaN, known[1]}, encoded(RowCodec.ofTargets(List.of(field)), gap, 2));
        assertArrayEquals(new float[] {0f, known[1]}, encoded(RowCodec.ofConditions(List.of(field), true), gap, 2));
        assertThrows(
                IllegalArgumentException.class, () -> encoded(RowCodec.ofConditions(List.of(field), false), gap, 2));
    }

    @ParameterizedTest
    @MethodSource("samples")
    void betweenTwoCellsLieCellsOfTheKind(Sample sample) {
        ColumnKind kind = sample.column().type().kind();
        Object from = sample.cells().get(0);
        Object to = sample.cells().get(sample.cells().size() - 1);
        RowCodec codec = codec(sample, sample.fitted());
        float[] floats = new float[sample.fitted().codec().width()];
        for (double share : new double[] {0, 0.25, 1}) {
            Object between = kind.between(from, to, share);
            codec.encode((place, form) -> between, floats, 0);
            assertEquals(from.getClass(), between.getClass());
        }
        if (!(from instanceof String)) {
            assertArrayEquals(numbers(from), numbers(kind.between(from, to, 0)));
        }
    }

    @Test
    void emptyCellsAreACodeOfTheirOwn() {
        for (Sample sample : coded().toList()) {
            ColumnSummary summary = sample.column().summary();
            sample.cells().forEach(cell -> summary.add(cell, true, 1, () -> "row"));
            summary.add(null, true, 2, () -> "row");
            summary.check("v", true);
            Field field = sample.column().fit(summary);
            int codes = field.codec().codes();
            assertEquals(codes - 1, field.missingCode());
            RowCodec codec = RowCodec.ofTargets(List.of(field));
            float[] floats = new float[field.codec().width()];
            Object[] back = {"left"};
            codec.encode((place, form) -> null, floats, 0);
            assertEquals(codes - 1, floats[0]);
            codec.decode(floats, 0, back, 0);
            assertEquals(null, back[0]);
            for (Object cell : sample.cells()) {
                codec.encode((place, form) -> cell, floats, 0);
                codec.decode(floats, 0, back, 0);
                assertEquals(cell, back[0]);
            }
        }
    }

    @Test
    void aColumnThatIsEmptyInAllRowsStaysEmpty() {
        for (Sample sample : coded().toList()) {
            ColumnSummary summary = sample.column().summary();
            summary.add(null, true, 2, () -> "row");
            summary.check("v", true);
            Field field = sample.column().fit(summary);
            assertEquals(1, field.codec().codes());
            Object[] back = {"left"};
            RowCodec.ofTargets(List.of(field)).decode(new float[] {0f, 0f}, 0, back, 0);
            assertEquals(null, back[0]);
        }
    }

    /** Where the job ignores them, empty cells are not known, and none is generated. */
    @Test
    void ignoredCellsAreNoValues() {
        for (Sample sample : coded().toList()) {
            ColumnRequest column = with(sample.column(), "missing", "ignore", true);
            ColumnSummary summary = column.summary();
            sample.cells().forEach(cell -> summary.add(cell, true, 1, () -> "row"));
            summary.add(null, true, 2, () -> "row");
            summary.check("v", true);
            Field field = column.fit(summary);
            assertEquals(-1, field.missingCode());
            assertEquals(sample.fitted().codec(), field.codec());
            int width = field.codec().width();
            float[] floats = encoded(RowCodec.ofTargets(List.of(field)), null, width);
            assertArrayEquals(filled(width, Float.NaN), floats);
            ColumnSummary empty = column.summary();
            empty.add(null, true, 2, () -> "row");
            empty.check("v", true);
            ExpectedError.of(
                    IllegalArgumentException.class,
                    () -> column.fit(empty),
                    "Column 'v' is null in all 1 rows",
                    "missing: generate");
        }
    }

    @Test
    void whatCannotGenerateEmptyCellsSaysSo() {
        ColumnRequest levels = sample(ColumnType.CATEGORICAL, true, "\"string\"", List.of(), List.of())
                .column();
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> with(levels, "missing", "generate", false),
                "column 'v' needs decoder: autoregressive",
                "found a decoder of all columns at once",
                "missing: ignore");
        ColumnRequest number = gaussian("\"double\"", List.of()).column();
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> with(number, "missing", "generate", true),
                "likelihood: histogram or categorical; found likelihood: gaussian");
        ColumnRequest condition = sample(ColumnType.CATEGORICAL, false, "\"string\"", List.of(), List.of())
                .column();
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> with(condition, "missing", "ignore", false),
                "Condition 'v' has missing: ignore, which is for targets");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> new ColumnSpec("v").withType("id").with("missing", "ignore"),
                "'v' has type id, so it is not modelled");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> new ColumnSpec("v").with("missing", "drop"),
                "missing must be generate or ignore, found 'drop'");
    }

    @Test
    void aSpecIsTheSameThroughJson() throws JsonProcessingException {
        ColumnSpec spec =
                new ColumnSpec("v").with("likelihood", "histogram").with("missing", ColumnSpec.Missing.IGNORE);
        String json = Json.MAPPER.writeValueAsString(spec);
        assertEquals("{\"column\":\"v\",\"likelihood\":\"histogram\",\"missing\":\"ignore\"}", json);
        assertEquals(spec, Json.MAPPER.readValue(json, ColumnSpec.class));
        assertEquals(
                new ColumnSpec("v"), spec.with("missing", null).with("likelihood", null), "a bare name says nothing");
    }

    private static ColumnRequest with(ColumnRequest column, String key, Object value, boolean coded) {
        return new ColumnRequest(
                column.spec().with(key, value),
                column.type(),
                column.dataType(),
                column.numeric(),
                column.target(),
                coded);
    }

    /** Whatever the decoder draws, a column that had one value has that value. */
    @Test
    void constantsComeBackAsTheyAre() {
        for (ColumnType type : List.of(ColumnType.CONTINUOUS, ColumnType.BINARY, ColumnType.COUNT)) {
            Sample sample = type == ColumnType.CONTINUOUS
                    ? gaussian("\"double\"", List.of(1.0, 1.0))
                    : sample(type, true, "\"double\"", List.of(1.0, 1.0), List.of());
            Object[] drawn = new Object[1];
            RowCodec.ofTargets(List.of(sample.fitted())).decode(new float[] {-0.75f}, 0, drawn, 0);
            assertEquals(1.0, drawn[0], type.toString());
        }
        Field vector = sample(
                        ColumnType.CONTINUOUS,
                        true,
                        ARRAY,
                        List.of(new double[] {1, 42}, new double[] {3, 42}),
                        List.of())
                .fitted();
        Object[] drawn = new Object[1];
        RowCodec.ofTargets(List.of(vector)).decode(new float[] {0.5f, 0.5f}, 0, drawn, 0);
        assertArrayEquals(new double[] {2.5, 42}, (double[]) drawn[0]);
    }

    /** Their variance is too small for a double, their deviation is not. */
    @Test
    void valuesNearZeroKeepTheirDeviation() {
        Field field = gaussian("\"double\"", List.of(1e-200, 3e-200)).fitted();
        float[] floats = new float[1];
        RowCodec codec = RowCodec.ofTargets(List.of(field));
        codec.encode((place, form) -> 3e-200, floats, 0);
        assertEquals(1f, floats[0]);
        Object[] back = new Object[1];
        codec.decode(floats, 0, back, 0);
        assertEquals(3e-200, (double) back[0], 1e-206);
    }

    @Test
    void continuousCellsAreMixedAndOthersKept() {
        assertEquals(1.75, ColumnType.CONTINUOUS.kind().between(1.0, 2.0, 0.75));
        assertArrayEquals(new double[] {3, 0}, (double[])
                ColumnType.CONTINUOUS.kind().between(new double[] {2, 0}, new double[] {4, 0}, 0.5));
        assertEquals(1.0, ColumnType.COUNT.kind().between(1.0, 2.0, 0.75));
        assertEquals("a", ColumnType.CATEGORICAL.kind().between("a", "b", 1));
    }

    /** Columns follow each other, with their cells by place. */
    @Test
    void aRowIsItsColumnsOneAfterTheOther() {
        List<Sample> samples = samples().filter(s -> s.column().target()).toList();
        List<Field> fields = samples.stream().map(Sample::fitted).toList();
        RowCodec codec = RowCodec.ofTargets(fields);
        float[] row = new float[new TableSchema(fields, List.of()).targetWidth()];
        codec.encode((place, form) -> samples.get(place).cells().get(0), row, 0);
        int at = 0;
        for (int f = 0; f < fields.size(); f++) {
            int width = fields.get(f).codec().width();
            float[] alone = encoded(
                    RowCodec.ofTargets(fields.subList(f, f + 1)),
                    samples.get(f).cells().get(0),
                    width);
            assertArrayEquals(alone, Arrays.copyOfRange(row, at, at + width));
            at += width;
        }
        assertEquals(at, row.length);
        assertEquals(fields.size(), codec.size());
    }

    static Stream<Arguments> orders() {
        return Stream.of(
                arguments(true, List.of("10", "9", "-1", "NaN"), List.of("-1", "9", "10", "NaN")),
                arguments(false, List.of("10", "9", "b", "a"), List.of("10", "9", "a", "b")));
    }

    /** Numbers go by size, with NaN last; all else as text. */
    @ParameterizedTest
    @MethodSource("orders")
    void levelsAreInTheOrderOfTheirValues(boolean numeric, List<String> levels, List<String> sorted) {
        assertEquals(sorted, CategoricalKind.sorted(levels, numeric));
    }

    /** Of a condition the moments are those of ln(1 + v), which a number below −1 does not have. */
    @Test
    void aNegativeCountIsRefusedAsACondition() {
        ColumnSummary summary = sample(ColumnType.COUNT, false, "\"integer\"", List.of(), List.of())
                .column()
                .summary();
        summary.add(2.0, true, 1, () -> "row #1");
        summary.add(-5.0, true, 2, () -> "row #2");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> summary.check("v", false),
                "must hold whole numbers from 0 to",
                "1 of 2 rows",
                "row #2");
    }

    private static RowCodec codec(Sample sample, Field field) {
        return sample.column().target()
                ? RowCodec.ofTargets(List.of(field))
                : RowCodec.ofConditions(List.of(field), false);
    }

    private static float[] encoded(RowCodec codec, @Nullable Object cell, int width) {
        float[] floats = filled(width, 7f);
        codec.encode((place, form) -> cell, floats, 0);
        return floats;
    }

    private static float[] filled(int width, float value) {
        float[] floats = new float[width];
        Arrays.fill(floats, value);
        return floats;
    }

    private static double[] numbers(Object cell) {
        return cell instanceof double[] vector ? vector : new double[] {(Double) cell};
    }

    private static double largest(Object cell) {
        return Arrays.stream(numbers(cell)).map(Math::abs).max().orElseThrow();
    }
}
