package io.cvaespark.nn;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A description of a hidden {@link Conv2d} or {@link ConvTranspose2d} layer: in JSON {@code {conv: 32, kernel: 3,
 * stride: 2, padding: 1}} or {@code {convTranspose: 32, kernel: 4, stride: 2, padding: 1}}.
 *
 * @param kind {@value #CONV} or {@value #CONV_TRANSPOSE}
 * @param width the number of channels of the output
 * @param kernel the height and width of the kernel
 */
record ConvolutionSpec(String kind, int width, int kernel, int stride, int padding) implements LayerSpec {
    static final String CONV = "conv";
    static final String CONV_TRANSPOSE = "convTranspose";

    ConvolutionSpec {
        LayerSpec.requireWidth(kind, width);
        if (kernel < 1 || stride < 1 || padding < 0) {
            throw new IllegalArgumentException(
                    "%s: %s needs kernel and stride of at least 1 and padding of at least 0, found kernel %s, stride %s, padding %s"
                            .formatted(kind, width, kernel, stride, padding));
        }
    }

    static ConvolutionSpec read(String kind, JsonNode node) {
        LayerSpec.requireKnownKeys(kind, node, List.of(kind, "kernel", "stride", "padding"));
        int width = node.get(kind).intValue();
        if (!node.path("kernel").isIntegralNumber()) {
            throw new IllegalArgumentException("%s: %s needs a kernel, such as 3".formatted(kind, width));
        }
        return new ConvolutionSpec(
                kind,
                width,
                node.get("kernel").intValue(),
                node.path("stride").asInt(1),
                node.path("padding").asInt(0));
    }

    @Override
    public boolean takesImage() {
        return true;
    }

    /** Appends the convolution. If it has as many outputs as the network, it is the network's last layer. */
    @Override
    public void addTo(NetworkBuilder network, boolean beforeImage, int outputWidth) {
        ImageShape input = network.image();
        if (input == null) {
            throw new IllegalArgumentException(
                    "%s of network %s needs an image: set model.image, such as [1, 28, 28], or reshape in the dense layer before it"
                            .formatted(json(), network.name()));
        }
        Kernel window = new Kernel(kernel, stride, padding);
        ImageShape.Layout layout = beforeImage ? ImageShape.Layout.CHANNELS_LAST : ImageShape.Layout.CHANNELS_FIRST;
        int passed = network.width() - input.size();
        boolean transposed = kind.equals(CONV_TRANSPOSE);
        ImageShape output =
                transposed ? window.transposed(input, width, layout) : window.convolved(input, width, layout);
        boolean last = passed == 0 && output.size() == outputWidth;
        Activation after = last ? Activation.IDENTITY : network.activation();
        Layer layer = transposed
                ? new ConvTranspose2d(input, width, layout, window, passed, after)
                : new Conv2d(input, width, layout, window, passed, after);
        network.addHidden(layer);
        network.setImage(output);
        if (last) {
            network.end();
        }
    }

    @Override
    public Object json() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(kind, width);
        map.put("kernel", kernel);
        map.put("stride", stride);
        map.put("padding", padding);
        return map;
    }
}
