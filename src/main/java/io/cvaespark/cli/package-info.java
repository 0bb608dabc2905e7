/**
 * The command line: the program and its commands. {@code shared} has the code that several commands use, {@code run}
 * trains and writes a run directory, {@code report} writes a page about a run, and {@code image} draws rows as
 * pictures.
 */
@NullMarked
package io.cvaespark.cli;

import org.jspecify.annotations.NullMarked;
