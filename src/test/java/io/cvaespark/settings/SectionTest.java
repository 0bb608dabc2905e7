package io.cvaespark.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cvaespark.ExpectedError;
import io.cvaespark.data.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What follows from a declaration: reading, writing, defaults, ranges, tables. */
class SectionTest {
    enum Colour {
        RED,
        BLUE;

        @Override
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private static final class Paint extends Section<Paint> {
        static final Keys KEYS = new Keys("paint");
        static final Key<Integer> COATS =
                KEYS.add(Key.integer("coats", 2, Check.atLeast(1), "How often").asParam("numCoats"));
        static final Key<Colour> COLOUR = KEYS.add(Key.choice("colour", Colour.RED, List.of(Colour.values()), "Which"));
        static final Key<Double> SHINE =
                KEYS.add(Key.number("shine", 0.0, Check.belowOne(), "How much").unwritten());
        static final Key<Integer> LITRES = KEYS.add(
                Key.integer("litres", null, Check.atLeast(1), "How many").absentBy("auto"));
        static final Key<List<Integer>> SIZE = KEYS.add(Key.integers("size", null, "Of the wall"));

        Paint(Values values) {
            super(values);
        }

        static Paint of(String json) throws JsonProcessingException {
            return new Paint(KEYS.read(Json.MAPPER.readTree(json.replace('\'', '"'))));
        }

        @Override
        protected Keys keys() {
            return KEYS;
        }

        @Override
        protected Paint of(Values other) {
            return new Paint(other);
        }
    }

    private static final Paint DEFAULT = new Paint(new Values());

    private static String written(Paint paint) {
        return Json.MAPPER.valueToTree(paint).toString();
    }

    @Test
    void theWrittenJsonHasTheKeysInTheirOrderWithDefaultsAndComesBack() throws JsonProcessingException {
        assertEquals("{\"coats\":2,\"colour\":\"red\",\"litres\":\"auto\"}", written(DEFAULT));
        Paint full = Paint.of("{'size': [3, 4], 'shine': 0.5, 'litres': 7, 'colour': 'blue'}");
        assertEquals("{\"coats\":2,\"colour\":\"blue\",\"shine\":0.5,\"litres\":7,\"size\":[3,4]}", written(full));
        assertEquals(full, Paint.of(written(full)));
        assertEquals(DEFAULT, Paint.of(written(DEFAULT)));
        assertEquals(DEFAULT, Paint.of("{'coats': null}"));
    }

    @Test
    void anUnwrittenDefaultIsThereAndIsNotTheSameAsOneThatIsSaid() throws JsonProcessingException {
        assertEquals(0.0, DEFAULT.get(Paint.SHINE));
        assertFalse(DEFAULT.has(Paint.SHINE));
        Paint said = Paint.of("{'shine': 0}");
        assertTrue(said.has(Paint.SHINE));
        assertNotEquals(DEFAULT, said);
    }

    @Test
    void oneValueIsChangedAndTheRestStays() throws JsonProcessingException {
        Paint blue = Paint.of("{'colour': 'blue', 'litres': 3}");
        assertEquals(Paint.of("{'colour': 'blue', 'litres': 3, 'coats': 5}"), blue.with(Paint.COATS, 5));
        assertNull(blue.with(Paint.LITRES, null).find(Paint.LITRES));
        ExpectedError.of(IllegalArgumentException.class, () -> blue.with(Paint.COATS, 0), "paint.coats", "found 0");
        Key<Integer> foreign = new Keys("other").add(Key.integer("coats", 1, Check.anything(), "Not ours"));
        ExpectedError.of(IllegalArgumentException.class, () -> blue.with(foreign, 3), "other.coats", "paint");
    }

    @Test
    void whatIsWrongIsSaidWithKeyAndValue() {
        String[][] mistakes = {
            {"{'coat': 1}", "unknown key 'paint.coat'", "did you mean 'coats'"},
            {"{'coats': 0}", "paint.coats must be at least 1", "found 0"},
            {"{'coats': 'many'}", "paint.coats must be a whole number", "found \"many\""},
            {"{'colour': 'green'}", "paint.colour must be red or blue", "found 'green'"},
            {"{'litres': 'some'}", "paint.litres must be auto or a whole number", "found \"some\""},
            {"{'shine': 1}", "paint.shine must be at least 0 and below 1", "found 1.0"},
            {"{'size': [3, 'wide']}", "paint.size.1", "wide"},
            {"[3]", "'paint'", "wrong kind", "[3]"}
        };
        for (String[] mistake : mistakes) {
            String[] named = java.util.Arrays.copyOfRange(mistake, 1, mistake.length);
            ExpectedError.of(IllegalArgumentException.class, () -> Paint.of(mistake[0]), named);
        }
    }

    @Test
    void tablesSayTypeRangeAndDefault() {
        String table = KeyTable.markdown(Paint.KEYS);
        assertTrue(table.contains("| `coats` | whole number, at least 1 | 2 | How often |"), table);
        assertTrue(table.contains("| `colour` | red or blue | red | Which |"), table);
        assertTrue(table.contains("| `litres` | whole number, at least 1 | auto | How many |"), table);
        assertTrue(table.contains("| `size` | list of whole numbers | none | Of the wall |"), table);
    }
}
