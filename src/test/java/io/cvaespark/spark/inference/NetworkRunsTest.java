package io.cvaespark.spark.inference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.data.codec.Codec;
import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.Architecture;
import io.cvaespark.model.CountedNetworks;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.model.Models;
import io.cvaespark.model.ObjectiveSpec;
import io.cvaespark.model.RowInference;
import io.cvaespark.model.RowLosses;
import io.cvaespark.model.Variant;
import io.cvaespark.model.prior.PriorSpec;
import io.cvaespark.nn.Activation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The columns of a block come from one run of each network, and are the same whichever are asked for together. */
class NetworkRunsTest {
    private static final int TARGETS = 3;
    private static final int CLASSES = 2;
    private static final int ROWS = 20;
    private static final TableSchema SCHEMA =
            new TableSchema(List.of(field("x", "categorical", "a", "b", "c")), List.of(field("label", null, "0", "1")));
    private static final TableSchema TARGETS_ONLY = new TableSchema(SCHEMA.targets(), List.of());
    private static final TransformTask.Settings ONE_DRAW = new TransformTask.Settings(1, 0, 5);

    private final CountedNetworks counted = new CountedNetworks();

    private static Field field(String column, @Nullable String likelihood, String... levels) {
        return new Field(
                column,
                "\"string\"",
                ColumnType.CATEGORICAL,
                new Codec.OneHot(List.of(levels)),
                likelihood,
                null,
                false);
    }

    private static Architecture architecture(Variant variant) {
        List<LikelihoodSpec> fields = List.of(new LikelihoodSpec("categorical", TARGETS));
        int conditions = variant.usesCondition() ? CLASSES : 0;
        return Architecture.dense(variant, fields, conditions, 2, List.of(4), List.of(3), List.of(5), Activation.TANH)
                .withObjective(new ObjectiveSpec(ObjectiveSpec.Type.ELBO, 1, variant == Variant.CVAE_3 ? 0.6 : 1));
    }

    private static TableSchema schema(Architecture architecture) {
        return architecture.conditionWidth() == 0 ? TARGETS_ONLY : SCHEMA;
    }

    /** A block of rows, every second one without a class where {@code someUnknown}. */
    private RowInference block(Architecture architecture, boolean someUnknown) {
        CvaeNetwork network = counted.of(architecture);
        RowInference inference = new RowInference(
                network, schema(architecture), Models.parameters(network, 5), 5, new Workspace(Blas.openBlas()));
        fill(inference, 0, someUnknown);
        return inference;
    }

    private static void fill(RowInference inference, int firstId, boolean someUnknown) {
        inference.clear();
        int conditions = inference.network().architecture().conditionWidth();
        for (int r = 0; r < ROWS; r++) {
            int id = firstId + r;
            float[] row = new float[TARGETS + conditions];
            row[id % TARGETS] = 1f;
            if (conditions > 0 && !(someUnknown && r % 2 == 1)) {
                row[TARGETS + id / TARGETS % CLASSES] = 1f;
            }
            inference.add(row, 0, 1f, id);
        }
    }

    private static List<RowOutput> all(Architecture architecture) {
        boolean mixture = architecture.latentPrior().components() > 0;
        return Arrays.stream(RowOutput.values())
                .filter(output -> output.isPossible(architecture.variant()))
                .filter(output -> !(mixture && output == RowOutput.KL_PER_DIMENSION))
                .toList();
    }

    private static Map<RowOutput, Object[]> compute(
            RowInference inference, List<RowOutput> outputs, TransformTask.Settings settings) {
        TableSchema schema = schema(inference.network().architecture());
        Map<RowOutput, Object[]> columns = new EnumMap<>(RowOutput.class);
        for (RowOutput output : outputs) {
            columns.put(output, TransformTask.compute(output, ROWS, inference, schema, settings));
        }
        return columns;
    }

    /** The decoder runs at the posterior's mean, at the draw that ELBO and log-likelihood share, and at the prior's mean. */
    private static Map<String, Integer> runsOfTransform(Variant variant) {
        return switch (variant) {
            case BASELINE -> Map.of("decoder", 1);
            // z = μ is the draw too
            case AE -> Map.of("encoder", 1, "decoder", 2);
            case VAE, CVAE_2 -> Map.of("encoder", 1, "decoder", 3);
            case CVAE_1, CVAE_3, CVAE_4 -> Map.of("encoder", 1, "prior", 1, "decoder", 3);
            // Given its most probable class; given each class for the ELBO, and for the log-likelihood. It predicts the
            // class.
            case M2 -> Map.of("classifier", 1, "encoder", 1 + 2 * CLASSES, "decoder", 1 + 2 * CLASSES);
        };
    }

    @ParameterizedTest
    @EnumSource(Variant.class)
    void allColumnsOfTransformComeFromOneRunOfEachNetwork(Variant variant) {
        Architecture architecture = architecture(variant);
        RowInference inference = block(architecture, variant.hasClassifier());
        compute(inference, all(architecture), ONE_DRAW);
        assertEquals(runsOfTransform(variant), counted.take());
        compute(inference, all(architecture), ONE_DRAW);
        // The log-likelihood of m2 is not kept: nothing else needs it.
        int again = variant == Variant.M2 ? CLASSES : 0;
        assertEquals(again, counted.take().getOrDefault("encoder", 0));
        fill(inference, 100, variant.hasClassifier());
        compute(inference, all(architecture), ONE_DRAW);
        assertEquals(runsOfTransform(variant), counted.take(), "another block");
    }

    @ParameterizedTest
    @EnumSource(Variant.class)
    void evaluateRunsEachNetworkOnce(Variant variant) {
        Architecture architecture = architecture(variant);
        RowInference inference = block(architecture, false);
        TransformTask.Settings settings = new TransformTask.Settings(variant.isGenerative() ? 1 : 0, 0, 5);
        // A class is predicted at the prior's mean, by m2 from x.
        compute(inference, Evaluation.outputs(architecture, true, settings), settings);
        Map<String, Integer> expected =
                switch (variant) {
                    case BASELINE -> Map.of("decoder", 1);
                    case AE, VAE, CVAE_2 -> Map.of("encoder", 1, "decoder", 2);
                    case CVAE_1, CVAE_3, CVAE_4 -> Map.of("encoder", 1, "prior", 1, "decoder", 2);
                    // Given its own class for the latent and the log-likelihood; for the ELBO the rows of each class.
                    case M2 -> Map.of("classifier", 1, "encoder", 2 + CLASSES, "decoder", 1 + CLASSES);
                };
        assertEquals(expected, counted.take());
    }

    @Test
    void theEncoderOfAVampPriorRunsOnceOverItsPseudoInputs() {
        Architecture vamp = architecture(Variant.CVAE_2).withPrior(new PriorSpec(PriorSpec.Type.VAMP, 4, false));
        compute(block(vamp, false), all(vamp), ONE_DRAW);
        assertEquals(Map.of("encoder", 2, "decoder", 3), counted.take());
    }

    /** Each further draw is one run of the decoder and of nothing else. */
    @Test
    void moreDrawsRunTheDecoderOnly() {
        Architecture architecture = architecture(Variant.CVAE_1);
        compute(block(architecture, false), all(architecture), new TransformTask.Settings(7, 4, 5));
        // at the mean, 7 from the posterior of which the ELBO has one, 4 from the prior
        assertEquals(Map.of("encoder", 1, "prior", 1, "decoder", 1 + 7 + 4), counted.take());
    }

    static Stream<Architecture> architectures() {
        Architecture conditional = architecture(Variant.CVAE_2);
        return Stream.concat(
                Arrays.stream(Variant.values()).map(NetworkRunsTest::architecture),
                Stream.of(
                        conditional.withPrior(new PriorSpec(PriorSpec.Type.VAMP, 4, false)),
                        conditional.withPrior(new PriorSpec(PriorSpec.Type.MIXTURE, 3, true)),
                        conditional.withObjective(new ObjectiveSpec(ObjectiveSpec.Type.IWAE, 3, 1)),
                        conditional.withObjective(new ObjectiveSpec(ObjectiveSpec.Type.ELBO, 3, 1))));
    }

    /** Nothing that is kept is overwritten by what is computed later, in whatever order. */
    @ParameterizedTest
    @MethodSource("architectures")
    void aColumnIsTheSameAloneAndAmongAll(Architecture architecture) {
        boolean random = architecture.variant().hasPrior();
        TransformTask.Settings settings = new TransformTask.Settings(3, random ? 2 : 0, 5);
        List<RowOutput> outputs = all(architecture);
        Map<RowOutput, Object[]> alone = new EnumMap<>(RowOutput.class);
        for (RowOutput output : outputs) {
            alone.putAll(compute(block(architecture, true), List.of(output), settings));
        }
        RowInference inference = block(architecture, true);
        for (int turn = 0; turn < outputs.size(); turn++) {
            List<RowOutput> order = new ArrayList<>(outputs);
            Collections.rotate(order, turn);
            if (turn % 2 == 1) {
                Collections.reverse(order);
            }
            fill(inference, 500, false); // other rows in the same memory
            compute(inference, order, settings);
            fill(inference, 0, true);
            List<RowOutput> twice =
                    Stream.concat(order.stream(), order.stream()).toList();
            compute(inference, twice, settings)
                    .forEach((output, column) -> assertArrayEquals(alone.get(output), column, output + " of " + order));
        }
    }

    /** Rows that are added after a result make another block. */
    @Test
    void addingARowForgetsTheResults() {
        Architecture architecture = architecture(Variant.CVAE_1);
        RowInference inference = block(architecture, false);
        double[] before = elbo(inference, ROWS + 1);
        inference.add(new float[] {0f, 1f, 0f, 0f, 1f}, 0, 1f, 77);
        double[] after = elbo(inference, ROWS + 1);
        assertArrayEquals(Arrays.copyOf(before, ROWS), Arrays.copyOf(after, ROWS));
        assertFalse(before[ROWS] == after[ROWS], "the row that was added");
    }

    private static double[] elbo(RowInference inference, int rows) {
        RowLosses losses = inference.losses();
        return IntStream.range(0, rows)
                .mapToDouble(r -> -losses.reconstruction()[r] - losses.kl()[r])
                .toArray();
    }
}
