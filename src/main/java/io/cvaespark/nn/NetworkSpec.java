package io.cvaespark.nn;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A description of how networks are built from their hidden layers.
 *
 * @param activation the activation of every layer but a network's last
 * @param image channels, height and width of x if x is an image, so that networks with x as input may begin with
 *     convolutions; else null
 * @param layerNorm true if hidden dense layers are followed by a layer normalisation
 * @param residual true if a hidden dense layer as wide as the layer before it becomes a residual block
 * @param dropout the share of the values of hidden dense layers that a training step drops; 0 for no dropout
 * @param logCounts true if the networks get ln(1 + x) in place of the counts in x, because counts have no upper bound
 */
public record NetworkSpec(
        Activation activation,
        @Nullable List<Integer> image,
        boolean layerNorm,
        boolean residual,
        double dropout,
        boolean logCounts)
        implements Serializable {

    public NetworkSpec {
        image = image == null ? null : ImageShape.checked("model.image", image);
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("model.dropout must be at least 0 and below 1, found " + dropout);
        }
    }

    /** An output width that no layer has: a convolution cannot be the network's last layer then. */
    private static final int NO_OUTPUT = -1;

    /** Describes networks of dense layers only. */
    public static NetworkSpec plain(Activation activation) {
        return new NetworkSpec(activation, null, false, false, 0, false);
    }

    /** Returns this description with {@code logCounts} set to {@code wanted}. */
    public NetworkSpec withLogCounts(boolean wanted) {
        return new NetworkSpec(activation, image, layerNorm, residual, dropout, wanted);
    }

    /** The number of floats of the image x; 0 if x is no image. */
    public int imageSize() {
        return image == null ? 0 : ImageShape.size(image);
    }

    /**
     * The inputs of a network: x, z or neither, followed by c or not.
     *
     * @param own the number of floats of x or z; 0 if c is the only input
     * @param isX true if these floats are x
     * @param conditions the description of c; null if c is no input
     */
    public record Input(int own, boolean isX, @Nullable ConditionSpec conditions) {}

    /**
     * Builds a network from the layers {@code hidden} and a last layer with {@code outputWidth} outputs.
     *
     * <p>The last layer is dense, unless the last hidden layer is a convolution with exactly {@code outputWidth}
     * outputs: then this convolution is the last layer. The conditions, which follow the image in the input, bypass the
     * convolutions and join at the first dense layer, or they join the image as channels if their {@link ConditionSpec}
     * says so.
     */
    public Network network(String name, Input input, List<LayerSpec> hidden, int outputWidth, int offset) {
        Builder builder = new Builder(name, input.isX() && image != null ? ImageShape.of(image) : null, input.own());
        if (input.conditions() != null) {
            builder.joinConditions(input.conditions());
        }
        builder.addHidden(hidden, outputWidth);
        if (!builder.hasOutputLayer) {
            builder.layers.add(new Dense(builder.width, outputWidth, Activation.IDENTITY));
        }
        return new Network(name, builder.layers, offset);
    }

    /** Builds a network layer by layer, and keeps the shape of the last layer's output. */
    private final class Builder {
        private final String name;
        private final List<Layer> layers = new ArrayList<>();
        private @Nullable ImageShape current;
        private int width;
        private boolean hasHidden;
        private boolean hasOutputLayer;

        Builder(String name, @Nullable ImageShape current, int width) {
            this.name = name;
            this.current = current;
            this.width = width;
        }

        /** Adds the layers that only c goes through, and then joins c. */
        void joinConditions(ConditionSpec c) {
            int own = width;
            ImageShape conditionImage = c.image() == null ? null : ImageShape.of(c.image());
            Builder branch = new Builder(name + ".condition", conditionImage, c.width());
            if (!c.embeddings().isEmpty()) {
                Embedding embedding = new Embedding(c.width(), c.embeddings());
                branch.layers.add(embedding);
                branch.width = embedding.outputWidth();
            }
            branch.addHidden(c.layers(), NO_OUTPUT);
            if (!branch.layers.isEmpty()) {
                layers.add(new Branch(own, new Network("condition", branch.layers, 0)));
            }
            width += branch.width;
            if (own == 0) {
                current = branch.current;
            } else if (c.channels() && current != null) {
                joinAsChannels(current, branch.current);
            }
        }

        /**
         * Joins c to the image x: a condition image becomes additional channels as it is, and each other value becomes
         * a constant channel.
         */
        private void joinAsChannels(ImageShape x, @Nullable ImageShape conditionImage) {
            ImageShape joined = x;
            if (conditionImage != null) {
                if (conditionImage.height() != x.height() || conditionImage.width() != x.width()) {
                    throw new IllegalArgumentException(
                            "An image of %s x %s cannot join one of %s x %s as channels in network %s; leave joinConditions out"
                                    .formatted(
                                            conditionImage.height(),
                                            conditionImage.width(),
                                            x.height(),
                                            x.width(),
                                            name));
                }
                joined = new ImageShape(x.channels() + conditionImage.channels(), x.height(), x.width(), x.layout());
            }
            int values = width - joined.size();
            if (values > 0) {
                ConditionPlanes planes = new ConditionPlanes(joined, values);
                layers.add(planes);
                joined = planes.output();
            }
            current = joined;
            width = joined.size();
        }

        void addHidden(List<LayerSpec> specs, int outputWidth) {
            for (int i = 0; i < specs.size(); i++) {
                LayerSpec spec = specs.get(i);
                boolean last = i == specs.size() - 1;
                boolean beforeConvolution = !last && specs.get(i + 1).kind() != LayerSpec.Kind.DENSE;
                if (spec.kind() == LayerSpec.Kind.DENSE) {
                    addDense(spec);
                } else {
                    addConvolution(spec, beforeConvolution, last ? outputWidth : NO_OUTPUT);
                }
            }
        }

        private void addDense(LayerSpec spec) {
            boolean block = residual && hasHidden && spec.width() == width;
            boolean normalizedAfterwards = layerNorm && !block;
            Dense dense = new Dense(width, spec.width(), normalizedAfterwards ? Activation.IDENTITY : activation);
            Dropout drop = dropout > 0 ? new Dropout(spec.width(), dropout) : null;
            if (block) {
                layers.add(new Residual(
                        drop == null ? dense : new Branch(0, new Network("block", List.of(dense, drop), 0))));
            } else {
                layers.add(dense);
            }
            if (layerNorm) {
                layers.add(new LayerNorm(spec.width(), block ? Activation.IDENTITY : activation));
            }
            if (drop != null && !block) {
                layers.add(drop);
            }
            hasHidden = true;
            width = spec.width();
            current = spec.reshape() == null ? null : ImageShape.of(spec.reshape());
        }

        private void addConvolution(LayerSpec spec, boolean beforeConvolution, int outputWidth) {
            ImageShape input = current;
            if (input == null) {
                throw new IllegalArgumentException(
                        "%s of network %s needs an image: set model.image, such as [1, 28, 28], or reshape in the dense layer before it"
                                .formatted(spec.json(), name));
            }
            Kernel kernel = new Kernel(spec.kernel(), spec.stride(), spec.padding());
            ImageShape.Layout layout =
                    beforeConvolution ? ImageShape.Layout.CHANNELS_LAST : ImageShape.Layout.CHANNELS_FIRST;
            int passed = width - input.size();
            boolean transposed = spec.kind() == LayerSpec.Kind.CONV_TRANSPOSE;
            ImageShape output = transposed
                    ? kernel.transposed(input, spec.width(), layout)
                    : kernel.convolved(input, spec.width(), layout);
            hasOutputLayer = passed == 0 && output.size() == outputWidth;
            Activation after = hasOutputLayer ? Activation.IDENTITY : activation;
            layers.add(
                    transposed
                            ? new ConvTranspose2d(input, spec.width(), layout, kernel, passed, after)
                            : new Conv2d(input, spec.width(), layout, kernel, passed, after));
            hasHidden = true;
            current = output;
            width = output.size() + passed;
        }
    }
}
