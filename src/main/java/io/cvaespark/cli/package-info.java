/**
 * The command line: the program and its commands. What commands share is in {@code shared}; {@code run} trains into a run
 * directory, {@code report} makes the page about a run, {@code image} makes pictures of rows.
 */
@NullMarked
package io.cvaespark.cli;

import org.jspecify.annotations.NullMarked;
