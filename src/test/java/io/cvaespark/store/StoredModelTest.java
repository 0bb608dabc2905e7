package io.cvaespark.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import io.cvaespark.ExpectedError;
import io.cvaespark.Implementations;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.Json;
import io.cvaespark.data.TableSchema;
import io.cvaespark.data.codec.Codec;
import io.cvaespark.data.codec.GroupedLevels;
import io.cvaespark.data.codec.Histogram;
import io.cvaespark.data.codec.Range;
import io.cvaespark.dist.LikelihoodFixtures;
import io.cvaespark.linalg.Blas;
import io.cvaespark.model.Architecture;
import io.cvaespark.model.Variant;
import io.cvaespark.nn.Activation;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** schema.json keeps everything, in the words of the job file. */
class StoredModelTest {
    private static final List<Codec> CODECS = List.of(
            new Codec.Standardized(List.of(1.0 / 3, -1e300), List.of(Double.MIN_VALUE, 0.1 + 0.2)),
            new Codec.Unit(4),
            new Codec.LogStandardized(new Codec.Standardized(List.of(0.1), List.of(3.0))),
            new Codec.OneHot(List.of("ja", "nein", "", "\"quoted\" ≥ 1")),
            new Codec.Embedded(List.of("ja", "nein"), 3),
            new Codec.Standardized(List.of(0.5), List.of(2.0), new Range(-1, 1e300)),
            new Codec.Constant(-0.1, new Codec.Unit(1)),
            new Codec.LevelNumber(List.of("ja", "nein")),
            new GroupedLevels(List.of("ja"), List.of("nein", "weiß nicht"), List.of(2L, 3L)),
            new Codec.OrMissing(new Codec.LevelNumber(List.of("ja"))),
            new Histogram(List.of(0.0, 99999.0), List.of(List.of(1.0, 2.5, 7.0)), 0.5, 0.0));

    private static StoredModel model(Variant variant, Activation activation, @Nullable String weightColumn) {
        List<Field> targets = List.of(
                new Field("a", "\"double\"", ColumnType.CONTINUOUS, CODECS.get(0), "gaussian-fixed", 0.1, false),
                new Field("b", "{\"type\":\"array\"}", ColumnType.BINARY, CODECS.get(1), "bernoulli", null, true));
        List<Field> conditions =
                List.of(new Field("c", "\"string\"", ColumnType.CATEGORICAL, CODECS.get(3), null, null, false));
        Architecture architecture = Architecture.dense(
                variant,
                LikelihoodFixtures.mixedFields(),
                variant.usesCondition() ? 4 : 0,
                2,
                List.of(5, 6),
                List.of(),
                List.of(7),
                activation);
        Map<String, Object> provenance =
                Map.of("rows", 42, "version", "0.1.0", "training", Map.of("blas", "java", "seed", 7));
        return new StoredModel(
                StoredModel.FORMAT, new TableSchema(targets, conditions), architecture, weightColumn, provenance);
    }

    private static StoredModel throughJson(StoredModel model) throws JsonProcessingException {
        return StoredModel.fromJson(Json.MAPPER.writeValueAsString(model));
    }

    @Test
    void everyCodecIsCovered() {
        Set<Class<?>> covered = CODECS.stream().map(Object::getClass).collect(Collectors.toSet());
        assertEquals(Implementations.of(Codec.class), covered, "add every codec to StoredModelTest");
    }

    @ParameterizedTest
    @EnumSource
    void everyVariantComesBack(Variant variant) throws JsonProcessingException {
        StoredModel model = model(variant, Activation.RELU, "w");
        assertEquals(model, throughJson(model));
    }

    @ParameterizedTest
    @EnumSource
    void everyActivationComesBack(Activation activation) throws JsonProcessingException {
        StoredModel model = model(Variant.CVAE_1, activation, null);
        assertEquals(model, throughJson(model));
    }

    @Test
    void namesAreThoseOfTheJobFile() throws JsonProcessingException {
        String json = Json.MAPPER.writeValueAsString(model(Variant.CVAE_2, Activation.SILU, null));
        for (String name : List.of("\"cvae-2\"", "\"silu\"", "\"one-hot\"", "\"standardized\"", "\"categorical\"")) {
            assertTrue(json.contains(name), () -> name + " in " + json);
        }
        assertFalse(json.contains("weightColumn"), "absent when there is none");
    }

    @Test
    void theBlasIsThatOfTheTraining() {
        StoredModel model = model(Variant.VAE, Activation.RELU, null);
        assertEquals(Blas.Library.JAVA, model.blas());
        assertEquals(
                Blas.Library.NATIVE,
                new StoredModel(StoredModel.FORMAT, model.schema(), model.architecture(), null, Map.of()).blas());
    }

    /** The format is said before anything else that a reader of this one cannot know. */
    @Test
    void anotherFormatIsRefusedWhateverElseItSays() throws JsonProcessingException {
        StoredModel model = model(Variant.VAE, Activation.RELU, null);
        String json = Json.MAPPER.writeValueAsString(model);
        assertEquals(model, StoredModel.fromJson(json));
        for (String other : List.of("2", "0", "\"one\"")) {
            String newer = json.replace("\"format\":1", "\"format\":%s,\"colour\":\"red\"".formatted(other));
            ExpectedError.of(
                    IllegalArgumentException.class,
                    () -> StoredModel.fromJson(newer),
                    "This model has format " + other,
                    "reads format 1",
                    "Use the version that wrote it");
        }
        ExpectedError.of(IllegalArgumentException.class, () -> StoredModel.fromJson("{}"), "has format none");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> new StoredModel(2, model.schema(), model.architecture(), null, Map.of()),
                "format 2");
    }

    @Test
    void unknownKeysAreRefused() throws JsonProcessingException {
        String json = Json.MAPPER.writeValueAsString(model(Variant.VAE, Activation.RELU, null));
        String unknown = json.replace("\"format\":1", "\"format\":1,\"colour\":\"red\"");
        ExpectedError.of(JsonMappingException.class, () -> StoredModel.fromJson(unknown), "colour");
    }
}
