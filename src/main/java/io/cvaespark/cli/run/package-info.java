/** The command {@code train}, its run directory and its progress. */
@NullMarked
package io.cvaespark.cli.run;

import org.jspecify.annotations.NullMarked;
