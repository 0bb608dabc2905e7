/**
 * Code that several commands use: the Spark session, reading and writing tables, job files, results, and error
 * messages.
 */
@NullMarked
package io.cvaespark.cli.shared;

import org.jspecify.annotations.NullMarked;
