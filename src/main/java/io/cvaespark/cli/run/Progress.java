package io.cvaespark.cli.run;

import io.cvaespark.model.LossSums;
import io.cvaespark.train.Exchange;
import io.cvaespark.train.HistoryRow;
import io.cvaespark.train.TrainingListener;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/** Shows progress on standard error: one line per epoch and, on a terminal, a bar that is redrawn. */
final class Progress implements TrainingListener {
    private static final int BAR = 24;
    private static final long REDRAW_NANOS = 200_000_000L;

    private final PrintStream out;
    private final boolean bar;
    private long lastDraw;
    private long startStep;
    private long startNanos;
    private int drawn;

    Progress(PrintStream out, boolean bar) {
        this.out = out;
        this.bar = bar;
    }

    /** Creates the progress for standard error. The launch script sets {@code CVAE_PROGRESS} if that is a terminal. */
    static Progress forTerminal() {
        return new Progress(System.err, "bar".equals(System.getenv("CVAE_PROGRESS")));
    }

    @Override
    public void onStart(TrainingPlan plan, TrainingState state, int workers) {
        startStep = state.step();
        startNanos = System.nanoTime();
        out.printf(
                Locale.ROOT,
                "%,d training rows, %,d parameters, %d epochs of %,d steps, %d shards on %d workers%n",
                plan.dealing().allRows(),
                state.parameters().length,
                plan.config().epochs(),
                plan.dealing().stepsPerEpoch(),
                plan.dealing().shards(),
                workers);
    }

    @Override
    public void onStep(TrainingPlan plan, TrainingState state, Exchange.StepResult result) {
        long now = System.nanoTime();
        if (!bar || now - lastDraw < REDRAW_NANOS) {
            return;
        }
        lastDraw = now;
        int steps = plan.dealing().stepsPerEpoch();
        int inEpoch = plan.stepInEpoch(result.step()) + 1;
        int filled = BAR * inEpoch / steps;
        LossSums sums = state.epochSums();
        double stepsPerSecond = (state.step() - startStep) / ((now - startNanos) * 1e-9);
        String line = String.format(
                Locale.ROOT,
                "epoch %d/%d [%s%s] step %d/%d  ELBO %.2f  %,.0f rows/s  %s left",
                plan.epochOf(result.step()) + 1,
                plan.config().epochs(),
                "#".repeat(filled),
                ".".repeat(BAR - filled),
                inEpoch,
                steps,
                sums.meanElbo(),
                sums.rows() / state.epochTimes().seconds(),
                duration((plan.totalSteps() - state.step()) / stepsPerSecond));
        out.print("\r" + line + " ".repeat(Math.max(0, drawn - line.length())));
        out.flush();
        drawn = line.length();
    }

    @Override
    public void onEpoch(TrainingPlan plan, TrainingState state, List<HistoryRow> rows) {
        erase();
        StringBuilder line = new StringBuilder();
        HistoryRow train = rows.get(0);
        line.append(String.format(
                Locale.ROOT, "epoch %d/%d", train.epoch(), plan.config().epochs()));
        for (HistoryRow row : rows) {
            line.append(String.format(
                    Locale.ROOT,
                    "  %s: ELBO %.3f (reconstruction %.3f, KL %.3f)",
                    row.split(),
                    row.elbo(),
                    row.reconstruction(),
                    row.kl()));
        }
        line.append(String.format(Locale.ROOT, "  %,.0f rows/s", train.rowsPerSecond()));
        out.println(line);
    }

    @Override
    public void onEarlyStop(TrainingPlan plan, TrainingState state) {
        TrainingState.Best best = state.best();
        out.printf(
                Locale.ROOT,
                "stopped early: no better validation loss for %d epochs; epoch %d is kept%n",
                plan.config().patience(),
                best == null ? 0 : best.epoch());
    }

    private void erase() {
        if (drawn > 0) {
            out.print("\r" + " ".repeat(drawn) + "\r");
            drawn = 0;
        }
    }

    private static String duration(double seconds) {
        long s = Math.round(seconds);
        if (s >= 3600) {
            return String.format(Locale.ROOT, "%d h %02d min", s / 3600, s % 3600 / 60);
        }
        return s >= 60 ? String.format(Locale.ROOT, "%d min %02d s", s / 60, s % 60) : s + " s";
    }
}
