package io.cvaespark.dist;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/** The registry of likelihoods by name. */
public final class Likelihoods {
    private static final Map<String, Function<LikelihoodSpec, Likelihood>> REGISTRY = new TreeMap<>(Map.ofEntries(
            entry(Bernoulli.NAME, spec -> new Bernoulli(spec.width())),
            entry(
                    Categorical.NAME,
                    spec -> spec.codes() == null
                            ? new Categorical(spec.width())
                            : LevelNumber.of(Categorical.NAME, spec)),
            independent(ContinuousBernoulli.NAME, new ContinuousBernoulli()),
            entry(Gaussian.NAME, spec -> new Gaussian(Gaussian.NAME, spec.width())),
            entry(Gaussian.SHARED_NAME, spec -> new Gaussian(Gaussian.SHARED_NAME, spec.width())),
            entry(LevelNumber.HISTOGRAM, spec -> LevelNumber.of(LevelNumber.HISTOGRAM, spec)),
            entry(GaussianFixed.NAME, spec -> new GaussianFixed(spec.width(), spec.variance())),
            independent(Laplace.NAME, new Laplace()),
            independent(NegativeBinomial.NAME, new NegativeBinomial()),
            independent(Poisson.NAME, new Poisson()),
            independent(StudentT.NAME, new StudentT()),
            independent(ZeroInflated.NAME, new ZeroInflated())));

    private Likelihoods() {}

    private static Map.Entry<String, Function<LikelihoodSpec, Likelihood>> independent(String name, Density density) {
        return entry(name, spec -> new Independent(name, spec.width(), density));
    }

    /** The names of all registered likelihoods, sorted. */
    public static SortedSet<String> names() {
        return new TreeSet<>(REGISTRY.keySet());
    }

    /** True if the likelihood called {@code name} is one for counts. */
    public static boolean isCount(String name) {
        return name.equals(Poisson.NAME) || name.equals(NegativeBinomial.NAME) || name.equals(ZeroInflated.NAME);
    }

    /** Creates the likelihood that {@code spec} describes; the error for an unknown name lists the known ones. */
    public static Likelihood of(LikelihoodSpec spec) {
        Function<LikelihoodSpec, Likelihood> factory = REGISTRY.get(spec.type());
        if (factory == null) {
            throw new IllegalArgumentException(
                    "Unknown likelihood '%s'; known: %s".formatted(spec.type(), String.join(", ", names())));
        }
        return factory.apply(spec);
    }

    /** Creates the likelihood of a row that consists of {@code fields}, one after the other. */
    public static Likelihood of(List<LikelihoodSpec> fields) {
        if (fields.size() == 1) {
            return of(fields.get(0));
        }
        List<Likelihood> parts = new ArrayList<>();
        for (LikelihoodSpec field : fields) {
            parts.add(of(field));
        }
        return new Mixed(parts);
    }
}
