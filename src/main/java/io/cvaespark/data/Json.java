package io.cvaespark.data;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Arrays;
import java.util.List;

/** The one JSON mapper: enums by the names that job files use, unknown keys, half epochs, and texts in place of numbers refused. */
public final class Json {
    public static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
            .enable(DeserializationFeature.READ_ENUMS_USING_TO_STRING)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .registerSubtypes(codecs())
            .build();

    private Json() {}

    /** The classes of the codecs of all kinds of columns, each named by its {@code @JsonTypeName}. */
    private static List<Class<?>> codecs() {
        return Arrays.stream(ColumnType.values())
                .<Class<?>>flatMap(type -> type.kind().codecs().stream())
                .distinct()
                .toList();
    }
}
