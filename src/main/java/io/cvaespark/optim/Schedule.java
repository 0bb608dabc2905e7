package io.cvaespark.optim;

/**
 * A number that changes over training, as a function of the share of all steps that are done.
 *
 * <p>Shares, never epochs: on large data a warm-up of some epochs would never end.
 */
public sealed interface Schedule {

    /** The value when {@code progress} ∈ [0,1] of all steps are done; 1, the end, belongs to the last step. */
    double at(double progress);

    /** Always {@code value}. */
    record Constant(double value) implements Schedule {
        @Override
        public double at(double progress) {
            return value;
        }
    }

    /** From 0 linearly to {@code then}'s value over the first {@code share} of the steps, then {@code then}. */
    record Warmup(double share, Schedule then) implements Schedule {
        public Warmup {
            requireShare("warmup", share);
        }

        @Override
        public double at(double progress) {
            return progress < share ? then.at(share) * (progress / share) : then.at(progress);
        }
    }

    /** Half a cosine from {@code from} at the start to {@code to} at the end. */
    record Cosine(double from, double to) implements Schedule {
        @Override
        public double at(double progress) {
            return to + (from - to) * 0.5 * (1 + StrictMath.cos(StrictMath.PI * progress));
        }
    }

    /** {@code from}, multiplied by {@code factor} each time another {@code every} of the steps is done. */
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
     * {@code cycles} cycles, each rising linearly from 0 to {@code to} over its first {@code rise} and staying there (Fu et
     * al. 2019).
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

    /** ⌊x⌋, where shares such as 3/10, which are no exact doubles, may fall a rounding short of a whole number. */
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
