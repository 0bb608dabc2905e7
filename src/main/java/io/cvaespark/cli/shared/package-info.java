/** What commands share: the Spark session, tables in and out, job files, results, messages of failures. */
@NullMarked
package io.cvaespark.cli.shared;

import org.jspecify.annotations.NullMarked;
