package io.cvaespark.model;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.nn.Gradient;
import io.cvaespark.nn.Layer;
import io.cvaespark.nn.Tensor;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Models that count how often each of their networks runs forward. */
public final class CountedNetworks {
    private final Map<String, Integer> runs = new TreeMap<>();

    /** The model of {@code architecture}, counted here. */
    public CvaeNetwork of(Architecture architecture) {
        return new CvaeNetwork(
                architecture, network -> network.followedBy(new Counter(network.name(), network.outputWidth())));
    }

    /** Runs by the network's name since this was last asked. */
    public Map<String, Integer> take() {
        Map<String, Integer> taken = new TreeMap<>(runs);
        runs.clear();
        return taken;
    }

    /** Gives what it gets. */
    private final class Counter implements Layer {
        private final String name;
        private final int width;

        Counter(String name, int width) {
            this.name = name;
            this.width = width;
        }

        @Override
        public int inputWidth() {
            return width;
        }

        @Override
        public int outputWidth() {
            return width;
        }

        @Override
        public List<Tensor> tensors() {
            return List.of();
        }

        @Override
        public void initialize(long seed, float[] parameters, int offset) {
            // has no parameters
        }

        @Override
        public Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace) {
            runs.merge(name, 1, Integer::sum);
            return new Trace(input, input, input, List.of());
        }

        @Override
        public void backward(
                float[] parameters,
                int offset,
                Trace trace,
                Matrix outputGradient,
                @Nullable Matrix inputGradient,
                Gradient gradient,
                Workspace workspace) {
            throw new UnsupportedOperationException("Inference has no gradient");
        }
    }
}
