package io.cvaespark.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.model.ObjectiveSpec;
import io.cvaespark.model.Variant;
import io.cvaespark.model.prior.PriorSpec;
import io.cvaespark.nn.Activation;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The model section: what its keys become, and what does not go together. */
class ModelConfigTest {

    private static ModelConfig model(String yaml) {
        return JobReader.read("model: " + yaml, "test", List.of()).model();
    }

    @Test
    void objectivesAndPriorsHaveTheirDefaults() {
        assertEquals(ObjectiveSpec.ELBO, model("{}").toObjective());
        assertEquals(0.5, model("{variant: cvae-3}").toObjective().alpha());
        assertEquals(1.0, model("{variant: m2}").toObjective().alpha(), 1e-12);
        assertEquals(
                0.2, model("{variant: m2, labelledShare: 0.5}").toObjective().alpha(), 1e-12);
        assertEquals(50, model("{objective: iwae}").toObjective().draws());
        assertEquals(
                new ObjectiveSpec(ObjectiveSpec.Type.ELBO_MONTE_CARLO, 3, 1),
                model("{objective: elbo-monte-carlo, samplesPerRow: 3}").toObjective());
        assertEquals(
                PriorSpec.of(PriorSpec.Type.LEARNED), model("{variant: cvae-1}").toPrior());
        assertEquals(
                new PriorSpec(PriorSpec.Type.VAMP, 20, false),
                model("{prior: vamp}").toPrior());
        assertEquals(
                new PriorSpec(PriorSpec.Type.MIXTURE, 7, true),
                model("{prior: {type: mixture, components: 7, weights: condition}}")
                        .toPrior());
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of("{variant: CVAE_1}", new String[] {"model.variant", "'CVAE_1'"}),
                Arguments.of("{variant: gan}", names(Variant.values())),
                Arguments.of(
                        "{activation: gelu}", names(Activation.ofHiddenLayers().toArray())),
                Arguments.of("{activation: identity}", new String[] {"model.activation", "'identity'"}),
                Arguments.of("{labelledShare: 1.5, variant: m2}", new String[] {"labelledShare", "between 0 and 1"}),
                Arguments.of("{variant: m2, alpha: -1}", new String[] {"model.alpha", "at least 0", "-1"}),
                Arguments.of("{objective: elbow}", new String[] {"elbo, elbo-monte-carlo or iwae", "'elbow'"}),
                Arguments.of("{variant: m2, objective: iwae}", new String[] {"iwae", "m2"}),
                Arguments.of("{variant: ae, samplesPerRow: 4}", new String[] {"samplesPerRow", "ae"}),
                Arguments.of("{samplesPerRow: 0}", new String[] {"samplesPerRow", "at least 1", "0"}),
                Arguments.of("{alpha: 0.5}", new String[] {"alpha", "cvae-3", "cvae-2"}),
                Arguments.of("{variant: cvae-3, alpha: 1.5}", new String[] {"alpha", "between 0 and 1", "1.5"}),
                Arguments.of("{labelledShare: 0.5}", new String[] {"labelledShare", "m2"}),
                Arguments.of("{prior: gaussian}", new String[] {"'gaussian'", "standard, learned, mixture or vamp"}),
                Arguments.of("{prior: {type: standard, components: 3}}", new String[] {"components", "standard"}),
                Arguments.of("{prior: {type: vamp, weights: condition}}", new String[] {"weights", "vamp"}),
                Arguments.of("{variant: cvae-3, prior: vamp}", new String[] {"prior", "cvae-3"}),
                Arguments.of("{image: [28, 28]}", new String[] {"[channels, height, width]", "[28, 28]"}),
                Arguments.of("{dropout: 1}", new String[] {"dropout", "from 0 to 0.99", "1.0"}),
                Arguments.of("{dropout: 0.9999999999}", new String[] {"dropout", "from 0 to 0.99", "0.9999999999"}),
                Arguments.of("{conditionImage: [4]}", new String[] {"conditionImage", "[channels, height, width]"}),
                Arguments.of("{joinConditions: early}", new String[] {"dense or channels", "'early'"}),
                Arguments.of("{joinConditions: channels}", new String[] {"model.image", "conv"}),
                Arguments.of("{hidden: [{conv: 3}]}", new String[] {"conv", "kernel"}),
                Arguments.of("{hidden: [{conv: 3, kernels: 2}]}", new String[] {"'kernels'", "kernel, stride"}),
                Arguments.of(
                        "{hidden: [{dense: 12, reshape: [1, 5, 2]}]}", new String[] {"reshape", "12", "[1, 5, 2]"}),
                Arguments.of("{hidden: [0]}", new String[] {"at least 1", "0"}),
                Arguments.of("{hidden: [{pool: 2}]}", new String[] {"conv", "pool"}));
    }

    private static String[] names(Object[] values) {
        return Stream.of(values).map(Object::toString).toArray(String[]::new);
    }

    @Test
    void everyVariantAndActivationIsFoundByItsName() {
        for (Variant variant : Variant.values()) {
            assertEquals(variant, model("{variant: " + variant + "}").variant());
        }
        for (Activation activation : Activation.ofHiddenLayers()) {
            assertEquals(
                    activation,
                    model("{activation: " + activation + "}").toNetworks().activation());
        }
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void whatDoesNotGoTogetherIsSaid(String yaml, String[] named) {
        ExpectedError.of(IllegalArgumentException.class, () -> model(yaml), named);
    }

    @Test
    void layersComeBackAsTheyWereWritten() {
        String layers =
                "{encoder: [{conv: 3, kernel: 3, stride: 2, padding: 1}, 8], decoder: [{dense: 12, reshape: [3, 2, 2]}], condition: [5]}";
        ModelConfig read = model("{image: [1, 4, 4], dropout: 0.5, joinConditions: channels, hidden: " + layers + "}");
        ModelConfig again =
                model(io.cvaespark.data.Json.MAPPER.valueToTree(read).toString());
        assertEquals(read, again);
        assertTrue(read.hidden().uniformWidths() == null);
        assertEquals(List.of(8, 8), model("{hidden: [8, 8]}").hidden().uniformWidths());
    }
}
