package io.cvaespark.store;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.cvaespark.data.TableSchema;
import io.cvaespark.linalg.Blas;
import io.cvaespark.model.Architecture;
import java.io.Serializable;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a model is beside its parameters: the content of {@code schema.json}.
 *
 * @param format version of this layout
 * @param schema columns and fitted codecs
 * @param architecture the networks
 * @param weightColumn the column of instance weights, where there is one
 * @param provenance how it was made: program version, job, rows, fingerprint of the data, results
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StoredModel(
        int format,
        TableSchema schema,
        Architecture architecture,
        @Nullable String weightColumn,
        Map<String, Object> provenance)
        implements Serializable {
    /** The layout that this program writes. */
    public static final int FORMAT = 1;

    public StoredModel {
        if (format != FORMAT) {
            throw new IllegalArgumentException(
                    "This model has format %s; this version of cvae-spark reads format %s. Use the version that wrote it"
                            .formatted(format, FORMAT));
        }
    }

    /** The BLAS it was trained with, which it is also used with. */
    public Blas.Library blas() {
        return provenance.get("training") instanceof Map<?, ?> training
                        && Blas.Library.JAVA.toString().equals(training.get("blas"))
                ? Blas.Library.JAVA
                : Blas.Library.NATIVE;
    }
}
