package io.cvaespark.nn;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/**
 * A description of a hidden layer. In JSON it is a width, which stands for a dense layer, or an object whose first key
 * names the kind, such as {@code {conv: 32, kernel: 3}}.
 *
 * <p>A new kind of layer needs a class that implements {@link Layer}, which contains its spec, and a line in {@link
 * #KINDS}.
 */
public interface LayerSpec extends Serializable {

    /** A kind of layer for job files: its key, and the function that reads its JSON object. */
    record Kind(String key, Function<JsonNode, LayerSpec> reader) {}

    /** All kinds. */
    List<Kind> KINDS = List.of(
            new Kind(DenseSpec.KEY, DenseSpec::read),
            new Kind(ConvolutionSpec.CONV, node -> ConvolutionSpec.read(ConvolutionSpec.CONV, node)),
            new Kind(
                    ConvolutionSpec.CONV_TRANSPOSE,
                    node -> ConvolutionSpec.read(ConvolutionSpec.CONV_TRANSPOSE, node)));

    /** The number of outputs of a dense layer, or of channels of a convolution. */
    int width();

    /** True if the layer's input must be an image. */
    boolean takesImage();

    /**
     * Appends the layer, and what belongs to it, to a network that is being built.
     *
     * @param beforeImage true if the next layer takes an image
     * @param outputWidth the number of outputs of the network, if this is its last hidden layer; else
     *     {@link NetworkBuilder#NO_OUTPUT}
     */
    void addTo(NetworkBuilder network, boolean beforeImage, int outputWidth);

    /** The JSON form that {@link #of} reads. */
    @JsonValue
    Object json();

    /** Describes a dense layer. */
    static LayerSpec dense(int width) {
        return new DenseSpec(width, null);
    }

    /** Describes one dense layer for each width. */
    static List<LayerSpec> dense(List<Integer> widths) {
        return widths.stream().map(LayerSpec::dense).toList();
    }

    /** Reads a description from JSON; the error for anything else says what is expected. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static LayerSpec of(JsonNode node) {
        if (node.isIntegralNumber()) {
            return dense(node.intValue());
        }
        for (Kind kind : KINDS) {
            if (node.path(kind.key()).isIntegralNumber()) {
                return kind.reader().apply(node);
            }
        }
        throw new IllegalArgumentException("A hidden layer is a width, or %s with a whole number, found %s"
                .formatted(
                        KINDS.stream()
                                .map(kind -> "{%s: …}".formatted(kind.key()))
                                .collect(joining(" or ")),
                        node));
    }

    /** Throws if {@code node} has a key that the layer does not know. */
    static void requireKnownKeys(String kind, JsonNode node, List<String> known) {
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw new IllegalArgumentException(
                        "A hidden layer %s has no key '%s'; known: %s".formatted(kind, name, String.join(", ", known)));
            }
        }
    }

    /** Throws unless the width is at least 1. */
    static void requireWidth(String kind, int width) {
        if (width < 1) {
            throw new IllegalArgumentException(
                    "A hidden layer needs a width of at least 1, found %s: %s".formatted(kind, width));
        }
    }
}
