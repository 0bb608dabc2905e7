/** The command {@code train}: a run directory, what is recorded in it, and progress. */
@NullMarked
package io.cvaespark.cli.run;

import org.jspecify.annotations.NullMarked;
