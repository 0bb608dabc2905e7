package io.cvaespark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cvaespark.batch.Batch;
import io.cvaespark.data.Json;
import io.cvaespark.dist.Likelihood;
import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.dist.Likelihoods;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.Architecture;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.model.ImportanceSampling;
import io.cvaespark.model.LatentNoise;
import io.cvaespark.model.ObjectiveSpec;
import io.cvaespark.model.ObjectiveStep;
import io.cvaespark.model.Objectives;
import io.cvaespark.model.RowLosses;
import io.cvaespark.model.Variant;
import io.cvaespark.model.prior.PriorSpec;
import io.cvaespark.nn.Activation;
import io.cvaespark.nn.ConditionSpec;
import io.cvaespark.nn.Gradient;
import io.cvaespark.nn.LayerSpec;
import io.cvaespark.nn.NetworkSpec;
import io.cvaespark.nn.Tensor;
import io.cvaespark.optim.Adam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** One golden file: a small model with the values that PyTorch gives in float64. */
final class GoldenCase {
    private final JsonNode json;

    GoldenCase(Path file) throws IOException {
        json = new ObjectMapper().readTree(file.toFile());
    }

    /** What this file needs that the program does not have; empty when it can be run. */
    List<String> missing() {
        TreeSet<String> missing = new TreeSet<>();
        String variant = json.get("variant").asText();
        if (Arrays.stream(Variant.values()).noneMatch(v -> v.toString().equals(variant))) {
            missing.add("variant " + variant);
        }
        for (JsonNode field : json.get("likelihood")) {
            String type = field.get("type").asText();
            if (!Likelihoods.names().contains(type)) {
                missing.add("likelihood " + type);
            }
        }
        return List.copyOf(missing);
    }

    void check() {
        CvaeNetwork network = new CvaeNetwork(architecture());
        float[] parameters = flatten(network, json.get("parameters"));
        Batch batch = batch();
        Workspace workspace = new Workspace(Blas.openBlas());
        double beta = json.get("beta").asDouble();
        JsonNode expected = json.get("expected");

        RowLosses losses = new RowLosses();
        float[] gradient = new float[parameters.length];
        double alpha = network.architecture().objective().alpha();
        Objectives.of(network.architecture(), 0f)
                .accumulate(new ObjectiveStep(
                        network, parameters, batch, noise(), beta, losses, Gradient.adding(gradient), workspace));
        if (expected.has("rowLoss")) {
            assertClose("row loss", expected.get("rowLoss"), losses.loss());
        }
        if (expected.has("reconstruction")) {
            assertClose("reconstruction", expected.get("reconstruction"), losses.reconstruction());
            assertClose("kl", expected.get("kl"), losses.kl());
        }
        assertScalar("loss", expected.get("loss").asDouble(), mean(losses.loss(), batch.rows()));
        if (expected.has("gsnn")) {
            double[] gsnn = new double[batch.rows()];
            for (int r = 0; r < gsnn.length; r++) {
                double elbo = losses.reconstruction()[r] + beta * losses.kl()[r];
                gsnn[r] = (losses.loss()[r] - alpha * elbo) / (1 - alpha);
            }
            assertClose("gsnn", expected.get("gsnn"), gsnn);
        }
        for (Tensor t : network.tensors()) {
            double[] values = new double[t.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = gradient[t.offset() + i] / (double) batch.rows();
            }
            assertClose("gradient of " + t.name(), expected.get("gradient").get(t.name()), values);
        }
        if (json.has("iwae")) {
            checkImportanceSampling(network, parameters, batch, workspace);
        }
        if (json.has("adam")) {
            checkAdam(network, parameters, batch, beta, workspace);
        }
    }

    private void checkImportanceSampling(CvaeNetwork network, float[] parameters, Batch batch, Workspace workspace) {
        JsonNode iwae = json.get("iwae");
        double[] logLikelihood = new double[batch.rows()];
        LatentNoise noise = fixed(iwae.get("epsilon"), -1);
        ImportanceSampling.logLikelihood(
                new ObjectiveStep(network, parameters, batch, noise, 1, new RowLosses(), null, workspace),
                iwae.get("k").asInt(),
                logLikelihood);
        assertClose("log-likelihood", iwae.get("logLikelihood"), logLikelihood);
    }

    private void checkAdam(CvaeNetwork network, float[] initial, Batch batch, double beta, Workspace workspace) {
        JsonNode spec = json.get("adam");
        Adam adam = new Adam(
                spec.get("beta1").asDouble(),
                spec.get("beta2").asDouble(),
                spec.get("epsilon").asDouble(),
                0);
        float[] parameters = initial.clone();
        float[][] moments = new float[adam.moments()][parameters.length];
        JsonNode expectedLosses = values(spec.get("losses"));
        RowLosses losses = new RowLosses();
        for (int step = 0; step < expectedLosses.size(); step++) {
            workspace.reset();
            float[] gradient = new float[parameters.length];
            Objectives.of(network.architecture(), 0f)
                    .accumulate(new ObjectiveStep(
                            network,
                            parameters,
                            batch,
                            fixed(spec.get("noise"), step),
                            beta,
                            losses,
                            Gradient.adding(gradient),
                            workspace));
            assertScalar(
                    "loss of step " + step, expectedLosses.get(step).asDouble(), mean(losses.loss(), batch.rows()));
            adam.update(
                    parameters,
                    0,
                    gradient,
                    0,
                    1f / batch.rows(),
                    moments,
                    0,
                    spec.get("learningRate").asDouble(),
                    step + 1,
                    parameters.length);
        }
        for (Tensor t : network.tensors()) {
            double[] after = new double[t.size()];
            for (int i = 0; i < after.length; i++) {
                after[i] = parameters[t.offset() + i];
            }
            assertClose("Adam's " + t.name(), spec.get("parametersAfter").get(t.name()), after);
        }
    }

    private Architecture architecture() {
        List<LikelihoodSpec> fields = new ArrayList<>();
        for (JsonNode f : json.get("likelihood")) {
            fields.add(new LikelihoodSpec(
                    f.get("type").asText(),
                    f.get("width").asInt(),
                    f.has("variance") ? f.get("variance").asDouble() : null));
        }
        double alpha = json.has("alpha") ? json.get("alpha").asDouble() : 1;
        Variant variant = Json.MAPPER.convertValue(json.get("variant"), Variant.class);
        NetworkSpec networks = new NetworkSpec(
                Json.MAPPER.convertValue(json.get("activation"), Activation.class),
                json.has("image") ? integers("image") : null,
                false,
                false,
                0,
                false);
        List<LayerSpec> encoder = layers("encoder", 1);
        return new Architecture(
                variant,
                fields,
                ConditionSpec.plain(conditions()),
                json.get("latent").asInt(),
                PriorSpec.of(variant.prior()),
                encoder,
                json.has("prior") ? layers("prior", 1) : encoder,
                layers("decoder", 0),
                json.has("classifier") ? layers("classifier", 1) : encoder,
                networks,
                new ObjectiveSpec(ObjectiveSpec.Type.ELBO, 1, alpha),
                null);
    }

    private List<Integer> integers(String key) {
        List<Integer> values = new ArrayList<>();
        json.get(key).forEach(v -> values.add(v.asInt()));
        return values;
    }

    /** A network's hidden layers: where the file lists its layers, all but {@code outputs} last ones. */
    private List<LayerSpec> layers(String network, int outputs) {
        if (!json.has(network)) {
            return LayerSpec.dense(integers("hidden"));
        }
        List<LayerSpec> layers = new ArrayList<>();
        for (JsonNode layer : json.get(network)) {
            JsonNode copy = layer.deepCopy();
            if (copy instanceof ObjectNode object) {
                object.remove("input"); // says in words what joins where
            }
            layers.add(LayerSpec.of(copy));
        }
        LayerSpec last = layers.get(layers.size() - 1);
        return !last.takesImage() && (outputs > 0 || last.json() instanceof Integer)
                ? layers.subList(0, layers.size() - 1)
                : layers;
    }

    private int conditions() {
        if (json.has("classes")) {
            return json.get("classes").asInt();
        }
        return json.has("c") ? json.get("c").get("shape").get(1).asInt() : 0;
    }

    private Batch batch() {
        JsonNode x = json.get("x");
        int rows = x.get("shape").get(0).asInt();
        int targets = x.get("shape").get(1).asInt();
        int conditions = conditions();
        Matrix xc = Matrix.zeros(rows, targets + conditions);
        xc.columns(0, targets).copyFrom(Matrix.of(floats(x), rows, targets));
        if (json.has("label")) {
            for (int r = 0; r < rows; r++) {
                if (!json.get("label").get(r).isNull()) {
                    xc.set(r, targets + json.get("label").get(r).asInt(), 1f);
                }
            }
        } else if (conditions > 0) {
            xc.columns(targets, xc.cols()).copyFrom(Matrix.of(floats(json.get("c")), rows, conditions));
        }
        float[] weights = new float[rows];
        Arrays.fill(weights, 1f);
        Matrix observed = json.has("observed") ? observed(xc, rows) : null;
        long[] ids = new long[rows];
        Arrays.setAll(ids, r -> r);
        return new Batch(xc, targets, observed, weights, ids);
    }

    /** Which cells are known, all those of a field alike; what the others hold in x is set to 0. */
    private Matrix observed(Matrix xc, int rows) {
        List<Likelihood> fields =
                architecture().fields().stream().map(Likelihoods::of).toList();
        float[] known = floats(json.get("observed"));
        Matrix observed =
                Matrix.zeros(rows, fields.stream().mapToInt(Likelihood::cells).sum());
        for (int r = 0; r < rows; r++) {
            int cell = 0;
            int at = 0;
            for (int f = 0; f < fields.size(); f++) {
                float value = known[r * fields.size() + f];
                for (int end = cell + fields.get(f).cells(); cell < end; cell++) {
                    observed.set(r, cell, value);
                }
                for (int end = at + fields.get(f).width(); at < end; at++) {
                    xc.set(r, at, value * xc.get(r, at));
                }
            }
        }
        return observed;
    }

    private static float[] flatten(CvaeNetwork network, JsonNode tensors) {
        float[] parameters = new float[network.parameterCount()];
        assertEquals(tensors.size(), network.tensors().size(), "number of tensors");
        for (Tensor t : network.tensors()) {
            float[] values = floats(tensors.get(t.name()));
            assertEquals(t.size(), values.length, t.name());
            System.arraycopy(values, 0, parameters, t.offset(), values.length);
        }
        return parameters;
    }

    /** ε as stored: block {@code index} of the array, or the block numbered by the draw where {@code index} is −1. */
    private LatentNoise fixed(JsonNode array, int index) {
        int rows = json.get("x").get("shape").get(0).asInt();
        float[] values = floats(array);
        return (purpose, draw, batch, epsilon, math) -> {
            int block = index < 0 ? draw : index;
            for (int r = 0; r < epsilon.rows(); r++) {
                int row = block * rows + (int) batch.ids()[r];
                System.arraycopy(values, row * epsilon.cols(), epsilon.data(), epsilon.row(r), epsilon.cols());
            }
        };
    }

    /** The file's ε for each purpose. */
    private LatentNoise noise() {
        LatentNoise posterior = json.has("epsilon")
                ? fixed(json.get("epsilon"), -1)
                : (purpose, draw, batch, epsilon, math) -> epsilon.fill(Float.NaN);
        LatentNoise prior = json.has("priorEpsilon") ? fixed(json.get("priorEpsilon"), -1) : posterior;
        return (purpose, draw, batch, epsilon, math) ->
                (purpose == Noise.Purpose.PRIOR ? prior : posterior).fill(purpose, draw, batch, epsilon, math);
    }

    private static JsonNode values(JsonNode array) {
        return array.has("values") ? array.get("values") : array;
    }

    private static float[] floats(JsonNode array) {
        JsonNode values = values(array);
        float[] result = new float[values.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) values.get(i).asDouble();
        }
        return result;
    }

    private static double mean(double[] values, int n) {
        return Arrays.stream(values, 0, n).sum() / n;
    }

    private static void assertScalar(String what, double expected, double actual) {
        assertEquals(expected, actual, 1e-4 * Math.abs(expected) + 1e-6, what);
    }

    /** Each value within 1e-4 of the tensor's largest magnitude plus 1e-6. */
    private static void assertClose(String what, JsonNode expected, double[] actual) {
        JsonNode values = values(expected);
        assertTrue(actual.length >= values.size(), what);
        double largest = 0;
        for (JsonNode v : values) {
            largest = Math.max(largest, Math.abs(v.asDouble()));
        }
        for (int i = 0; i < values.size(); i++) {
            assertEquals(values.get(i).asDouble(), actual[i], 1e-4 * largest + 1e-6, what + " [" + i + "]");
        }
    }
}
