/** The job file: its sections, whose keys are declared once, YAML in and out, the architecture that follows
 * from it. There is no Spark here. */
@NullMarked
package io.cvaespark.job;

import org.jspecify.annotations.NullMarked;
