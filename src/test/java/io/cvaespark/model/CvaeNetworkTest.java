package io.cvaespark.model;

import static io.cvaespark.TestArrays.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.cvaespark.ExpectedError;
import io.cvaespark.batch.Batch;
import io.cvaespark.dist.LikelihoodFixtures;
import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.prior.PriorSpec;
import io.cvaespark.nn.Activation;
import io.cvaespark.nn.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The networks of every variant: what they see, and how their parameters lie. */
class CvaeNetworkTest {
    private static final List<LikelihoodSpec> FIELDS = LikelihoodFixtures.mixedFields();

    @ParameterizedTest
    @EnumSource
    void tensorsCoverTheParametersWithoutAGap(Variant variant) {
        CvaeNetwork network = Models.network(variant, FIELDS);
        int at = 0;
        for (Tensor t : network.tensors()) {
            assertEquals(at, t.offset(), t.name());
            at += t.size();
        }
        assertEquals(at, network.parameterCount());
        List<String> names = network.tensors().stream()
                .map(t -> t.name().substring(0, t.name().indexOf('.')))
                .distinct()
                .toList();
        List<String> expected = new ArrayList<>(List.of("encoder", "prior", "decoder", "classifier"));
        if (variant.prior() != PriorSpec.Type.LEARNED) {
            expected.remove("prior");
        }
        if (!variant.hasClassifier()) {
            expected.remove("classifier");
        }
        if (!variant.hasLatent()) {
            expected.remove("encoder");
        }
        assertEquals(expected, names);
    }

    @ParameterizedTest
    @EnumSource
    void networksAreAsWideAsWhatTheySee(Variant variant) {
        CvaeNetwork network = Models.network(variant, FIELDS);
        int x = FIELDS.stream()
                .mapToInt(f -> f.codeCount() > 0 ? f.codeCount() : f.width()) // a code is seen as one-hot
                .sum();
        int c = network.architecture().conditionWidth();
        int z = Models.LATENT;
        boolean point = variant.posterior() == Variant.Posterior.POINT;
        if (network.encoder() == null) {
            assertEquals(c, network.decoder().inputWidth());
            return;
        }
        assertEquals(
                x + (variant.posteriorSeesCondition() ? c : 0),
                network.encoder().inputWidth());
        assertEquals(point ? z : 2 * z, network.encoder().outputWidth());
        assertEquals(
                z + (variant.decoderSeesCondition() ? c : 0), network.decoder().inputWidth());
        assertEquals(network.likelihood().etaWidth(), network.decoder().outputWidth());
        var prior = network.prior();
        if (prior != null) {
            assertEquals(c, prior.inputWidth());
            assertEquals(2 * z, prior.outputWidth());
        }
    }

    /** Changing a condition changes exactly what is said to see it. */
    @ParameterizedTest
    @EnumSource
    void networksSeeTheConditionsTheVariantShowsThem(Variant variant) {
        CvaeNetwork network = Models.network(variant, FIELDS);
        if (network.architecture().conditionWidth() == 0) {
            assertFalse(variant.posteriorSeesCondition() || variant.decoderSeesCondition());
            return;
        }
        float[] parameters = Models.parameters(network, 1);
        Batch batch = Models.batch(network, 2, 0);
        float[][] before = outputs(network, parameters, batch);
        batch.c().set(0, 0, 9f);
        float[][] after = outputs(network, parameters, batch);
        assertEquals(variant.posteriorSeesCondition(), !Arrays.equals(before[0], after[0]), "encoder");
        assertEquals(variant.prior() == PriorSpec.Type.LEARNED, !Arrays.equals(before[1], after[1]), "prior");
        assertEquals(variant.decoderSeesCondition(), !Arrays.equals(before[2], after[2]), "decoder");
    }

    private static float[][] outputs(CvaeNetwork network, float[] parameters, Batch batch) {
        Workspace workspace = new Workspace(Blas.openBlas());
        var prior = network.prior(parameters, batch.c(), workspace);
        var decoderInput = network.decoderInput(batch, workspace);
        network.latentOf(decoderInput).fill(0.5f);
        return new float[][] {
            network.encoder() == null
                    ? new float[0]
                    : network.encode(parameters, batch, workspace).output().toArray(),
            prior == null ? new float[0] : prior.output().toArray(),
            network.decode(parameters, decoderInput, workspace).output().toArray()
        };
    }

    @ParameterizedTest
    @EnumSource
    void initialParametersAreAPureFunctionOfTheSeed(Variant variant) {
        CvaeNetwork network = Models.network(variant, FIELDS);
        float[] first = network.initialize(1);
        assertSameBits(first, Models.network(variant, FIELDS).initialize(1), "seed 1");
        assertFalse(Arrays.equals(first, network.initialize(2)), "seed 2");
    }

    /** 794-512-512-64 and 42-512-512-784, as in the design: 1,389,392 parameters, 7.5 million operations a row. */
    @Test
    void theReferenceModelHasItsSize() {
        List<Integer> hidden = List.of(512, 512);
        CvaeNetwork network = new CvaeNetwork(Architecture.dense(
                Variant.CVAE_2,
                List.of(new LikelihoodSpec("bernoulli", 784)),
                10,
                32,
                hidden,
                hidden,
                hidden,
                Activation.RELU));
        assertEquals(1_389_392, network.parameterCount());
        assertEquals(2 * (3L * 1_389_392 - 794 * 512 - 42 * 512), network.trainingOperationsPerRow());
    }

    @Test
    void impossibleArchitecturesAreNamed() {
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> architecture(Variant.CVAE_1, FIELDS, 0, 2),
                "cvae-1",
                "condition");
        ExpectedError.of(IllegalArgumentException.class, () -> architecture(Variant.VAE, FIELDS, 0, 0), "latent", "0");
        ExpectedError.of(
                IllegalArgumentException.class, () -> architecture(Variant.VAE, List.of(), 0, 2), "target column");
    }

    private static Architecture architecture(Variant variant, List<LikelihoodSpec> fields, int conditions, int latent) {
        return Architecture.dense(
                variant, fields, conditions, latent, List.of(), List.of(), List.of(), Activation.RELU);
    }

    /** Only the decoder's condition weights change, and only where z would be louder than c. */
    @ParameterizedTest
    @EnumSource
    void conditionsStartAsLoudAsTheLatent(Variant variant) {
        CvaeNetwork network = Models.network(variant, FIELDS);
        float[] plain = network.initialize(3);
        float[] loud = network.initialize(3, 0.5);
        if (!variant.hasLatent()) {
            assertSameBits(plain, loud, "no latent to be heard beside");
            return;
        }
        assertSameBits(plain, network.initialize(3, Models.LATENT + 1.0), "loud conditions are left alone");
        int width = network.decoder().inputWidth();
        int conditionWeights = width * 5;
        for (int i = 0; i < plain.length; i++) {
            int inDecoder = i - network.decoder().offset();
            boolean scaled = inDecoder >= 0 && inDecoder < conditionWeights && inDecoder % width >= Models.LATENT;
            assertEquals(scaled ? 2f * plain[i] : plain[i], loud[i], "parameter " + i);
        }
    }
}
