package io.cvaespark.model;

import io.cvaespark.batch.Batch;
import io.cvaespark.dist.LikelihoodFixtures;
import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.model.prior.PriorSpec;
import io.cvaespark.nn.AutoregressiveSpec;
import io.cvaespark.nn.ConditionSpec;
import io.cvaespark.nn.Embedding;
import io.cvaespark.nn.LayerSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Every variant with every likelihood, and the objectives and priors that differ from the plain ones. */
final class VariantCases {
    static final int ROWS = 6;
    private static final ConditionSpec EMBEDDED =
            new ConditionSpec(3, List.of(new Embedding.Table(1, 4, 2)), null, List.of(), false);

    private VariantCases() {}

    /** One model, its parameters and a batch. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Case(String name, CvaeNetwork network, float[][] targets) {
        float[] parameters() {
            return Models.parameters(network, 5);
        }

        Batch batch() {
            return Models.batch(network, targets, ROWS, 0);
        }

        boolean hasKl() {
            return isRandom() && !byDraws();
        }

        boolean isRandom() {
            return network.variant().posterior() == Variant.Posterior.GAUSSIAN;
        }

        /** Whether the KL is estimated by draws, so that there are no free bits. */
        boolean byDraws() {
            Architecture a = network.architecture();
            return a.objective().type() != ObjectiveSpec.Type.ELBO
                    || a.latentPrior().components() > 0;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> all() {
        List<Case> cases = new ArrayList<>();
        for (Variant variant : Variant.values()) {
            for (LikelihoodFixtures.Fixture f : LikelihoodFixtures.all()) {
                List<LikelihoodSpec> fields = List.of(f.spec());
                cases.add(new Case(variant + ", " + f, Models.network(variant, fields), f.targets()));
            }
            CvaeNetwork mixed = Models.network(variant, LikelihoodFixtures.mixedFields());
            cases.add(new Case(variant + ", mixed", mixed, LikelihoodFixtures.mixedTargets()));
        }
        for (ObjectiveSpec.Type type : ObjectiveSpec.Type.values()) {
            ObjectiveSpec objective = new ObjectiveSpec(type, 3, 1);
            for (Variant variant : new Variant[] {Variant.VAE, Variant.CVAE_1, Variant.CVAE_2}) {
                cases.add(special(objective.type() + " of 3", variant, a -> a.withObjective(objective)));
            }
        }
        cases.add(special(
                "3 draws", Variant.CVAE_3, a -> a.withObjective(new ObjectiveSpec(ObjectiveSpec.Type.ELBO, 3, 0.3))));
        cases.add(
                special("2 draws", Variant.M2, a -> a.withObjective(new ObjectiveSpec(ObjectiveSpec.Type.ELBO, 2, 4))));
        for (ObjectiveSpec.Type type : ObjectiveSpec.Type.values()) {
            ObjectiveSpec objective = new ObjectiveSpec(type, 2, 1);
            for (PriorSpec prior : new PriorSpec[] {
                new PriorSpec(PriorSpec.Type.MIXTURE, 3, false),
                new PriorSpec(PriorSpec.Type.MIXTURE, 3, true),
                new PriorSpec(PriorSpec.Type.VAMP, 4, false)
            }) {
                cases.add(special(type + ", " + prior, Variant.CVAE_2, a -> a.withObjective(objective)
                        .withPrior(prior)));
            }
        }
        for (Variant variant : Variant.values()) {
            cases.add(columnByColumn("autoregressive", variant, a -> a));
        }
        cases.add(columnByColumn("autoregressive, embedding", Variant.CVAE_1, a -> a.withConditions(EMBEDDED)));
        cases.add(special("embedding", Variant.CVAE_1, a -> a.withConditions(EMBEDDED)));
        cases.add(special(
                "layers of the conditions",
                Variant.CVAE_3,
                a -> a.withConditions(new ConditionSpec(3, List.of(), null, LayerSpec.dense(List.of(4, 2)), false))));
        return cases.stream();
    }

    /** Column by column, the last one first; without the likelihood whose variance all rows share. */
    private static Architecture autoregressive(Architecture a) {
        List<Integer> order = new ArrayList<>();
        for (int j = a.fields().size() - 1; j >= 0; j--) {
            order.add(j);
        }
        return a.withAutoregressive(new AutoregressiveSpec(3, 2, order, false));
    }

    private static Case columnByColumn(String name, Variant variant, UnaryOperator<Architecture> change) {
        List<LikelihoodSpec> fields = new ArrayList<>();
        List<float[]> rows = new ArrayList<>(List.of(new float[0], new float[0], new float[0]));
        for (LikelihoodFixtures.Fixture fixture : LikelihoodFixtures.all()) {
            if (fixture.spec().type().equals("gaussian-shared")) {
                continue;
            }
            fields.add(fixture.spec());
            for (int r = 0; r < rows.size(); r++) {
                float[] before = rows.get(r);
                float[] own = fixture.targets()[r];
                float[] both = Arrays.copyOf(before, before.length + own.length);
                System.arraycopy(own, 0, both, before.length, own.length);
                rows.set(r, both);
            }
        }
        Architecture architecture = change.apply(Models.network(variant, fields).architecture());
        return new Case(
                variant + ", " + name, new CvaeNetwork(autoregressive(architecture)), rows.toArray(float[][]::new));
    }

    static Case special(String name, Variant variant, UnaryOperator<Architecture> change) {
        CvaeNetwork plain = Models.network(variant, LikelihoodFixtures.mixedFields());
        CvaeNetwork network = new CvaeNetwork(change.apply(plain.architecture()));
        return new Case(variant + ", " + name, network, LikelihoodFixtures.mixedTargets());
    }
}
