/** The command {@code report}: one HTML page about a run. */
@NullMarked
package io.cvaespark.cli.report;

import org.jspecify.annotations.NullMarked;
