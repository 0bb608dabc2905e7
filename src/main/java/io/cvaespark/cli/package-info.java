/** The command line: picocli commands over the Spark ML classes, progress, tables in and out. */
@NullMarked
package io.cvaespark.cli;

import org.jspecify.annotations.NullMarked;
