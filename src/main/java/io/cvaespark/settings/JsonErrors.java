package io.cvaespark.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import io.cvaespark.data.Nearest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Jackson's errors in the words of a job file: the key, what is expected, what was found. */
public final class JsonErrors {
    /** The beginning of a message of Jackson's that says which value was found. */
    private static final Pattern COERCED = Pattern.compile("^Cannot coerce [A-Za-z ]+\\((.*?)\\) to ");

    private JsonErrors() {}

    /**
     * What is wrong, in one line.
     *
     * @param within the path of the key whose value was read; empty: a whole file was
     */
    public static String explain(JsonProcessingException e, String within) {
        if (e instanceof UnrecognizedPropertyException unknown) {
            List<String> known = new ArrayList<>();
            if (unknown.getKnownPropertyIds() != null) {
                unknown.getKnownPropertyIds().forEach(id -> known.add(String.valueOf(id)));
            }
            return "unknown key '%s'%s (known here: %s)"
                    .formatted(
                            path(within, unknown),
                            Nearest.suggestion(unknown.getPropertyName(), known),
                            known.stream().sorted().collect(Collectors.joining(", ")));
        }
        Throwable cause = e;
        while (cause != null) {
            // A part of the job that was read as a tree first: its own error says more.
            if (cause instanceof IllegalArgumentException
                    && cause.getCause() instanceof JsonProcessingException part
                    && e instanceof JsonMappingException whole
                    && cause.getMessage() != null
                    && cause.getMessage().equals(part.getMessage())) {
                return explain(part, path(within, whole));
            }
            if (!(cause instanceof JsonProcessingException) && cause.getMessage() != null) {
                return cause.getMessage();
            }
            if (cause instanceof ValueInstantiationException || cause.getCause() != null) {
                cause = cause.getCause();
            } else {
                break;
            }
        }
        if (e instanceof MismatchedInputException mismatch) {
            String expected = mismatch.getTargetType() == null
                    ? ""
                    : " (expected " + mismatch.getTargetType().getSimpleName().toLowerCase(Locale.ROOT) + ")";
            Matcher coerced = COERCED.matcher(String.valueOf(mismatch.getOriginalMessage()));
            String found = coerced.find() ? ", found " + coerced.group(1) : "";
            // Jackson's own words name its classes: they are of use only where it is not about the kind of the value.
            boolean ofKind = String.valueOf(mismatch.getOriginalMessage()).startsWith("Cannot ");
            return "key '%s' has a value of the wrong kind%s%s%s"
                    .formatted(
                            path(within, mismatch),
                            expected,
                            found,
                            ofKind ? "" : ": " + mismatch.getOriginalMessage());
        }
        return e.getOriginalMessage();
    }

    private static String path(String within, JsonMappingException e) {
        StringBuilder path = new StringBuilder(within);
        for (JsonMappingException.Reference part : e.getPath()) {
            if (path.length() > 0) {
                path.append('.');
            }
            path.append(part.getFieldName() == null ? String.valueOf(part.getIndex()) : part.getFieldName());
        }
        return path.toString();
    }
}
