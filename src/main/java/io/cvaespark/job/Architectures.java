package io.cvaespark.job;

import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.data.codec.Codec;
import io.cvaespark.data.codec.GroupedLevels;
import io.cvaespark.data.codec.Histogram;
import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.model.Architecture;
import io.cvaespark.model.Variant;
import io.cvaespark.nn.ConditionSpec;
import io.cvaespark.nn.Embedding;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The networks that a model section asks for, with the widths that the fitted columns have. */
public final class Architectures {
    private Architectures() {}

    /** The networks; throws where the columns are not what the section needs. */
    public static Architecture of(ModelConfig model, TableSchema schema) {
        List<LikelihoodSpec> fields = new ArrayList<>();
        for (Field field : schema.targets()) {
            fields.add(new LikelihoodSpec(
                    java.util.Objects.requireNonNull(field.likelihood()),
                    field.codec().width(),
                    field.variance(),
                    codes(field.codec())));
        }
        Variant variant = model.variant();
        if (variant.hasClassifier()
                && (schema.conditions().size() != 1
                        || !schema.conditions().get(0).hasLevels())) {
            throw new IllegalArgumentException(
                    "Variant %s needs exactly one condition column, a categorical one, null where the class is not known; found %s"
                            .formatted(
                                    variant,
                                    schema.conditions().stream()
                                            .map(f -> f.column() + " (" + f.type() + ")")
                                            .toList()));
        }
        boolean counts = schema.targets().stream().anyMatch(f -> f.type().kind().isSeenAsLogarithm());
        ConditionSpec conditions = model.toConditions(schema.conditionWidth(), embeddings(schema));
        requireImageFirst(conditions, schema);
        return new Architecture(
                variant,
                fields,
                conditions,
                model.latent(),
                model.toPrior(),
                model.hidden().encoder(),
                model.hidden().prior(),
                model.hidden().decoder(),
                model.hidden().classifier(),
                model.toNetworks().withLogCounts(counts),
                model.toObjective(),
                model.toAutoregressive(
                        schema.targets().stream().map(Field::column).toList()));
    }

    /** What the codes of a column stand for; null for a column without codes. */
    private static LikelihoodSpec.@Nullable Codes codes(Codec codec) {
        if (codec instanceof Codec.OrMissing orMissing) {
            LikelihoodSpec.Codes present = codes(orMissing.known());
            if (present == null) { // empty in all rows
                return new LikelihoodSpec.Codes(codec.codes(), List.of(), List.of());
            }
            List<Double> sizes = new ArrayList<>(present.logSizes());
            if (!sizes.isEmpty()) {
                sizes.add(0.0);
            }
            return new LikelihoodSpec.Codes(codec.codes(), sizes, present.middles(), present.bins());
        }
        if (codec instanceof Histogram histogram) {
            LikelihoodSpec.Bins bins = histogram.bins().isEmpty()
                    ? null
                    : new LikelihoodSpec.Bins(histogram.atoms().size(), Histogram.PARTS, histogram.logSizes());
            return new LikelihoodSpec.Codes(codec.codes(), List.of(), histogram.middles(), bins);
        }
        List<Double> sizes = codec instanceof GroupedLevels grouped ? grouped.logSizes() : List.of();
        return codec.codes() == 0 ? null : new LikelihoodSpec.Codes(codec.codes(), sizes, List.of());
    }

    private static List<Embedding.Table> embeddings(TableSchema schema) {
        List<Embedding.Table> tables = new ArrayList<>();
        int at = 0;
        for (Field field : schema.conditions()) {
            if (field.codec().embedding() > 0) {
                tables.add(new Embedding.Table(
                        at, field.levels().size(), field.codec().embedding()));
            }
            at += field.codec().width();
        }
        return tables;
    }

    private static void requireImageFirst(ConditionSpec conditions, TableSchema schema) {
        if (conditions.image() == null) {
            return;
        }
        Field first = schema.conditions().get(0);
        int size = conditions.image().stream().reduce(1, Math::multiplyExact);
        if (first.codec().width() != size || first.hasLevels()) {
            throw new IllegalArgumentException(
                    "model.conditionImage %s has %s values, but the first condition '%s' has %s: name the column that is the image first"
                            .formatted(
                                    conditions.image(),
                                    size,
                                    first.column(),
                                    first.codec().width()));
        }
    }
}
