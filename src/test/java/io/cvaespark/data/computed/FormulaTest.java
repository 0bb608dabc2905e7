package io.cvaespark.data.computed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormulaTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "casual + registered",
                "price * quantity",
                "2.54 * width - 1",
                "-1 * a + 100",
                "-a + b",
                "größe + `a b` * `c``d` - 0.5 * a.b"
            })
    void aTextIsReadAndWritten(String text) {
        Formula formula = Formula.parse(text);
        assertEquals(formula, Formula.parse(formula.text()));
        assertEquals(text.replace("-1 * a", "-a"), formula.text());
    }

    @Test
    void itKnowsItsColumns() {
        assertEquals(Set.of("a", "b c", "d"), Formula.parse("a*2*`b c`-d+3").columns());
        assertEquals(
                List.of("a", "b c"),
                Formula.parse("a*2*`b c`-d+3").terms().get(0).columns());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a +", "+ a", "a b", "a ** b", "(a)", "a / b", "2 + 3", "a - - b", "`a", "rand()"})
    void whatIsNoneIsRefused(String text) {
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> Formula.parse(text))
                .getMessage());
        assertTrue(message.contains("'" + text + "'"), message);
    }
}
