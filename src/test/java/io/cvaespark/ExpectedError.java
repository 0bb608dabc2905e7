package io.cvaespark;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.function.Executable;

/** Asserts that a call fails and that its message names what it should name. */
public final class ExpectedError {
    private ExpectedError() {}

    public static <T extends Throwable> T of(Class<T> type, Executable call, String... named) {
        T error = assertThrows(type, call);
        String message = String.valueOf(error.getMessage());
        for (String fragment : named) {
            assertTrue(message.contains(fragment), () -> "Expected \"" + fragment + "\" in: " + message);
        }
        return error;
    }
}
