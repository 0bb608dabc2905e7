package io.cvaespark.cli;

import static io.cvaespark.cli.CliCall.cvae;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.spark.SparkTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every command on a table whose columns are fields of structs, two levels deep, with null structs. */
@Tag("slow")
class StructCommandsTest {
    private static final int ROWS = 600;

    @TempDir
    private static Path directory = Path.of("");

    private static String data = "";
    private static String job = "";
    private static String run = "";

    private static Dataset<Row> read(String path) {
        return SparkTests.session().read().parquet(path);
    }

    private static String at(String name) {
        return directory.resolve(name).toString();
    }

    /** A fifth of the rows has no address, a tenth no person; street and city follow from the region. */
    @BeforeAll
    static void train() throws IOException {
        data = at("people.parquet");
        SparkTests.session()
                .range(ROWS)
                .selectExpr(
                        "if(id % 3 = 0, 'north', 'south') as region",
                        "cast(id % 7 as int) as score",
                        """
                        if(id % 10 = 0, null, named_struct(
                          'age', cast(20 + id * 31 % 40 as int),
                          'address', if(id % 5 = 1, null, named_struct(
                            'city', if(id % 3 = 0, 'Bergen', 'Rome'), 'zip.code', cast(id * 7 % 4 as smallint))),
                          'level', if(id % 2 = 0, 'a', 'b'))) as person""",
                        "named_struct('kind', if(id % 4 = 0, 'x', 'y'), 'weight', 1.0 + id % 2) as meta")
                .coalesce(2)
                .write()
                .parquet(data);
        run = at("run");
        job = Files.writeString(directory.resolve("job.yaml"), """
                        input: {train: %s, weight: meta.weight}
                        targets: [all, {column: person.age, missing: generate}]
                        conditions: [region, meta.kind]
                        training: {epochs: 15, batch: 64, optimizer: {learningRate: 0.003}, shards: 2}
                        output: %s
                        """.formatted(data, run))
                .toString();
        assertSucceeds("train", job);
    }

    private static CliCall assertSucceeds(String... args) {
        CliCall call = cvae(args);
        assertEquals(0, call.status(), () -> String.join(" ", args) + ": " + call.err());
        return call;
    }

    private static void assertFails(String message, String... args) {
        CliCall call = cvae(args);
        assertEquals(1, call.status(), () -> String.join(" ", args));
        assertTrue(call.err().contains(message), call.err());
    }

    private static Dataset<Row> sampled(String name, String... args) {
        List<String> all = new ArrayList<>(List.of("sample", run, at(name)));
        all.addAll(Arrays.asList(args));
        assertSucceeds(all.toArray(String[]::new));
        return read(at(name)).cache();
    }

    private static void assertSameType(Dataset<Row> real, Dataset<Row> made, String column) {
        DataType type = made.schema().apply(column).dataType();
        DataType expected = real.schema().apply(column).dataType();
        assertTrue(DataType.equalsIgnoreNullability(expected, type), () -> type + " is not " + expected);
    }

    @Test
    void dryRunAndDescribeNameTheFields() throws IOException {
        CliCall call = assertSucceeds("train", job, "--dry-run", "--json");
        List<String> columns = new ArrayList<>();
        for (JsonNode column : call.json().get("columns")) {
            columns.add(column.get("column").asText());
        }
        assertEquals(
                List.of(
                        "score",
                        "person.age",
                        "person.address.city",
                        "person.address.zip.code",
                        "person.level",
                        "region",
                        "meta.kind"),
                columns);
        String text = assertSucceeds("describe", run).out();
        assertTrue(text.contains("person.address.city: string categorical"), text);
        JsonNode structs = assertSucceeds("describe", run, "--json").json().at("/schema/structs");
        assertEquals(
                "[\"person\",\"address\",\"zip.code\"]",
                structs.get(2).get("path").toString());
    }

    @Test
    void sampledRowsHaveTheStructsOfTheTable() {
        Dataset<Row> real = read(data);
        Dataset<Row> made = sampled("samples", "--rows", "900");
        assertEquals(List.of("region", "meta", "score", "person"), List.of(made.columns()));
        assertSameType(real, made, "person");
        assertEquals(
                "struct<kind:string>", made.schema().apply("meta").dataType().simpleString());
        assertEquals(
                0, made.where("person.address.city not in ('Bergen', 'Rome')").count());
        assertEquals(0, made.where("meta is null").count());
        double noPerson = made.where("person is null").count() / 900.0;
        double noAddress = made.where("person.address is null").count() / 900.0;
        assertEquals(0.1, noPerson, 0.05);
        assertEquals(0.28, noAddress, 0.08);
        assertEquals(
                0,
                made.where("region = 'north' and person.address.city = 'Rome'").count(),
                30,
                "the city follows from the region");
    }

    @Test
    void fieldsAreFixedByTheirNames() {
        Dataset<Row> fixed = sampled("fixed", "--rows", "50", "--where", "meta.kind=x", "--where", "region=north");
        assertEquals(50, fixed.where("meta.kind = 'x' and region = 'north'").count());
        Dataset<Row> each = sampled("each", "--rows", "20", "--each", "meta.kind");
        assertEquals(20, each.where("meta.kind = 'y'").count());
        assertFails("never had a value such as 99", "sample", run, at("no"), "--rows", "5", "--given", "score=99");
        String any = at("any");
        assertSucceeds(
                "train", job, "--set", "output=" + any, "--set", "model.order=any", "--set", "training.epochs=1");
        assertSucceeds(
                "sample", any, at("given"), "--rows", "50", "--given", "person.address.city=Rome,person.age=30..40");
        assertEquals(
                50,
                read(at("given"))
                        .where("person.address.city = 'Rome' and person.age between 30 and 40")
                        .count());
    }

    /** A table of conditions may have more of a struct than the model knows. */
    @Test
    void conditionsAreReadFromStructs() {
        String conditions = at("conditions.parquet");
        read(data)
                .selectExpr(
                        "score * 0 + 77 as score",
                        "named_struct('note', 'n', 'kind', meta.kind) as meta",
                        "region",
                        "named_struct('level', 'old', 'extra', 1) as person")
                .limit(40)
                .write()
                .parquet(conditions);
        Dataset<Row> made = sampled("conditioned", "--conditions", conditions);
        assertEquals(List.of("meta", "region", "person", "score"), List.of(made.columns()));
        assertEquals(List.of("note", "kind"), fields(made, "meta"));
        assertEquals(List.of("level", "extra", "age", "address"), fields(made, "person"));
        assertEquals(
                40,
                made.where("meta.note = 'n' and person.extra = 1 and score < 7").count());
        assertEquals(0, made.where("person.level = 'old'").count(), "targets are replaced");
        String flat = at("flat.parquet");
        SparkTests.session()
                .sql("select 'north' as region, 'x' as `meta.kind`")
                .write()
                .parquet(flat);
        assertEquals(
                "x",
                sampled("of-flat", "--conditions", flat)
                        .selectExpr("meta.kind")
                        .first()
                        .getString(0));
        assertFails(
                "There is no condition column 'meta.kind'",
                "sample",
                run,
                at("none"),
                "--conditions",
                written("select 'north' as region, named_struct('other', 'x') as meta"));
        assertFails(
                "Column 'person' is no struct",
                "sample",
                run,
                at("none"),
                "--conditions",
                written("select 'north' as region, 'x' as `meta.kind`, 'me' as person"));
    }

    private static String written(String sql) {
        String path = at("written" + sql.hashCode());
        SparkTests.session().sql(sql).write().parquet(path);
        return path;
    }

    private static List<String> fields(Dataset<Row> table, String column) {
        return List.of(((StructType) table.schema().apply(column).dataType()).fieldNames());
    }

    @Test
    void rowsAreScoredAndGuessed() throws IOException {
        assertSucceeds("transform", run, data, at("scored"), "--add", "elbo,prediction");
        Dataset<Row> scored = read(at("scored"));
        assertEquals(List.of("region", "score", "person", "meta", "elbo", "prediction"), List.of(scored.columns()));
        assertSameType(read(data), scored, "person");
        assertEquals(ROWS, scored.where("not isnan(elbo)").count());
        assertEquals(
                "struct<score:int,person:struct<age:int,address:struct<city:string,zip.code:smallint>,level:string>>",
                scored.schema().apply("prediction").dataType().simpleString());
        JsonNode evaluated = assertSucceeds("evaluate", run, data, "--json").json();
        assertEquals(ROWS, evaluated.get("rows").asInt());
        assertTrue(evaluated.at("/by_condition/meta.kind/x/elbo").isNumber(), evaluated.toString());
        double weighted = evaluated.get("elbo").asDouble();
        double expected = scored.selectExpr("sum(elbo * meta.weight) / sum(meta.weight)")
                .first()
                .getDouble(0);
        assertEquals(expected, weighted, 1e-6, "the weight is a field too");
    }

    @Test
    void samplesAreComparedAndShown() throws IOException {
        sampled("again", "--rows", "600");
        JsonNode compared = assertSucceeds(
                        "compare",
                        data,
                        at("again"),
                        "--columns",
                        "region,score,person.age,person.address.city,meta.kind",
                        "--json")
                .json();
        assertTrue(compared.toString().contains("person.address.city"), compared.toString());
        assertSucceeds("report", run, "--output", at("report"));
        String page = Files.readString(directory.resolve("report/report.html"));
        assertTrue(page.contains("person.address.city"), "the page shows the columns");
    }

    @Test
    void theLatentIsUsedThroughStructs() throws IOException {
        String withLatent = at("latent");
        assertSucceeds(
                "train",
                job,
                "--set",
                "output=" + withLatent,
                "--set",
                "model={variant: cvae-2, latent: 2, hidden: [8]}",
                "--set",
                "training.epochs=1");
        assertSucceeds(
                "latent", "counterfactual", withLatent, data, at("changed"), "--set", "meta.kind=y", "--rows", "9");
        Dataset<Row> changed = read(at("changed"));
        assertEquals(9, changed.where("meta.kind = 'y' and meta.weight >= 1").count());
        assertEquals(List.of("kind", "weight"), fields(changed, "meta"));
        assertEquals(List.of("age", "address", "level"), fields(changed, "person"));
        assertSucceeds("latent", "interpolate", withLatent, data, at("path"), "--steps", "3");
        assertEquals(3, read(at("path")).where("meta.kind in ('x', 'y')").count());
        assertSucceeds("latent", "sweep", withLatent, at("swept"), "--dimension", "1", "--where", "meta.kind=x");
        assertEquals(10, read(at("swept")).where("meta.kind = 'x'").count());
        assertSucceeds("report", withLatent, "--output", at("latent-report"));
        String page = Files.readString(directory.resolve("latent-report/report.html"));
        assertTrue(page.contains("reconstructions"), "the page shows originals and reconstructions");
    }

    /** CSV has no structs: their fields are columns there, which every command takes. */
    @Test
    void csvHasTheFieldsAsColumns() throws IOException {
        String csv = at("rows.csv");
        assertSucceeds("sample", run, csv, "--rows", "30", "--complete", "--partitions", "1");
        Dataset<Row> table = SparkTests.session()
                .read()
                .option("header", "true")
                .option("inferSchema", "true")
                .csv(csv);
        assertEquals(
                List.of(
                        "region",
                        "meta.kind",
                        "score",
                        "person.age",
                        "person.address.city",
                        "person.address.zip.code",
                        "person.level"),
                List.of(table.columns()));
        assertEquals(
                30,
                assertSucceeds("evaluate", run, csv, "--json")
                        .json()
                        .get("rows")
                        .asInt());
    }

    @Test
    void aStructAndListsOfStructsAreRefusedWithAdvice() {
        assertFails(
                "Column 'person' is a struct; name its fields instead: person.age, person.address.city",
                "train",
                job,
                "--dry-run",
                "--set",
                "targets=[person, score]");
        String lists = written("select id, array(named_struct('b', id)) as a, map('k', id) as m from range(50)");
        assertFails(
                "Column 'a' has type array<struct<b:bigint>>",
                "train",
                job,
                "--dry-run",
                "--set",
                "input={train: %s}".formatted(lists),
                "--set",
                "conditions=[]");
    }
}
