package io.cvaespark.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where rows come from: a path with an optional format and reader options, or a table of the catalogue.
 *
 * @param path anything Spark reads; null for a table
 * @param format null: from the path's extension, else Parquet
 * @param options of Spark's reader
 * @param table of the catalogue; null for a path
 * @param where a SQL condition that rows must meet
 * @param schema the columns and types of a text file, as Spark's DDL: {@code zip STRING, x DOUBLE}; null: they are guessed
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TableSource(
        @Nullable String path,
        @Nullable String format,
        @Nullable Map<String, String> options,
        @Nullable String table,
        @Nullable String where,
        @Nullable String schema) {

    @JsonCreator
    public TableSource {
        if ((path == null) == (table == null)) {
            throw new IllegalArgumentException("An input needs either a path or a table, found "
                    + (path == null ? "neither" : "path " + path + " and table " + table));
        }
        if (schema != null && path == null) {
            throw new IllegalArgumentException(
                    "schema is for files; the table %s has types of its own".formatted(table));
        }
    }

    /** A bare path. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public TableSource(String path) {
        this(path, null, null, null, null, null);
    }

    /** The path or the table, for messages. */
    public String name() {
        return path != null ? path : "table " + table;
    }
}
