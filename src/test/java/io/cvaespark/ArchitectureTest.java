package io.cvaespark;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Which package may see which: linalg ← {nn, dist, optim, {data.codec, data.computed} ← data ← {batch, settings}} ← model ← train ← {store, job} ← spark ← cli, and inside
 * spark: API → training → {exchange → shards, inference} → table → internal.
 */
@AnalyzeClasses(packages = "io.cvaespark", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] NOTHING = {};
    private static final String[] ARITHMETIC = {"linalg"};
    private static final String[] PARTS = {
        "linalg", "nn", "dist", "optim", "data", "data.codec", "data.computed", "batch"
    };
    private static final String[] MODEL_AND_BELOW = and(PARTS, "model", "model.prior");
    private static final String[] MODEL_AND_SETTINGS = and(MODEL_AND_BELOW, "settings");
    private static final String[] TRAIN_AND_BELOW = and(MODEL_AND_SETTINGS, "train", "train.allreduce");
    private static final String[] WITHOUT_SPARK = and(TRAIN_AND_BELOW, "store", "job");

    @ArchTest
    static final ArchRule LINALG = sees("linalg", NOTHING);

    @ArchTest
    static final ArchRule NN = sees("nn", ARITHMETIC);

    @ArchTest
    static final ArchRule DIST = sees("dist", ARITHMETIC);

    @ArchTest
    static final ArchRule OPTIM = sees("optim", ARITHMETIC);

    @ArchTest
    static final ArchRule DATA = sees("data", "linalg", "data.codec", "data.computed");

    @ArchTest
    static final ArchRule CODEC = sees("data.codec", ARITHMETIC);

    @ArchTest
    static final ArchRule COMPUTED = sees("data.computed", NOTHING);

    @ArchTest
    static final ArchRule SETTINGS = sees("settings", "data");

    @ArchTest
    static final ArchRule BATCH = sees("batch", "linalg", "data", "data.codec");

    @ArchTest
    static final ArchRule DATASETS = sees("datasets", ARITHMETIC);

    @ArchTest
    static final ArchRule PRIOR = sees("model.prior", "linalg", "nn", "dist");

    @ArchTest
    static final ArchRule MODEL = sees("model", and(PARTS, "model.prior"));

    @ArchTest
    static final ArchRule TRAIN = sees("train", MODEL_AND_SETTINGS);

    @ArchTest
    static final ArchRule ALLREDUCE = sees("train.allreduce", and(MODEL_AND_SETTINGS, "train"));

    @ArchTest
    static final ArchRule STORE = sees("store", TRAIN_AND_BELOW);

    @ArchTest
    static final ArchRule JOB = sees("job", TRAIN_AND_BELOW);

    @ArchTest
    static final ArchRule SPARK_INTERNAL = sees("spark.internal", TRAIN_AND_BELOW);

    @ArchTest
    static final ArchRule SPARK_TABLE =
            sees("spark.table", "linalg", "data", "data.codec", "data.computed", "spark.internal");

    @ArchTest
    static final ArchRule SPARK_SHARDS = sees("spark.shards", and(TRAIN_AND_BELOW, "spark.table", "spark.internal"));

    @ArchTest
    static final ArchRule SPARK_EXCHANGE =
            sees("spark.exchange", and(TRAIN_AND_BELOW, "spark.shards", "spark.internal"));

    @ArchTest
    static final ArchRule SPARK_INFERENCE =
            sees("spark.inference", and(TRAIN_AND_BELOW, "store", "spark.table", "spark.internal"));

    @ArchTest
    static final ArchRule SPARK_TRAINING = sees(
            "spark.training",
            and(WITHOUT_SPARK, "spark.exchange", "spark.shards", "spark.inference", "spark.table", "spark.internal"));

    @ArchTest
    static final ArchRule SPARK_BENCH =
            sees("spark.bench", and(WITHOUT_SPARK, "spark.exchange", "spark.shards", "spark.table", "spark.internal"));

    @ArchTest
    static final ArchRule SPARK_DATASETS = sees("spark.datasets", "linalg", "datasets");

    /** A comparison is of any two tables: it knows nothing of models. */
    @ArchTest
    static final ArchRule SPARK_COMPARE = sees("spark.compare", "spark.compare.counts", "spark.compare.trees");

    @ArchTest
    static final ArchRule SPARK_COMPARE_COUNTS = sees("spark.compare.counts", NOTHING);

    @ArchTest
    static final ArchRule SPARK_COMPARE_TREES = sees("spark.compare.trees", "spark.compare.counts");

    @ArchTest
    static final ArchRule SPARK_API =
            sees("spark", and(WITHOUT_SPARK, "spark.training", "spark.inference", "spark.table", "spark.internal"));

    @ArchTest
    static final ArchRule CLI_SHARED = sees("cli.shared", and(WITHOUT_SPARK, "spark.exchange", "spark.table"));

    @ArchTest
    static final ArchRule CLI_IMAGE = sees("cli.image", "linalg", "data", "data.codec");

    @ArchTest
    static final ArchRule CLI_RUN =
            sees("cli.run", and(WITHOUT_SPARK, "cli.shared", "spark", "spark.training", "spark.inference"));

    @ArchTest
    static final ArchRule CLI_REPORT = sees(
            "cli.report",
            and(
                    WITHOUT_SPARK,
                    "cli.shared",
                    "cli.run",
                    "cli.image",
                    "spark",
                    "spark.training",
                    "spark.inference",
                    "spark.table",
                    "spark.compare"));

    @ArchTest
    static final ArchRule CLI = sees(
            "cli",
            and(
                    WITHOUT_SPARK,
                    "cli.shared",
                    "cli.run",
                    "cli.report",
                    "cli.image",
                    "spark",
                    "spark.inference",
                    "spark.table",
                    "spark.bench",
                    "spark.datasets",
                    "spark.compare",
                    "spark.compare.counts"));

    /** Of the exchange the command line waits for slots, of tables it writes vectors as arrays and takes structs apart, and nothing else. */
    @ArchTest
    static final ArchRule CLI_SEES_THREE_CLASSES_OF_THE_ENGINE = noClasses()
            .that()
            .resideInAPackage("io.cvaespark.cli..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.cvaespark.spark.exchange", "io.cvaespark.spark.table")
                    .and(not(simpleName("Slots").or(simpleName("VectorColumns")).or(simpleName("Structs")))));

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("io.cvaespark.(**)").should().beFreeOfCycles();

    /** A room where a newcomer finds the right file: no more than twenty, but for the layers and the likelihoods. */
    @ArchTest
    static void packagesAreSmall(JavaClasses classes) {
        Map<String, Long> files = classes.stream()
                .filter(c -> c.isTopLevelClass() && !c.getPackageName().matches("io.cvaespark.(nn|dist)"))
                .collect(groupingBy(JavaClass::getPackageName, counting()));
        files.forEach((room, count) -> assertTrue(count <= 20, room + " has " + count + " files"));
    }

    @ArchTest
    static final ArchRule SPARK_ONLY_IN_SPARK_AND_CLI = noClasses()
            .that(not(resideInAnyPackage("io.cvaespark.spark..", "io.cvaespark.cli..")))
            .should()
            .dependOnClassesThat(resideInAPackage("org.apache.spark.."));

    @ArchTest
    static final ArchRule BLAS_ONLY_IN_LINALG = noClasses()
            .that(not(resideInAPackage("io.cvaespark.linalg..")))
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage("dev.ludovic.netlib..", "org.bytedeco..", "jdk.incubator.vector.."));

    /** Classes that Spark does not mean to be called: another Spark version must cost one package. */
    @ArchTest
    static final ArchRule SPARK_INTERNALS_IN_ONE_PACKAGE = noClasses()
            .that(not(resideInAPackage("io.cvaespark.spark.internal..")))
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    "org.apache.spark.sql.classic..",
                    "org.apache.spark.network..",
                    "org.apache.spark.rpc..",
                    "org.apache.spark.metrics.."))
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.apache.spark.ml.util.DefaultParamsWriter$")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("org.apache.spark.ml.util.DefaultParamsReader$");

    /** The package sees itself, the packages {@code below}, and everything that is not ours. */
    private static ArchRule sees(String room, String... below) {
        String[] allowed =
                Stream.of(and(below, room)).map(name -> "io.cvaespark." + name).toArray(String[]::new);
        return classes()
                .that()
                .resideInAPackage("io.cvaespark." + room)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed).or(not(resideInAPackage("io.cvaespark.."))));
    }

    private static String[] and(String[] some, String... more) {
        return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
    }
}
