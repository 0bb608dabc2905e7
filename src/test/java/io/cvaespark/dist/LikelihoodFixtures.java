package io.cvaespark.dist;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What the contract tests need to know of each registered likelihood; a new likelihood brings one more fixture. */
public final class LikelihoodFixtures {
    private LikelihoodFixtures() {}

    /**
     * Examples of one likelihood.
     *
     * @param spec some targets wide
     * @param targets valid rows for {@code spec}
     * @param independent whether the targets of one field are independent, so that a field can be cut in two
     * @param smallest as narrow as it can be: one target, or one choice
     * @param outcomes every row that {@code smallest} can give with more than negligible probability; empty: continuous
     * @param low where the density of a continuous one-target row begins to matter
     * @param high where it ceases to
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Fixture(
            LikelihoodSpec spec,
            float[][] targets,
            boolean independent,
            LikelihoodSpec smallest,
            float[][] outcomes,
            double low,
            double high) {

        static Fixture discrete(
                LikelihoodSpec spec,
                float[][] targets,
                boolean independent,
                LikelihoodSpec smallest,
                float[][] outcomes) {
            return new Fixture(spec, targets, independent, smallest, outcomes, 0, 0);
        }

        static Fixture continuous(
                LikelihoodSpec spec, float[][] targets, LikelihoodSpec smallest, double low, double high) {
            return new Fixture(spec, targets, true, smallest, new float[0][], low, high);
        }

        public boolean isDiscrete() {
            return outcomes.length > 0;
        }

        @Override
        public String toString() {
            return spec.type();
        }
    }

    /** Counts up to where the parameters that the tests use leave nothing. */
    private static float[][] counts() {
        float[][] counts = new float[3000][];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new float[] {i};
        }
        return counts;
    }

    private static Fixture count(String name) {
        return Fixture.discrete(
                new LikelihoodSpec(name, 3),
                new float[][] {{0f, 2f, 3f}, {5f, 0f, 1f}, {0f, 0f, 4f}},
                true,
                new LikelihoodSpec(name, 1),
                counts());
    }

    private static Fixture real(String name, double end) {
        return Fixture.continuous(
                new LikelihoodSpec(name, 3),
                new float[][] {{0.3f, -1.2f, 2f}, {-0.7f, 0f, 0.1f}, {1.5f, 1.1f, -0.4f}},
                new LikelihoodSpec(name, 1),
                -end,
                end);
    }

    /** In an outcome: a float that may be any number. */
    private static final float ANY = Float.NaN;

    /** Two atoms and two bins, each of a part of one value and one of two. */
    private static Fixture histogram() {
        LikelihoodSpec.Bins bins = new LikelihoodSpec.Bins(2, 2, List.of(0.0, Math.log(2), Math.log(2), 0.0));
        LikelihoodSpec spec = new LikelihoodSpec(
                LevelNumber.HISTOGRAM,
                3,
                null,
                new LikelihoodSpec.Codes(4, List.of(), List.of(-1.0, 4.0, 1.0, 7.5), bins));
        return Fixture.discrete(
                spec, new float[][] {{0f, -1f, 0.5f}, {2f, 1f, 0.25f}, {3f, 0f, 1f}}, false, spec, new float[][] {
                    {0f, -1f, ANY},
                    {1f, -1f, ANY},
                    {2f, 0f, ANY},
                    {2f, 1f, ANY},
                    {2f, 1f, ANY},
                    {3f, 0f, ANY},
                    {3f, 0f, ANY},
                    {3f, 1f, ANY}
                });
    }

    private static final List<Fixture> KNOWN = List.of(
            count(Poisson.NAME),
            count(NegativeBinomial.NAME),
            count(ZeroInflated.NAME),
            real(Laplace.NAME, 60),
            real(StudentT.NAME, 400),
            Fixture.continuous(
                    new LikelihoodSpec(ContinuousBernoulli.NAME, 3),
                    new float[][] {{0.3f, 0f, 1f}, {0.5f, 0.01f, 0.9f}, {1f, 1f, 0.2f}},
                    new LikelihoodSpec(ContinuousBernoulli.NAME, 1),
                    0,
                    1),
            Fixture.discrete(
                    new LikelihoodSpec(Bernoulli.NAME, 3),
                    new float[][] {{0f, 1f, 1f}, {1f, 0f, 0f}, {0.25f, 0f, 0.9f}},
                    true,
                    new LikelihoodSpec(Bernoulli.NAME, 1),
                    new float[][] {{0f}, {1f}}),
            Fixture.continuous(
                    new LikelihoodSpec(Gaussian.NAME, 3),
                    new float[][] {{0.3f, -1.2f, 2f}, {-0.7f, 0f, 0.1f}, {1.5f, 1.1f, -0.4f}},
                    new LikelihoodSpec(Gaussian.NAME, 1),
                    -40,
                    40),
            real(Gaussian.SHARED_NAME, 40),
            Fixture.continuous(
                    new LikelihoodSpec(GaussianFixed.NAME, 3, 0.25),
                    new float[][] {{0.3f, -1.2f, 2f}, {-0.7f, 0f, 0.1f}, {1.5f, 1.1f, -0.4f}},
                    new LikelihoodSpec(GaussianFixed.NAME, 1, 0.25),
                    -40,
                    40),
            histogram(),
            Fixture.discrete(
                    new LikelihoodSpec(Categorical.NAME, 4),
                    new float[][] {{0f, 0f, 1f, 0f}, {1f, 0f, 0f, 0f}, {0f, 0f, 0f, 1f}},
                    false,
                    new LikelihoodSpec(Categorical.NAME, 3),
                    new float[][] {{1f, 0f, 0f}, {0f, 1f, 0f}, {0f, 0f, 1f}}));

    /** One fixture for every registered likelihood; fails naming what is missing. */
    public static List<Fixture> all() {
        Map<String, Fixture> byName = new TreeMap<>();
        for (Fixture f : KNOWN) {
            byName.put(f.spec().type(), f);
        }
        if (!byName.keySet().equals(Likelihoods.names())) {
            throw new AssertionError(
                    "Likelihoods registers %s, LikelihoodFixtures knows %s: add a fixture with valid targets, and every outcome where it is discrete, so that the contract tests cover it"
                            .formatted(Likelihoods.names(), byName.keySet()));
        }
        return List.copyOf(byName.values());
    }

    /** A row with one field of every registered likelihood. */
    public static List<LikelihoodSpec> mixedFields() {
        return all().stream().map(Fixture::spec).toList();
    }

    /** Valid rows for {@link #mixedFields}. */
    public static float[][] mixedTargets() {
        List<float[]> rows = new ArrayList<>();
        int width = mixedFields().stream().mapToInt(LikelihoodSpec::width).sum();
        for (int i = 0; i < 3; i++) {
            float[] row = new float[width];
            int at = 0;
            for (Fixture f : all()) {
                float[] targets = f.targets()[i % f.targets().length];
                System.arraycopy(targets, 0, row, at, targets.length);
                at += targets.length;
            }
            rows.add(row);
        }
        return rows.toArray(new float[0][]);
    }
}
