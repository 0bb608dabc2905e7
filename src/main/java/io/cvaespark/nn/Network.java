package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A network: a named list of layers over consecutive ranges of the flat parameter array, beginning at {@code offset}.
 */
public record Network(String name, List<Layer> layers, int offset) {
    /** The longest array that a JVM can make. */
    private static final int MOST_PARAMETERS = Integer.MAX_VALUE - 8;

    /** The traces of one forward call, layer by layer. */
    public record Trace(List<Layer.Trace> layers) {
        /** The network's output [B×out]. */
        public Matrix output() {
            return layers.get(layers.size() - 1).output();
        }
    }

    public Network {
        layers = List.copyOf(layers);
        for (int i = 1; i < layers.size(); i++) {
            if (layers.get(i).inputWidth() != layers.get(i - 1).outputWidth()) {
                throw new IllegalArgumentException("Layer %s.%s takes %s inputs, but the layer before gives %s"
                        .formatted(
                                name,
                                i,
                                layers.get(i).inputWidth(),
                                layers.get(i - 1).outputWidth()));
            }
        }
    }

    /** Returns this network with one more layer at its end. */
    public Network followedBy(Layer layer) {
        List<Layer> all = new ArrayList<>(layers);
        all.add(layer);
        return new Network(name, all, offset);
    }

    /** Returns this network over parameters that begin at {@code otherOffset}. */
    Network at(int otherOffset) {
        return new Network(name, layers, otherOffset);
    }

    /** The index after the network's last parameter. */
    public int end() {
        long end = offset + layers.stream().mapToLong(Layer::parameterCount).sum();
        if (end > MOST_PARAMETERS) {
            throw new IllegalArgumentException(
                    "The networks have %s parameters or more, and %s is the most there can be; make model.hidden narrower"
                            .formatted(end, MOST_PARAMETERS));
        }
        return (int) end;
    }

    public int inputWidth() {
        return layers.get(0).inputWidth();
    }

    public int outputWidth() {
        return layers.get(layers.size() - 1).outputWidth();
    }

    /** All tensors in the order of the parameters, named {@code name.layer.tensor}. */
    public List<Tensor> tensors() {
        List<Tensor> tensors = new ArrayList<>();
        int base = offset;
        for (int i = 0; i < layers.size(); i++) {
            for (Tensor t : layers.get(i).tensors()) {
                tensors.add(t.within(name + "." + i, base));
            }
            base += layers.get(i).parameterCount();
        }
        return tensors;
    }

    /**
     * Fills the network's parameters with initial values, which are a pure function of {@code seed} and the offsets.
     */
    public void initialize(long seed, float[] parameters) {
        int at = offset;
        for (Layer layer : layers) {
            layer.initialize(seed, parameters, at);
            at += layer.parameterCount();
        }
    }

    public Trace forward(float[] parameters, Matrix input, Workspace workspace) {
        return forward(parameters, input, null, workspace);
    }

    /**
     * Computes the output in a training step, in which layers may drop values.
     *
     * @param keys a noise key for each row; null if nothing is to be dropped
     */
    public Trace forward(float[] parameters, Matrix input, long @Nullable [] keys, Workspace workspace) {
        List<Layer.Trace> traces = new ArrayList<>(layers.size());
        Matrix x = input;
        int at = offset;
        for (Layer layer : layers) {
            Layer.Trace trace = layer.forward(parameters, at, x, keys, workspace);
            traces.add(trace);
            x = trace.output();
            at += layer.parameterCount();
        }
        return new Trace(traces);
    }

    /**
     * Adds the gradient of the network's parameters to {@code gradient}; see {@link Layer#backward}.
     *
     * @param inputGradient [B×w], receives the gradient of the input's first w columns; null if it is not needed
     */
    public void backward(
            float[] parameters,
            Trace trace,
            Matrix outputGradient,
            @Nullable Matrix inputGradient,
            Gradient gradient,
            Workspace workspace) {
        Matrix d = outputGradient;
        int at = end();
        int first = inputGradient == null ? firstWithParameters() : 0;
        for (int i = layers.size() - 1; i >= first; i--) {
            Layer layer = layers.get(i);
            at -= layer.parameterCount();
            Matrix dx = i > first ? workspace.matrix(d.rows(), layer.inputWidth()) : inputGradient;
            layer.backward(parameters, at, trace.layers().get(i), d, dx, gradient, workspace);
            if (dx != null) {
                d = dx;
            }
        }
    }

    /** The index of the first layer with parameters: no layer before it needs a gradient. */
    private int firstWithParameters() {
        int first = 0;
        while (first < layers.size() - 1 && layers.get(first).tensors().isEmpty()) {
            first++;
        }
        return first;
    }
}
