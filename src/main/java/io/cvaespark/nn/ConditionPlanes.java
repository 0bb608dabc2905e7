package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer that appends condition values to an image, each as one constant channel: y = [x | c_1·1 | c_2·1 | …].
 *
 * <p>Shapes: input [B × (C·H·W + n)], output [B × (C+n)·H·W], channels first. Backward: ∂c_k = Σ_pixels of the gradient
 * of its channel.
 *
 * @param image the shape of x, channels first
 * @param values n, the number of condition values
 */
public record ConditionPlanes(ImageShape image, int values) implements Layer {

    public ConditionPlanes {
        if (image.layout() != ImageShape.Layout.CHANNELS_FIRST || values < 1) {
            throw new IllegalArgumentException(
                    "Expected channels first and at least one value, found %s and %s".formatted(image, values));
        }
    }

    /** The shape of the image with the new channels. */
    public ImageShape output() {
        return new ImageShape(image.channels() + values, image.height(), image.width(), image.layout());
    }

    @Override
    public int inputWidth() {
        return Math.addExact(image.size(), values);
    }

    @Override
    public int outputWidth() {
        return output().size();
    }

    @Override
    public List<Tensor> tensors() {
        return List.of();
    }

    @Override
    public void initialize(long seed, float[] parameters, int offset) {}

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace) {
        Matrix.requireShape(input, input.rows(), inputWidth());
        Matrix y = workspace.matrix(input.rows(), outputWidth());
        y.columns(0, image.size()).copyFrom(input.columns(0, image.size()));
        for (int r = 0; r < y.rows(); r++) {
            for (int k = 0; k < values; k++) {
                int plane = y.row(r) + image.size() + k * image.pixels();
                Arrays.fill(y.data(), plane, plane + image.pixels(), input.get(r, image.size() + k));
            }
        }
        return new Trace(input, y, y);
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
        if (inputGradient == null) {
            return;
        }
        int first = Math.min(image.size(), inputGradient.cols());
        inputGradient.columns(0, first).copyFrom(outputGradient.columns(0, first));
        for (int j = image.size(); j < inputGradient.cols(); j++) {
            int plane = image.size() + (j - image.size()) * image.pixels();
            for (int r = 0; r < inputGradient.rows(); r++) {
                double sum = 0;
                for (int i = 0; i < image.pixels(); i++) {
                    sum += outputGradient.get(r, plane + i);
                }
                inputGradient.set(r, j, (float) sum);
            }
        }
    }
}
