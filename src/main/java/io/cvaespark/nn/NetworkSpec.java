package io.cvaespark.nn;

import java.io.Serializable;
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
     * Builds the decoder that generates x column by column.
     *
     * @param input z, and c or not; x follows it
     * @param columns of x and η
     */
    public Network autoregressive(
            String name, Input input, AutoregressiveSpec spec, List<AutoregressiveSpec.Site> columns, int offset) {
        NetworkBuilder given = new NetworkBuilder(this, name, null, input.own());
        int width = input.own();
        if (input.conditions() != null) {
            width += input.conditions().width();
            given.joinConditions(input.conditions());
        }
        int targets = columns.stream().mapToInt(AutoregressiveSpec.Site::width).sum();
        Layer layer = new Autoregressive(
                new Autoregressive.Given(width, given.layers()),
                targets,
                spec.columns(columns),
                activation,
                dropout,
                spec.anyOrder());
        return new Network(name, List.of(layer), offset);
    }

    /**
     * Builds a network from the layers {@code hidden} and a last layer with {@code outputWidth} outputs.
     *
     * <p>The last layer is dense, unless the last hidden layer is a convolution with exactly {@code outputWidth}
     * outputs: then this convolution is the last layer. The conditions, which follow the image in the input, bypass the
     * convolutions and join at the first dense layer, or they join the image as channels if their {@link ConditionSpec}
     * says so.
     */
    public Network network(String name, Input input, List<LayerSpec> hidden, int outputWidth, int offset) {
        NetworkBuilder builder =
                new NetworkBuilder(this, name, input.isX() && image != null ? ImageShape.of(image) : null, input.own());
        if (input.conditions() != null) {
            builder.joinConditions(input.conditions());
        }
        builder.addHidden(hidden, outputWidth);
        return builder.build(outputWidth, offset);
    }
}
