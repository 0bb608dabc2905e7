package io.cvaespark.cli.run;

import io.cvaespark.spark.training.DryRun;
import io.cvaespark.spark.training.Estimate;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A {@link DryRun} as lines for a terminal. */
final class DryRunText {
    private static final double PERCENT = 100;
    private static final double MEGABYTE = 1e6;

    private final StringBuilder text = new StringBuilder();

    private DryRunText() {}

    static String of(DryRun found) {
        DryRunText lines = new DryRunText();
        lines.line("Dry run: nothing was trained, nothing was written");
        found.columns().forEach(lines::column);
        lines.decoder(found.decoder());
        if (!found.decided().isEmpty()) {
            lines.line("  settings that the job does not say and the table decided");
            found.decided().forEach((key, value) -> lines.line("    %s: %s", key, value));
        }
        lines.estimate(found.estimate());
        return lines.text.toString();
    }

    private void line(String format, Object... values) {
        text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
    }

    private void column(DryRun.Column column) {
        boolean usual = column.likelihood() == null || column.likelihood().equals(column.type());
        line(
                "  %-10s  %s: %s %s%s, %s%s%s",
                column.role(),
                column.column(),
                column.sqlType(),
                column.type(),
                usual ? "" : ", " + column.likelihood(),
                column.codec(),
                column.constant() ? ", constant" : "",
                missing(column));
        because(column.why(), column.otherwise());
    }

    private void because(String why, @Nullable String otherwise) {
        line("                because %s%s", why, otherwise == null ? "" : "; otherwise say " + otherwise);
    }

    private static String missing(DryRun.Column column) {
        Double share = column.missing();
        String cells = column.missingCells();
        return share == null || share == 0
                ? ""
                : String.format(Locale.ROOT, ", missing in %.2f %% of the rows", PERCENT * share)
                        + (cells == null ? "" : " (missing: " + cells + ")");
    }

    private void decoder(DryRun.Decoder decoder) {
        String order = decoder.order() == null ? "" : ", in the order " + String.join(", ", decoder.order());
        line("  decoder     %s%s", decoder.name(), decoder.anyOrder() ? ", in any order" : order);
        because(decoder.why(), decoder.otherwise());
    }

    private void estimate(Estimate estimate) {
        line(
                "%s",
                String.format(
                        Locale.ROOT,
                        "  rows        %,d to train on, %,d held out; %.1f MB as floats, over all executors",
                        estimate.trainingRows(),
                        estimate.heldOutRows(),
                        estimate.rowBytes() / MEGABYTE));
        line(
                "%s",
                String.format(
                        Locale.ROOT,
                        "  parameters  %,d; %.1f MB with gradient, moments and average on each executor",
                        estimate.parameters(),
                        estimate.modelBytes() / MEGABYTE));
        line(
                "%s",
                String.format(
                        Locale.ROOT,
                        "  steps       %,d per epoch, at most %,d in %,d epochs",
                        estimate.stepsPerEpoch(),
                        estimate.mostSteps(),
                        estimate.epochs()));
        line(
                "%s",
                String.format(
                        Locale.ROOT,
                        "  time        about %.1f minutes at most, a rough guess from the products of a row on %d cores of %.0f GFLOP/s; start-up and exchange come on top",
                        estimate.mostMinutes(),
                        estimate.workers(),
                        estimate.gflops()));
    }
}
