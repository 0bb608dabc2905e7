package io.cvaespark.nn;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How networks are made of their hidden layers, as data.
 *
 * @param activation after every layer but each network's last
 * @param image channels, height and width of x, where it is an image and networks that see it may begin with convolutions; null:
 *     it is none
 * @param layerNorm whether hidden dense layers are normalised
 * @param residual whether hidden dense layers as wide as the one before are residual blocks
 * @param dropout share of the values of hidden dense layers that a training step drops; 0: none
 * @param logCounts whether networks that see x see ln(1 + x) of its counts, which have no bound
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

    /** Dense layers with nothing between. */
    public static NetworkSpec plain(Activation activation) {
        return new NetworkSpec(activation, null, false, false, 0, false);
    }

    /** The same, with or without logarithms of counts. */
    public NetworkSpec withLogCounts(boolean wanted) {
        return new NetworkSpec(activation, image, layerNorm, residual, dropout, wanted);
    }

    /** Values of x as an image; 0 where it is none. */
    public int imageSize() {
        return image == null ? 0 : ImageShape.size(image);
    }

    /**
     * What a network sees: x, z or nothing, then c or nothing.
     *
     * @param own floats of x or z; 0: c alone
     * @param isX whether they are x, an image perhaps
     * @param conditions of c; null: the network does not see it
     */
    public record Input(int own, boolean isX, @Nullable ConditionSpec conditions) {}

    /**
     * A network of {@code hidden} layers and a last one that gives {@code outputWidth} values.
     *
     * <p>The last layer is dense, unless the last hidden one is a convolution that gives just as many values: then it is
     * itself the last. What lies behind the image in the input, the conditions, passes the convolutions by and joins at the first
     * dense layer, or joins the image as channels where its {@link ConditionSpec} says so.
     */
    public Network network(String name, Input input, List<LayerSpec> hidden, int outputWidth, int offset) {
        NetworkBuilder builder =
                new NetworkBuilder(this, name, input.isX() && image != null ? ImageShape.of(image) : null, input.own());
        if (input.conditions() != null) {
            builder.join(input.conditions());
        }
        builder.addHidden(hidden, outputWidth);
        return builder.build(outputWidth, offset);
    }
}
