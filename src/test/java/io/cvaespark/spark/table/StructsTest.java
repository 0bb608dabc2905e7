package io.cvaespark.spark.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.data.TableSchema.InStruct;
import io.cvaespark.spark.SparkTests;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** Structs taken apart and put together again. */
class StructsTest {
    private static Dataset<Row> table(String select) {
        return SparkTests.session().sql(select);
    }

    private static List<String> names(Dataset<Row> table) {
        return List.of(table.columns());
    }

    private static final Dataset<Row> NESTED = table("""
            select 1 as id, named_struct('b', 2, 'c', named_struct('d', 'x', 'e f', 3.5D)) as a, 'z' as last
            union all select 2, named_struct('b', 3, 'c', null), 'y' union all select 3, null, 'w'
            union all select 4, named_struct('b', null, 'c', named_struct('d', null, 'e f', 1.5D)), null""");

    private static List<InStruct> paths(Dataset<Row> flat) {
        return Structs.of(flat.schema(), names(flat));
    }

    @Test
    void whatIsTakenApartComesBackWithItsNulls() {
        Dataset<Row> flat = Structs.flatten(NESTED);
        assertEquals(List.of("id", "a.b", "a.c.d", "a.c.e f", "last"), names(flat));
        assertEquals(flat.schema(), Structs.flatten(NESTED.schema()));
        assertEquals(3, flat.where("`a.c.d` is null").count());
        assertEquals(
                List.of(
                        new InStruct("a.b", List.of("a", "b")),
                        new InStruct("a.c.d", List.of("a", "c", "d")),
                        new InStruct("a.c.e f", List.of("a", "c", "e f"))),
                paths(flat));
        Dataset<Row> again = Structs.nest(flat, paths(flat));
        assertEquals(NESTED.collectAsList(), again.collectAsList());
        assertTrue(DataType.equalsIgnoreNullability(NESTED.schema(), again.schema()), again.schema()::toString);
        assertTrue(DataType.equalsIgnoreNullability(again.schema(), Structs.nest(flat.schema(), paths(flat))));
    }

    @Test
    void aTableWithoutStructsIsLeftAlone() {
        Dataset<Row> plain = table("select 1 as `a.b`, array(named_struct('c', 1)) as list, map('k', 1) as m");
        assertSame(plain, Structs.flatten(plain));
        assertSame(plain, Structs.spread(plain, List.of("a.b")));
        assertSame(plain, Structs.nest(plain, List.of()));
        assertEquals(List.of(), paths(plain));
    }

    /** A column of the very name comes first, then the first field; dots and backticks are parts of names. */
    @Test
    void namesThatClashAreOneColumnEach() {
        Dataset<Row> clash = table("""
                select named_struct('b', 1, 'c.d', 2, 'c', named_struct('d', 3, '`e`', 4)) as a, 5 as `a.b`,
                  named_struct('x.y', 6) as `s.t`""");
        Dataset<Row> flat = Structs.flatten(clash);
        assertEquals(List.of("a.c.d", "a.c.`e`", "a.b", "s.t.x.y"), names(flat));
        assertEquals("[2,4,5,6]", flat.first().toString());
        Dataset<Row> nested = Structs.nest(flat, paths(flat));
        assertEquals("[[2,[4]],5,[6]]", nested.first().toString());
        assertEquals(
                List.of("c.d", "c"),
                List.of(((StructType) nested.schema().apply("a").dataType()).fieldNames()));
        assertEquals(List.of("s.t", "x.y"), paths(flat).get(2).path());
    }

    @Test
    void fieldsAreAddedBesideTheirStruct() {
        Dataset<Row> spread = Structs.spread(NESTED, List.of("a.c.d", "last", "a.x"));
        assertEquals(List.of("id", "a", "last", "a.c.d"), names(spread));
    }

    /** What a struct has besides stays, and stays where it is. */
    @Test
    void fieldsArePutIntoTheStructThatIsThere() {
        Dataset<Row> table = NESTED.selectExpr("a", "'new' as `a.c.d`", "id", "10 * id as `a.g`")
                .where("id < 3");
        List<InStruct> inside =
                List.of(new InStruct("a.c.d", List.of("a", "c", "d")), new InStruct("a.g", List.of("a", "g")));
        Dataset<Row> nested = Structs.nest(table, inside);
        assertEquals(
                "[[[2,[new,3.5],10],1], [[3,[new,null],20],2]]",
                nested.collectAsList().toString());
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> Structs.nest(table("select 'text' as a, 1 as `a.g`"), inside),
                "Column 'a' is no struct",
                "'a.g'");
    }

    @Test
    void aStructThatIsNamedIsRefusedWithItsFields() {
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> Columns.typeOf(Structs.flatten(NESTED), "a", "target"),
                "Column 'a' is a struct; name its fields instead: a.b, a.c.d, a.c.e f");
    }
}
