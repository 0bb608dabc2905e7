package io.cvaespark.optim;

/**
 * A schedule: a number, such as the learning rate, as a function of the share of all steps that are done.
 *
 * <p>Schedules count in shares of the training, not in epochs, since one epoch of large data can be a whole training.
 */
public sealed interface Schedule {

    /** The value when the share {@code progress} ∈ [0,1] of all steps is done; 1 stands for the end of training. */
    double at(double progress);

    /** A constant {@code value}. */
    record Constant(double value) implements Schedule {
        @Override
        public double at(double progress) {
            return value;
        }
    }

    /**
     * A linear warm-up from 0 to the value of {@code then} over the first {@code share} of the steps; after it, {@code
     * then} applies.
     */
    record Warmup(double share, Schedule then) implements Schedule {
        public Warmup {
            requireShare("warmup", share);
        }

        @Override
        public double at(double progress) {
            return progress < share ? then.at(share) * (progress / share) : then.at(progress);
        }
    }

    /** A cosine schedule: half a cosine from {@code from} at the start to {@code to} at the end. */
    record Cosine(double from, double to) implements Schedule {
        @Override
        public double at(double progress) {
            return to + (from - to) * 0.5 * (1 + StrictMath.cos(StrictMath.PI * progress));
        }
    }

    /** A step schedule: {@code from}, multiplied by {@code factor} after each share {@code every} of the steps. */
    record Steps(double from, double factor, double every) implements Schedule {
        public Steps {
            requireShare("every", every);
        }

        @Override
        public double at(double progress) {
            double last = Math.ceil(1 / every - 1e-9) - 1;
            return from * StrictMath.pow(factor, Math.min(whole(progress / every), last));
        }
    }

    /**
     * A cyclic schedule (Fu et al. 2019): in each of {@code cycles} cycles the value rises linearly from 0 to {@code
     * to} over the first share {@code rise} of the cycle and then stays at {@code to}.
     */
    record Cyclic(int cycles, double rise, double to) implements Schedule {
        public Cyclic {
            requireShare("rise", rise);
            if (cycles < 1) {
                throw new IllegalArgumentException("cycles must be at least 1, found " + cycles);
            }
        }

        @Override
        public double at(double progress) {
            double done = progress * cycles;
            double phase = done - Math.min(whole(done), cycles - 1);
            return phase < rise ? to * Math.max(phase, 0) / rise : to;
        }
    }

    /**
     * Returns ⌊x⌋, but rounds up where x is below a whole number only by a rounding error: shares such as 3/10 are no
     * exact doubles.
     */
    private static double whole(double x) {
        return Math.floor(x + 1e-9);
    }

    private static void requireShare(String name, double share) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "%s is a share of all steps and must lie in (0, 1], found %s".formatted(name, share));
        }
    }
}
