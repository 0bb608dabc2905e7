package io.cvaespark.nn;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Builds a network layer by layer; it knows the shape of the last layer's output. */
public final class NetworkBuilder {
    /** An output width that no layer has: no hidden layer can be the network's last layer then. */
    static final int NO_OUTPUT = -1;

    private final NetworkSpec spec;
    private final String name;
    private final List<Layer> layers = new ArrayList<>();
    private @Nullable ImageShape image;
    private int width;
    private boolean hasHidden;
    private boolean hasOutputLayer;

    /**
     * @param image the image in the first columns of the input; null if there is none
     * @param width the number of columns of the input
     */
    NetworkBuilder(NetworkSpec spec, String name, @Nullable ImageShape image, int width) {
        this.spec = spec;
        this.name = name;
        this.image = image;
        this.width = width;
    }

    String name() {
        return name;
    }

    /** The number of outputs of the last layer. */
    int width() {
        return width;
    }

    /** The image in the first outputs of the last layer; null if they are no image. */
    @Nullable
    ImageShape image() {
        return image;
    }

    void setImage(@Nullable ImageShape shape) {
        image = shape;
    }

    Activation activation() {
        return spec.activation();
    }

    List<Layer> layers() {
        return List.copyOf(layers);
    }

    /** Appends a hidden layer. */
    void addHidden(Layer layer) {
        layers.add(layer);
        hasHidden = true;
        width = layer.outputWidth();
    }

    /** Marks the last layer as the output layer of the network. */
    void end() {
        hasOutputLayer = true;
    }

    /**
     * Returns the network. Unless the last hidden layer is marked as the output layer, a dense output layer is
     * appended.
     */
    Network build(int outputWidth, int offset) {
        if (!hasOutputLayer) {
            layers.add(new Dense(width, outputWidth, Activation.IDENTITY));
        }
        return new Network(name, layers, offset);
    }

    /** Appends hidden layers. */
    void addHidden(List<LayerSpec> specs, int outputWidth) {
        for (int i = 0; i < specs.size(); i++) {
            boolean last = i == specs.size() - 1;
            boolean beforeImage = !last && specs.get(i + 1).takesImage();
            specs.get(i).addTo(this, beforeImage, last ? outputWidth : NO_OUTPUT);
        }
    }

    /**
     * Appends a dense layer with its normalisation and dropout; it becomes a residual block if the spec asks for that.
     */
    void addDense(int outputs) {
        boolean block = spec.residual() && hasHidden && outputs == width;
        boolean normalizedAfterwards = spec.layerNorm() && !block;
        Dense dense = new Dense(width, outputs, normalizedAfterwards ? Activation.IDENTITY : activation());
        Dropout drop = spec.dropout() > 0 ? new Dropout(outputs, spec.dropout()) : null;
        if (block) {
            addHidden(
                    new Residual(drop == null ? dense : new Branch(0, new Network("block", List.of(dense, drop), 0))));
        } else {
            addHidden(dense);
        }
        if (spec.layerNorm()) {
            addHidden(new LayerNorm(outputs, block ? Activation.IDENTITY : activation()));
        }
        if (drop != null && !block) {
            addHidden(drop);
        }
    }

    /**
     * Appends the layers that only the conditions go through, and then joins the conditions with the network's input.
     */
    void joinConditions(ConditionSpec c) {
        int own = width;
        ImageShape conditionImage = c.image() == null ? null : ImageShape.of(c.image());
        NetworkBuilder branch = new NetworkBuilder(spec, name + ".condition", conditionImage, c.width());
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
            image = branch.image;
        } else if (c.channels() && image != null) {
            joinAsChannels(image, branch.image);
        }
    }

    /**
     * Joins the conditions to the image x: a condition image becomes additional channels as it is, and each other value
     * becomes a constant channel.
     */
    private void joinAsChannels(ImageShape x, @Nullable ImageShape conditionImage) {
        ImageShape joined = x;
        if (conditionImage != null) {
            if (conditionImage.height() != x.height() || conditionImage.width() != x.width()) {
                throw new IllegalArgumentException(
                        "An image of %s x %s cannot join one of %s x %s as channels in network %s; leave joinConditions out"
                                .formatted(
                                        conditionImage.height(), conditionImage.width(), x.height(), x.width(), name));
            }
            joined = new ImageShape(x.channels() + conditionImage.channels(), x.height(), x.width(), x.layout());
        }
        int values = width - joined.size();
        if (values > 0) {
            ConditionPlanes planes = new ConditionPlanes(joined, values);
            layers.add(planes);
            joined = planes.output();
        }
        image = joined;
        width = joined.size();
    }
}
