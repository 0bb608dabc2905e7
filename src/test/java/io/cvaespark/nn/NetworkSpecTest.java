package io.cvaespark.nn;

import static io.cvaespark.nn.ImageShape.Layout.CHANNELS_FIRST;
import static io.cvaespark.nn.ImageShape.Layout.CHANNELS_LAST;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.ExpectedError;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Which layers come of which settings. */
class NetworkSpecTest {
    private static final Activation F = Activation.RELU;
    private static final List<Integer> IMAGE = List.of(1, 4, 6);
    private static final LayerSpec CONV = new ConvolutionSpec(ConvolutionSpec.CONV, 3, 3, 1, 1);
    private static final Kernel KERNEL = new Kernel(3, 1, 1);

    private static NetworkSpec spec(boolean layerNorm, boolean residual, double dropout) {
        return new NetworkSpec(F, IMAGE, layerNorm, residual, dropout, false);
    }

    private static List<Layer> layers(
            NetworkSpec spec, int own, boolean isX, @Nullable ConditionSpec c, List<LayerSpec> hidden) {
        return spec.network("net", new NetworkSpec.Input(own, isX, c), hidden, 2, 0)
                .layers();
    }

    @Test
    void dropoutFollowsEveryHiddenDenseLayer() {
        List<LayerSpec> hidden = LayerSpec.dense(List.of(5, 7));
        assertEquals(
                List.of(
                        new Dense(4, 5, F),
                        new Dropout(5, 0.2),
                        new Dense(5, 7, F),
                        new Dropout(7, 0.2),
                        new Dense(7, 2, Activation.IDENTITY)),
                layers(spec(false, false, 0.2), 4, false, null, hidden));
        assertEquals(
                List.of(
                        new Dense(4, 5, Activation.IDENTITY),
                        new LayerNorm(5, F),
                        new Dropout(5, 0.2),
                        new Dense(5, 2, Activation.IDENTITY)),
                layers(spec(true, false, 0.2), 4, false, null, LayerSpec.dense(List.of(5))));
    }

    /** What is dropped is dropped of the block's own part, not of what passes it. */
    @Test
    void inAResidualBlockDropoutIsInside() {
        assertEquals(
                List.of(
                        new Dense(5, 5, F),
                        new Dropout(5, 0.2),
                        new Residual(new Branch(
                                0, new Network("block", List.of(new Dense(5, 5, F), new Dropout(5, 0.2)), 0))),
                        new Dense(5, 2, Activation.IDENTITY)),
                layers(spec(false, true, 0.2), 5, false, null, LayerSpec.dense(List.of(5, 5))));
    }

    @Test
    void conditionsPassConvolutionsByOrJoinThemAsChannels() {
        ImageShape x = new ImageShape(1, 4, 6, CHANNELS_FIRST);
        List<LayerSpec> hidden = List.of(CONV);
        assertEquals(
                List.of(new Conv2d(x, 3, CHANNELS_FIRST, KERNEL, 2, F), new Dense(74, 2, Activation.IDENTITY)),
                layers(spec(false, false, 0), 24, true, ConditionSpec.plain(2), hidden));
        ConditionSpec channels = new ConditionSpec(2, List.of(), null, List.of(), true);
        assertEquals(
                List.of(
                        new ConditionPlanes(x, 2),
                        new Conv2d(new ImageShape(3, 4, 6, CHANNELS_FIRST), 3, CHANNELS_FIRST, KERNEL, 0, F),
                        new Dense(72, 2, Activation.IDENTITY)),
                layers(spec(false, false, 0), 24, true, channels, hidden));
        // an image of the same size is channels already
        ConditionSpec image = new ConditionSpec(48, List.of(), List.of(2, 4, 6), List.of(), true);
        assertEquals(
                new Conv2d(new ImageShape(3, 4, 6, CHANNELS_FIRST), 3, CHANNELS_FIRST, KERNEL, 0, F),
                layers(spec(false, false, 0), 24, true, image, hidden).get(0));
    }

    @Test
    void anImageConditionHasConvolutionsOfItsOwn() {
        ConditionSpec c = new ConditionSpec(13, List.of(), List.of(1, 2, 6), List.of(CONV, LayerSpec.dense(8)), false);
        Branch expected = new Branch(
                24,
                new Network(
                        "condition",
                        List.of(
                                new Conv2d(new ImageShape(1, 2, 6, CHANNELS_FIRST), 3, CHANNELS_FIRST, KERNEL, 1, F),
                                new Dense(37, 8, F)),
                        0));
        assertEquals(
                List.of(
                        expected,
                        new Conv2d(new ImageShape(1, 4, 6, CHANNELS_FIRST), 3, CHANNELS_FIRST, KERNEL, 8, F),
                        new Dense(80, 2, Activation.IDENTITY)),
                layers(spec(false, false, 0), 24, true, c, List.of(CONV)));
    }

    /** A learned prior, or a baseline, sees nothing but c. */
    @Test
    void aNetworkOfConditionsAloneMayConvolveTheirImage() {
        ConditionSpec c = new ConditionSpec(13, List.of(), List.of(1, 2, 6), List.of(), false);
        assertEquals(
                new Conv2d(new ImageShape(1, 2, 6, CHANNELS_FIRST), 3, CHANNELS_LAST, KERNEL, 1, F),
                layers(spec(false, false, 0), 0, false, c, List.of(CONV, CONV)).get(0));
    }

    @Test
    void embeddedConditionsAreLookedUpFirst() {
        ConditionSpec c = new ConditionSpec(3, List.of(new Embedding.Table(1, 100, 5)), null, List.of(), false);
        Embedding lookup = new Embedding(3, List.of(new Embedding.Table(1, 100, 5)));
        assertEquals(
                List.of(
                        new Branch(4, new Network("condition", List.of(lookup), 0)),
                        new Dense(11, 6, F),
                        new Dense(6, 2, Activation.IDENTITY)),
                layers(spec(false, false, 0), 4, false, c, LayerSpec.dense(List.of(6))));
    }

    @Test
    void whatDoesNotFitIsSaid() {
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> layers(
                        spec(false, false, 0),
                        24,
                        true,
                        new ConditionSpec(12, List.of(), List.of(1, 2, 6), List.of(), true),
                        List.of(CONV)),
                "2 x 6",
                "4 x 6",
                "joinConditions");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> new ConditionSpec(5, List.of(), List.of(1, 2, 6), List.of(), false),
                "12 values",
                "5");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> new ConditionSpec(13, List.of(new Embedding.Table(2, 3, 2)), List.of(1, 2, 6), List.of(), false),
                "begin with the image");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> layers(spec(false, false, 0), 3, false, null, List.of(CONV)),
                "needs an image",
                "model.image");
        ExpectedError.of(IllegalArgumentException.class, () -> spec(false, false, 1), "dropout", "below 1", "1.0");
    }
}
