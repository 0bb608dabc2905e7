package io.cvaespark.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.data.Json;
import io.cvaespark.data.TableSchema;
import io.cvaespark.linalg.Blas;
import io.cvaespark.model.Architecture;
import java.io.Serializable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The description of a model without its parameters: the content of {@code schema.json}.
 *
 * @param format the version of this format
 * @param schema the columns and fitted codecs
 * @param architecture the description of the networks
 * @param weightColumn the column of instance weights; null if there is none
 * @param provenance the origin of the model: program version, job, rows, fingerprint of the data, results
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StoredModel(
        int format,
        TableSchema schema,
        Architecture architecture,
        @Nullable String weightColumn,
        Map<String, Object> provenance)
        implements Serializable {
    /** The format that this program writes. */
    public static final int FORMAT = 1;

    public StoredModel {
        requireFormat(String.valueOf(format), format);
    }

    /**
     * Reads the content of {@code schema.json}.
     *
     * @throws IllegalArgumentException if it has another format
     * @throws JsonProcessingException if it is no JSON, lacks keys, or has unknown keys
     */
    public static StoredModel fromJson(String json) throws JsonProcessingException {
        JsonNode tree = Json.MAPPER.readTree(json);
        JsonNode format = tree.path("format");
        // The format is checked first, because another format may have other keys, and a message about those would not
        // help.
        requireFormat(format.isMissingNode() ? "none" : format.toString(), format.asInt(0));
        return Json.MAPPER.treeToValue(tree, StoredModel.class);
    }

    private static void requireFormat(String found, int format) {
        if (format != FORMAT) {
            throw new IllegalArgumentException(
                    "This model has format %s; this version of cvae-spark reads format %s. Use the version that wrote it"
                            .formatted(found, FORMAT));
        }
    }

    /** The BLAS of the training, which inference uses too. */
    public Blas.Library blas() {
        return provenance.get("training") instanceof Map<?, ?> training
                        && Blas.Library.JAVA.toString().equals(training.get("blas"))
                ? Blas.Library.JAVA
                : Blas.Library.NATIVE;
    }
}
