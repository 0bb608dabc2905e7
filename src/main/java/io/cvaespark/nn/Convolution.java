package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The common base of {@link Conv2d} and {@link ConvTranspose2d}, each of which is the transpose of the other.
 *
 * <p>The kernel is applied at certain positions of an image, its sites. A convolution maps the image to one value per
 * site and channel; a transposed convolution maps these values to an image. Both have weights [sites' channels, image's
 * channels, k, k] and use the products of {@link ConvolutionProducts}.
 */
abstract sealed class Convolution implements Layer permits Conv2d, ConvTranspose2d {
    private final ImageShape image;
    private final ImageShape sites;
    private final Kernel kernel;
    private final boolean transposed;
    private final int passed;
    private final Activation activation;

    /**
     * @param image the image that the kernel moves over: the input of a convolution, the output of a transposed
     *     convolution
     * @param sites the values at the kernel's positions: the output of a convolution, the input of a transposed
     *     convolution
     * @param passed the number of columns after the input's image, such as conditions, that are copied to the end of
     *     the output
     */
    Convolution(
            ImageShape image, ImageShape sites, Kernel kernel, boolean transposed, int passed, Activation activation) {
        if (passed < 0) {
            throw new IllegalArgumentException("Expected 0 or more columns to pass on, found " + passed);
        }
        this.image = image;
        this.sites = sites;
        this.kernel = kernel;
        this.transposed = transposed;
        this.passed = passed;
        this.activation = activation;
    }

    private List<Object> settings() {
        return List.of(image, sites, kernel, transposed, passed, activation);
    }

    /** Layers with equal settings are equal, as they are for the layers that are records. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Convolution layer && settings().equals(layer.settings());
    }

    @Override
    public int hashCode() {
        return settings().hashCode();
    }

    ImageShape image() {
        return image;
    }

    ImageShape sites() {
        return sites;
    }

    Kernel kernel() {
        return kernel;
    }

    /** The shape of the images in the output's rows. */
    public ImageShape output() {
        return transposed ? image : sites;
    }

    /** The shape of the images in the input's rows. */
    ImageShape input() {
        return transposed ? sites : image;
    }

    @Override
    public int inputWidth() {
        return Math.addExact(input().size(), passed);
    }

    @Override
    public int outputWidth() {
        return Math.addExact(output().size(), passed);
    }

    /** Each weight is multiplied once per site. */
    @Override
    public long products() {
        return (long) sites.pixels() * weights();
    }

    @Override
    public List<Tensor> tensors() {
        return List.of(
                new Tensor("weight", 0, List.of(sites.channels(), image.channels(), kernel.size(), kernel.size())),
                new Tensor("bias", weights(), List.of(output().channels())));
    }

    /**
     * See {@link Initialization#fill}. The fan-in is k²·C for a convolution and k²·C/s² for a transposed convolution.
     */
    @Override
    public void initialize(long seed, float[] parameters, int offset) {
        double perSite = (double) kernel.area() * image.channels();
        // A value of the image lies in area/stride² windows.
        double perValue = (double) kernel.area() * sites.channels() / (kernel.stride() * kernel.stride());
        double fanIn = transposed ? perValue : perSite;
        double fanOut = transposed ? perSite : perValue;
        Initialization.fill(seed, parameters, offset, weights(), output().channels(), fanIn, fanOut, activation);
    }

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace) {
        Matrix.requireShape(input, input.rows(), inputWidth());
        int size = output().size();
        Matrix output = workspace.matrix(input.rows(), outputWidth());
        Matrix y = output.columns(0, size);
        Matrix u = activation.needsInput() ? workspace.matrix(input.rows(), size) : y;
        Matrix x = input.columns(0, input().size());

        int mark = workspace.mark();
        Matrix bias = workspace.matrix(1, size);
        output().spread(parameters, offset + weights(), bias.data());
        ConvolutionProducts products = new ConvolutionProducts(this, input.rows(), workspace);
        products.readWeights(parameters, offset);
        for (int from = 0; from < input.rows(); from += products.chunk()) {
            int to = Math.min(from + products.chunk(), input.rows());
            Matrix chunk = u.rowRange(from, to);
            if (transposed) {
                products.sitesToImages(x.rowRange(from, to), chunk);
            } else {
                products.unfold(x.rowRange(from, to));
                products.windowsToSites(chunk);
            }
            activation.forward(chunk, bias.data(), 0, y.rowRange(from, to), workspace.math());
        }
        copyPassed(input, input().size(), output, size);
        workspace.release(mark);
        return new Trace(input, u, output);
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
        int rows = trace.output().rows();
        int size = output().size();
        Matrix.requireShape(outputGradient, rows, outputWidth());
        Matrix d = outputGradient.columns(0, size);
        Matrix y = trace.output().columns(0, size);
        Matrix x = trace.input().columns(0, input().size());

        int mark = workspace.mark();
        Matrix dx = inputGradient == null ? null : imageColumns(inputGradient, workspace);
        Matrix biasSums = workspace.matrix(1, size);
        biasSums.fill(0f);
        ConvolutionProducts products = new ConvolutionProducts(this, rows, workspace);
        products.readWeights(parameters, offset);
        for (int from = 0; from < rows; from += products.chunk()) {
            int to = Math.min(from + products.chunk(), rows);
            Matrix dChunk = d.rowRange(from, to);
            Matrix xChunk = x.rowRange(from, to);
            multiplyByDerivative(trace.preActivation().rowRange(from, to), y.rowRange(from, to), dChunk, workspace);
            for (int r = from; r < to; r++) {
                workspace.math().add(d.data(), d.row(r), biasSums.data(), 0, size);
            }
            products.unfold(transposed ? dChunk : xChunk);
            products.addWeightGradient(transposed ? xChunk : dChunk);
            if (dx != null && transposed) {
                products.windowsToSites(dx.rowRange(from, to));
            } else if (dx != null) {
                products.sitesToImages(dChunk, dx.rowRange(from, to));
            }
        }
        products.writeWeightGradient(gradient, offset);
        int bias = offset + weights();
        if (gradient.claim(bias, output().channels()) == 0f) {
            Arrays.fill(gradient.values(), bias, bias + output().channels(), 0f);
        }
        output().addSums(biasSums.data(), gradient.values(), bias);
        if (inputGradient != null && dx != null) {
            if (inputGradient.cols() < dx.cols()) {
                inputGradient.copyFrom(dx.columns(0, inputGradient.cols()));
            }
            copyPassed(outputGradient, size, inputGradient, dx.cols());
        }
        workspace.release(mark);
    }

    private int weights() {
        return Math.multiplyExact(sites.channels(), Math.multiplyExact(kernel.area(), image.channels()));
    }

    /** The matrix for the gradient of the whole input image: a buffer if the caller wants fewer columns. */
    private Matrix imageColumns(Matrix inputGradient, Workspace workspace) {
        int size = input().size();
        return inputGradient.cols() < size
                ? workspace.matrix(inputGradient.rows(), size)
                : inputGradient.columns(0, size);
    }

    private void multiplyByDerivative(Matrix u, Matrix y, Matrix d, Workspace workspace) {
        int mark = workspace.mark();
        activation.backward(u, y, d, workspace);
        workspace.release(mark);
    }

    /** Copies the columns after the images, as many of them as the target has. */
    private void copyPassed(Matrix from, int fromImage, Matrix to, int toImage) {
        int columns = Math.min(passed, to.cols() - toImage);
        if (columns > 0) {
            to.columns(toImage, toImage + columns).copyFrom(from.columns(fromImage, fromImage + columns));
        }
    }

    @Override
    public String toString() {
        return "%s[%s to %s, %s, %s passed, %s]"
                .formatted(getClass().getSimpleName(), input(), output(), kernel, passed, activation);
    }
}
