package io.cvaespark.nn;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A network that is being built: its layers so far, and the shape of the output of the last one. */
public final class NetworkBuilder {
    /** The width of the output of a network whose last hidden layer may not be its last layer. */
    static final int NO_OUTPUT = -1;

    private final NetworkSpec spec;
    private final String name;
    private final List<Layer> layers = new ArrayList<>();
    private @Nullable ImageShape image;
    private int width;
    private boolean hasHidden;
    private boolean ended;

    /** @param image the image in the first columns of the input, which has {@code width} columns; null: there is none */
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

    /** The image in the first outputs of the last layer; null where they are none. */
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

    /** Appends a hidden layer. */
    void addHidden(Layer layer) {
        layers.add(layer);
        hasHidden = true;
        width = layer.outputWidth();
    }

    /** Says that the last layer gives the network's output. */
    void end() {
        ended = true;
    }

    /** The network; a dense layer gives its output unless the last hidden layer does. */
    Network build(int outputWidth, int offset) {
        if (!ended) {
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

    /** Appends a dense layer with its normalisation and dropout; a residual block where the spec asks for it. */
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

    /** Appends the layers that only the conditions pass, and lets the conditions join the network's input. */
    void joinConditions(ConditionSpec c) {
        int own = width;
        ImageShape given = c.image() == null ? null : ImageShape.of(c.image());
        NetworkBuilder branch = new NetworkBuilder(spec, name + ".condition", given, c.width());
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

    /** An image of the same size is appended as channels of x; every other value becomes a channel of its own. */
    private void joinAsChannels(ImageShape x, @Nullable ImageShape given) {
        ImageShape joined = x;
        if (given != null) {
            if (given.height() != x.height() || given.width() != x.width()) {
                throw new IllegalArgumentException(
                        "An image of %s x %s cannot join one of %s x %s as channels in network %s; leave joinConditions out"
                                .formatted(given.height(), given.width(), x.height(), x.width(), name));
            }
            joined = new ImageShape(x.channels() + given.channels(), x.height(), x.width(), x.layout());
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
