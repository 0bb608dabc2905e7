/**
 * Settings that are declared once: a {@link io.cvaespark.settings.Key} has a name, a type, a default, a range and a sentence of
 * documentation, and the job file, Spark ML's params, {@code describe --keys} and the reference page follow from it.
 */
@NullMarked
package io.cvaespark.settings;

import org.jspecify.annotations.NullMarked;
