package io.cvaespark.data.computed;

import java.io.Serializable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A sum of products of columns, such as {@code casual + registered}, {@code price * quantity} or {@code 2.54 * width - 1}.
 *
 * <p>As a text it has column names, numbers, +, − and *. A name of other characters than letters, digits, points and _ stands in
 * backticks.
 *
 * @param terms one or more
 */
public record Formula(List<Term> terms) implements Serializable {

    /**
     * factor · Π columns.
     *
     * @param columns may be none, one, or several
     */
    public record Term(BigDecimal factor, List<String> columns) implements Serializable {
        public Term {
            columns = List.copyOf(columns);
        }
    }

    private static final Pattern TOKEN =
            Pattern.compile("\\s*(?:([0-9]+(?:\\.[0-9]+)?)|`((?:[^`]|``)+)`|([\\p{L}_][\\p{L}\\p{N}_.]*)|([-+*]))\\s*");

    private static final Pattern PLAIN_NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_.]*");

    public Formula {
        terms = List.copyOf(terms);
    }

    /** Reads a formula's text; throws saying where it stops being one. */
    public static Formula parse(String text) {
        List<Term> terms = new ArrayList<>();
        Matcher token = TOKEN.matcher(text);
        int at = 0;
        BigDecimal factor = BigDecimal.ONE;
        List<String> columns = new ArrayList<>();
        boolean wantsOperand = true;
        while (at < text.length()) {
            if (!token.region(at, text.length()).lookingAt()) {
                throw malformed(text, at);
            }
            String sign = token.group(4);
            boolean leadingMinus = wantsOperand && columns.isEmpty() && "-".equals(sign) && terms.isEmpty() && at == 0;
            if (leadingMinus) {
                factor = factor.negate();
            } else if (wantsOperand == (sign != null)) {
                throw malformed(text, at);
            } else if (sign == null) {
                if (token.group(1) != null) {
                    factor = factor.multiply(new BigDecimal(token.group(1)));
                } else {
                    columns.add(token.group(2) != null ? token.group(2).replace("``", "`") : token.group(3));
                }
                wantsOperand = false;
            } else {
                if (!sign.equals("*")) {
                    terms.add(new Term(factor, columns));
                    factor = sign.equals("-") ? BigDecimal.ONE.negate() : BigDecimal.ONE;
                    columns = new ArrayList<>();
                }
                wantsOperand = true;
            }
            at = token.end();
        }
        if (wantsOperand) {
            throw malformed(text, text.length());
        }
        terms.add(new Term(factor, columns));
        Formula formula = new Formula(terms);
        if (formula.columns().isEmpty()) {
            throw new IllegalArgumentException("A formula names at least one column, found '%s'".formatted(text));
        }
        return formula;
    }

    private static IllegalArgumentException malformed(String text, int at) {
        return new IllegalArgumentException(
                "A formula is a sum of products of columns and numbers, such as casual + registered or 0.5 * price * quantity; found '%s', which is none from character %s on"
                        .formatted(text, at + 1));
    }

    /** The columns that it is computed from. */
    public Set<String> columns() {
        Set<String> columns = new LinkedHashSet<>();
        terms.forEach(term -> columns.addAll(term.columns()));
        return columns;
    }

    /** Its text, which {@link #parse} reads. */
    public String text() {
        StringBuilder text = new StringBuilder();
        for (Term term : terms) {
            boolean minus = term.factor().signum() < 0;
            text.append(text.isEmpty() ? (minus ? "-" : "") : minus ? " - " : " + ");
            List<String> parts = new ArrayList<>();
            BigDecimal size = term.factor().abs().stripTrailingZeros();
            if (size.compareTo(BigDecimal.ONE) != 0 || term.columns().isEmpty()) {
                parts.add(size.toPlainString());
            }
            term.columns().forEach(name -> parts.add(quoted(name)));
            text.append(String.join(" * ", parts));
        }
        return text.toString();
    }

    private static String quoted(String name) {
        return PLAIN_NAME.matcher(name).matches() ? name : "`" + name.replace("`", "``") + "`";
    }
}
