package io.cvaespark.nn;

import java.io.Serializable;
import java.util.ArrayList;
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
 * @param logCounts whether networks that see x see ln(1 + x) of its counts, which have no bound
 */
public record NetworkSpec(
        Activation activation, @Nullable List<Integer> image, boolean layerNorm, boolean residual, boolean logCounts)
        implements Serializable {

    public NetworkSpec {
        image = image == null ? null : List.copyOf(image);
        if (image != null && (image.size() != 3 || image.stream().anyMatch(n -> n < 1))) {
            throw new IllegalArgumentException(
                    "image must be [channels, height, width], such as [1, 28, 28], found " + image);
        }
    }

    /** Dense layers with nothing between. */
    public static NetworkSpec plain(Activation activation) {
        return new NetworkSpec(activation, null, false, false, false);
    }

    /** The same, with or without logarithms of counts. */
    public NetworkSpec withLogCounts(boolean wanted) {
        return new NetworkSpec(activation, image, layerNorm, residual, wanted);
    }

    /** Values of x as an image; 0 where it is none. */
    public int imageSize() {
        return image == null ? 0 : image.stream().reduce(1, Math::multiplyExact);
    }

    /**
     * A network of {@code hidden} layers and a last one that gives {@code outputWidth} values.
     *
     * <p>The last layer is dense, unless the last hidden one is a convolution that gives just as many values: then it is
     * itself the last. What lies behind the image in the input, the conditions, passes the convolutions by and joins at the first
     * dense layer.
     *
     * @param seesImage whether the input begins with x
     */
    public Network network(
            String name, boolean seesImage, int inputWidth, List<LayerSpec> hidden, int outputWidth, int offset) {
        Builder builder = new Builder(name, seesImage ? shape(image) : null, inputWidth);
        for (int i = 0; i < hidden.size(); i++) {
            LayerSpec spec = hidden.get(i);
            boolean last = i == hidden.size() - 1;
            boolean beforeConvolution = !last && hidden.get(i + 1).kind() != LayerSpec.Kind.DENSE;
            if (spec.kind() == LayerSpec.Kind.DENSE) {
                builder.dense(spec);
            } else {
                builder.convolution(spec, beforeConvolution, last ? outputWidth : -1);
            }
        }
        if (!builder.ended) {
            builder.layers.add(new Dense(builder.width, outputWidth, Activation.IDENTITY));
        }
        return new Network(name, builder.layers, offset);
    }

    private static @Nullable ImageShape shape(@Nullable List<Integer> sizes) {
        return sizes == null
                ? null
                : new ImageShape(sizes.get(0), sizes.get(1), sizes.get(2), ImageShape.Layout.CHANNELS_FIRST);
    }

    /** A network on its way: its layers, and what the last of them gives. */
    private final class Builder {
        private final String name;
        private final List<Layer> layers = new ArrayList<>();
        private @Nullable ImageShape current;
        private int width;
        private boolean ended;

        Builder(String name, @Nullable ImageShape current, int width) {
            this.name = name;
            this.current = current;
            this.width = width;
        }

        void dense(LayerSpec spec) {
            boolean block = residual && !layers.isEmpty() && spec.width() == width;
            boolean normalizedAfterwards = layerNorm && !block;
            Dense dense = new Dense(width, spec.width(), normalizedAfterwards ? Activation.IDENTITY : activation);
            layers.add(block ? new Residual(dense) : dense);
            if (layerNorm) {
                layers.add(new LayerNorm(spec.width(), block ? Activation.IDENTITY : activation));
            }
            width = spec.width();
            current = shape(spec.reshape());
        }

        void convolution(LayerSpec spec, boolean beforeConvolution, int outputWidth) {
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
            ended = passed == 0 && output.size() == outputWidth;
            Activation after = ended ? Activation.IDENTITY : activation;
            layers.add(
                    transposed
                            ? new ConvTranspose2d(input, spec.width(), layout, kernel, passed, after)
                            : new Conv2d(input, spec.width(), layout, kernel, passed, after));
            current = output;
            width = output.size() + passed;
        }
    }
}
