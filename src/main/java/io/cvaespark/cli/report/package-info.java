/** The command {@code report}, one HTML page about a run, and what its page shares with that of {@code compare}. */
@NullMarked
package io.cvaespark.cli.report;

import org.jspecify.annotations.NullMarked;
