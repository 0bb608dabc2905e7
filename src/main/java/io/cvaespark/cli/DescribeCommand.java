package io.cvaespark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cvaespark.cli.shared.Sessions;
import io.cvaespark.data.Field;
import io.cvaespark.data.Json;
import io.cvaespark.data.TableSchema;
import io.cvaespark.data.computed.ComputedColumn;
import io.cvaespark.data.computed.Identifier;
import io.cvaespark.job.Job;
import io.cvaespark.model.Architecture;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.nn.AutoregressiveSpec;
import io.cvaespark.nn.LayerSpec;
import io.cvaespark.nn.Tensor;
import io.cvaespark.settings.KeyTable;
import io.cvaespark.spark.CvaeModel;
import io.cvaespark.spark.inference.ModelFiles;
import io.cvaespark.store.StoredModel;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "describe",
        description =
                "Says what a model is: columns, codecs, variant, tensors, provenance. With --keys: what a job file may say.",
        mixinStandardHelpOptions = true)
final class DescribeCommand implements Callable<Integer> {
    private static final MathContext DIGITS = new MathContext(7);

    @Parameters(paramLabel = "MODEL", arity = "0..1", description = "A model or run directory.")
    private @Nullable String modelPath;

    @Option(names = "--keys", description = "Says, in place of a model, what each key of a job file is.")
    private boolean keys;

    @Spec
    private @Nullable CommandSpec spec;

    @Option(names = "--json", description = "Prints it as one JSON object.")
    private boolean json;

    @Override
    public Integer call() {
        if (keys) {
            printKeys();
            return 0;
        }
        if (modelPath == null) {
            throw new ParameterException(
                    Objects.requireNonNull(spec).commandLine(), "describe needs a MODEL, or --keys");
        }
        SparkSession spark = Sessions.get("describe");
        String path = ModelFiles.resolve(spark, modelPath);
        StoredModel stored = CvaeModel.load(path).description();
        CvaeNetwork network = new CvaeNetwork(stored.architecture());
        if (json) {
            ObjectNode tree = Json.MAPPER.valueToTree(stored);
            ArrayNode tensors = tree.putArray("tensors");
            for (Tensor tensor : network.tensors()) {
                tensors.add(Json.MAPPER.<JsonNode>valueToTree(tensor));
            }
            tree.put("parameters", network.parameterCount());
            System.out.println(tree);
            return 0;
        }
        Architecture a = stored.architecture();
        System.out.printf(Locale.ROOT, "%s%n", path);
        System.out.printf(
                Locale.ROOT,
                "  variant     %s, %s%s%s, decoder %s%s%n",
                a.variant(),
                a.variant().hasLatent() ? "latent " + a.latent() + ", " : "",
                a.networks().activation(),
                a.variant().hasLatent() ? ", encoder " + layers(a.encoder()) : "",
                a.autoregressive() == null ? layers(a.decoder()) : order(a.autoregressive(), stored.schema()),
                network.prior() == null ? "" : ", prior " + layers(a.prior()));
        print("targets", stored.schema().targets(), a.autoregressive() != null);
        for (Identifier identifier : stored.schema().identifiers()) {
            System.out.printf(
                    Locale.ROOT,
                    "  identifier  %s: %s, %s%n",
                    identifier.column(),
                    DataType.fromJson(identifier.dataType()).simpleString(),
                    identifier.describe());
        }
        for (ComputedColumn computed : stored.schema().computed()) {
            System.out.printf(
                    Locale.ROOT,
                    "  computed    %s: %s, %s%n",
                    computed.column(),
                    DataType.fromJson(computed.dataType()).simpleString(),
                    computed.describe());
        }
        print("conditions", stored.schema().conditions(), false);
        System.out.printf(
                Locale.ROOT,
                "  parameters  %,d in %d tensors%n",
                network.parameterCount(),
                network.tensors().size());
        for (Tensor tensor : network.tensors()) {
            System.out.printf(Locale.ROOT, "    %-22s %s%n", tensor.name(), tensor.shape());
        }
        System.out.println("  provenance");
        stored.provenance().forEach((key, value) -> System.out.printf(Locale.ROOT, "    %-18s %s%n", key, text(value)));
        return 0;
    }

    private void printKeys() {
        if (json) {
            System.out.println(Json.MAPPER
                    .createObjectNode()
                    .set(
                            "keys",
                            Json.MAPPER.valueToTree(Job.SECTIONS.stream()
                                    .flatMap(section -> KeyTable.rows(section).stream())
                                    .toList())));
        } else {
            System.out.print(Job.SECTIONS.stream().map(KeyTable::text).collect(Collectors.joining("\n")));
        }
    }

    /** Such as {@code 512 → 512}; each layer as in a job file. */
    private static String layers(List<LayerSpec> layers) {
        return layers.isEmpty()
                ? "none"
                : layers.stream().map(l -> text(l.json())).collect(Collectors.joining(" → "));
    }

    /** Such as {@code autoregressive in the order age, work}. */
    private static String order(AutoregressiveSpec spec, TableSchema schema) {
        return spec.anyOrder()
                ? "autoregressive in any order"
                : "autoregressive in the order "
                        + spec.order().stream()
                                .map(i -> schema.targets().get(i).column())
                                .collect(Collectors.joining(", "));
    }

    /** Maps without braces, numbers to a few digits. */
    private static String text(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(e -> e.getKey() + " " + text(e.getValue()))
                    .collect(Collectors.joining(", "));
        }
        if (value instanceof List<?> list) {
            return list.stream().map(DescribeCommand::text).collect(Collectors.joining(", ", "[", "]"));
        }
        return value instanceof Double d
                ? BigDecimal.valueOf(d).round(DIGITS).stripTrailingZeros().toPlainString()
                : String.valueOf(value);
    }

    /** @param mayBeEmpty true if the decoder can generate empty cells */
    private static void print(String role, List<Field> fields, boolean mayBeEmpty) {
        for (int i = 0; i < fields.size(); i++) {
            Field field = fields.get(i);
            System.out.printf(
                    Locale.ROOT,
                    "  %-10s  %s: %s %s%s%s, %s%s%n",
                    i == 0 ? role : "",
                    field.column(),
                    DataType.fromJson(field.dataType()).simpleString(),
                    field.type(),
                    field.likelihood() == null
                                    || field.likelihood().equals(field.type().toString())
                            ? ""
                            : ", " + field.likelihood(),
                    field.binarize() ? ", binarised anew at every visit" : "",
                    field.codec().describe(),
                    mayBeEmpty && field.missingCode() < 0 ? ", never null" : "");
        }
    }
}
