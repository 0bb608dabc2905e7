package io.cvaespark.spark.table;

import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.cvaespark.data.TableSchema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Metadata;
import org.apache.spark.sql.types.MetadataBuilder;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Structs as columns, and back: field b of struct a is the column {@code a.b}, at any depth.
 *
 * <p>A column that has this very name itself comes first; of two fields that would have the same name, the first. A null struct makes
 * its fields null, and a struct whose fields are all null comes back as null. Arrays and maps are not taken apart.
 */
public final class Structs {
    /** In the metadata of a column of a flat table that was a field: its path. */
    private static final String PATH = "__cvae_path";

    private Structs() {}

    /** A field inside a struct, however deep, that is no struct itself. */
    private record Leaf(List<String> path, DataType type, boolean nullable) {
        String name() {
            return String.join(".", path);
        }

        Column column() {
            Column column = Columns.named(path.get(0));
            for (String field : path.subList(1, path.size())) {
                column = column.getField(field);
            }
            return column;
        }

        Metadata metadata() {
            return new MetadataBuilder()
                    .putStringArray(PATH, path.toArray(String[]::new))
                    .build();
        }
    }

    private static void addLeaves(List<String> path, StructField field, boolean nullable, Map<String, Leaf> to) {
        List<String> own = new ArrayList<>(path);
        own.add(field.name());
        boolean mayBeNull = nullable || field.nullable();
        if (field.dataType() instanceof StructType inner) {
            for (StructField each : inner.fields()) {
                addLeaves(own, each, mayBeNull, to);
            }
        } else {
            Leaf leaf = new Leaf(own, field.dataType(), mayBeNull);
            to.putIfAbsent(leaf.name(), leaf);
        }
    }

    /** All fields of all structs of a table by the names of their columns, without those that a column of the table has. */
    private static Map<String, Leaf> leaves(StructType table) {
        Map<String, Leaf> leaves = new LinkedHashMap<>();
        for (StructField field : table.fields()) {
            if (field.dataType() instanceof StructType) {
                addLeaves(List.of(), field, false, leaves);
            }
        }
        leaves.keySet().removeAll(Arrays.asList(table.fieldNames()));
        return leaves;
    }

    private static boolean hasStructs(StructType table) {
        return Arrays.stream(table.fields()).anyMatch(field -> field.dataType() instanceof StructType);
    }

    /** The table with the fields of its structs in place of the structs. */
    public static Dataset<Row> flatten(Dataset<Row> table) {
        StructType schema = table.schema();
        if (!hasStructs(schema)) {
            return table;
        }
        Map<String, Leaf> leaves = leaves(schema);
        Column[] columns = Arrays.stream(flatten(schema).fieldNames())
                .map(name -> {
                    Leaf leaf = leaves.get(name);
                    return leaf == null ? Columns.named(name) : leaf.column().as(name, leaf.metadata());
                })
                .toArray(Column[]::new);
        return table.select(columns);
    }

    /** The type of {@link #flatten(Dataset)}. */
    public static StructType flatten(StructType table) {
        Map<String, Leaf> leaves = leaves(table);
        StructType flat = new StructType();
        for (StructField field : table.fields()) {
            if (!(field.dataType() instanceof StructType)) {
                flat = flat.add(field);
                continue;
            }
            for (Leaf leaf : leaves.values()) {
                if (leaf.path().get(0).equals(field.name())) {
                    flat = flat.add(leaf.name(), leaf.type(), leaf.nullable(), leaf.metadata());
                }
            }
        }
        return flat;
    }

    /** The table with those of the {@code names} that are fields of its structs as columns behind the others. */
    public static Dataset<Row> spread(Dataset<Row> table, Collection<String> names) {
        StructType schema = table.schema();
        if (!hasStructs(schema)) {
            return table;
        }
        List<Column> columns = new ArrayList<>();
        for (String name : schema.fieldNames()) {
            columns.add(Columns.named(name));
        }
        leaves(schema).forEach((name, leaf) -> {
            if (names.contains(name)) {
                columns.add(leaf.column().as(name));
            }
        });
        return table.select(columns.toArray(Column[]::new));
    }

    /** Those columns of a {@linkplain #flatten flat} table that are fields of structs, in the table's order. */
    public static List<TableSchema.InStruct> of(StructType flat, Collection<String> names) {
        return Arrays.stream(flat.fields())
                .filter(field ->
                        names.contains(field.name()) && field.metadata().contains(PATH))
                .map(field -> new TableSchema.InStruct(
                        field.name(), List.of(field.metadata().getStringArray(PATH))))
                .toList();
    }

    /** A column, or a struct that is made of its fields. */
    private static final class Node {
        private final Map<String, Node> fields = new LinkedHashMap<>();
        private @Nullable Column whole;
        private @Nullable DataType type;

        /** Makes it this column. */
        Node set(Column column, DataType ofColumn) {
            whole = column;
            type = ofColumn;
            return this;
        }

        /** Puts a column at the end of {@code path}; a struct that is there keeps its other fields. */
        void put(List<String> path, Node column) {
            if (whole != null && type instanceof StructType struct) {
                for (StructField field : struct.fields()) {
                    fields.put(field.name(), new Node().set(whole.getField(field.name()), field.dataType()));
                }
            }
            whole = null;
            String name = path.get(0);
            if (path.size() == 1) {
                fields.put(name, column);
            } else {
                fields.computeIfAbsent(name, any -> new Node()).put(path.subList(1, path.size()), column);
            }
        }

        private Column isNull() {
            return whole != null
                    ? whole.isNull()
                    : fields.values().stream()
                            .map(Node::isNull)
                            .reduce(Column::and)
                            .orElse(lit(true));
        }

        Column column() {
            return whole != null
                    ? whole
                    : when(isNull(), lit(null))
                            .otherwise(struct(fields.entrySet().stream()
                                    .map(field -> field.getValue().column().as(field.getKey()))
                                    .toArray(Column[]::new)));
        }

        DataType dataType() {
            if (type != null && whole != null) {
                return type;
            }
            StructType struct = new StructType();
            for (Map.Entry<String, Node> field : fields.entrySet()) {
                struct = struct.add(field.getKey(), field.getValue().dataType(), true);
            }
            return struct;
        }
    }

    /** The columns of a table whose columns {@code inside} are in their structs, by name, each struct at the place of its first field. */
    private static Map<String, Node> nodes(
            StructType table, Function<String, Column> column, List<TableSchema.InStruct> inside) {
        Map<String, TableSchema.InStruct> byName = new LinkedHashMap<>();
        List<String> names = Arrays.asList(table.fieldNames());
        inside.stream().filter(field -> names.contains(field.column())).forEach(f -> byName.put(f.column(), f));
        Map<String, Node> nodes = new LinkedHashMap<>();
        for (StructField field : table.fields()) {
            TableSchema.InStruct of = byName.get(field.name());
            Node node =
                    nodes.computeIfAbsent(of == null ? field.name() : of.path().get(0), any -> new Node());
            if (of == null) {
                node.set(column.apply(field.name()), field.dataType());
            }
        }
        byName.forEach((name, field) -> {
            String root = field.path().get(0);
            Node node = Objects.requireNonNull(nodes.get(root));
            if (node.whole != null && !(node.type instanceof StructType)) {
                throw new IllegalArgumentException(
                        "Column '%s' is no struct, so '%s' cannot be written into it; give the column '%s' another name"
                                .formatted(root, name, root));
            }
            Node end = new Node().set(column.apply(name), table.apply(name).dataType());
            node.put(field.path().subList(1, field.path().size()), end);
        });
        return nodes;
    }

    /**
     * The columns of a table, those that are fields of structs in these structs again.
     *
     * @param table its columns
     * @param column a column by its name
     * @param inside the fields; those that are no columns of the table are left out
     */
    public static Column[] nest(StructType table, Function<String, Column> column, List<TableSchema.InStruct> inside) {
        return nodes(table, column, inside).entrySet().stream()
                .map(each -> each.getValue().column().as(each.getKey()))
                .toArray(Column[]::new);
    }

    /** A column of {@link #nest(StructType, Function, List)} by its name before, where all of them are one struct. */
    public static Column field(Column whole, String name, List<TableSchema.InStruct> inside) {
        Column field = whole;
        List<String> path = inside.stream()
                .filter(each -> each.column().equals(name))
                .map(TableSchema.InStruct::path)
                .findFirst()
                .orElse(List.of(name));
        for (String part : path) {
            field = field.getField(part);
        }
        return field;
    }

    /** The table with those columns that are fields of structs in these structs again. */
    public static Dataset<Row> nest(Dataset<Row> table, List<TableSchema.InStruct> inside) {
        return inside.isEmpty() ? table : table.select(nest(table.schema(), Columns::named, inside));
    }

    /** The type of {@link #nest(StructType, Function, List)}. */
    public static StructType nest(StructType table, List<TableSchema.InStruct> inside) {
        StructType nested = new StructType();
        for (Map.Entry<String, Node> each : nodes(table, Columns::named, inside).entrySet()) {
            nested = nested.add(each.getKey(), each.getValue().dataType(), true);
        }
        return nested;
    }
}
