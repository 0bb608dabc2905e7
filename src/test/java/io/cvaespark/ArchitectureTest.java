package io.cvaespark;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may see whom: linalg ← {nn, dist, optim, data} ← model ← train ← store ← spark ← cli. */
@AnalyzeClasses(packages = "io.cvaespark", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule LINALG = sees("linalg");

    @ArchTest
    static final ArchRule NN = sees("nn", "linalg");

    @ArchTest
    static final ArchRule DIST = sees("dist", "linalg");

    @ArchTest
    static final ArchRule OPTIM = sees("optim", "linalg");

    @ArchTest
    static final ArchRule DATA = sees("data", "linalg");

    @ArchTest
    static final ArchRule MODEL = sees("model", "linalg", "nn", "dist", "optim", "data");

    @ArchTest
    static final ArchRule TRAIN = sees("train", "linalg", "nn", "dist", "optim", "data", "model");

    @ArchTest
    static final ArchRule STORE = sees("store", "linalg", "nn", "dist", "optim", "data", "model", "train");

    @ArchTest
    static final ArchRule SPARK = sees("spark", "linalg", "nn", "dist", "optim", "data", "model", "train", "store");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("io.cvaespark.(*)..").should().beFreeOfCycles();

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

    private static ArchRule sees(String layer, String... below) {
        String[] allowed = new String[below.length + 1];
        for (int i = 0; i < below.length; i++) {
            allowed[i] = "io.cvaespark." + below[i] + "..";
        }
        allowed[below.length] = "io.cvaespark." + layer + "..";
        return classes()
                .that()
                .resideInAPackage("io.cvaespark." + layer + "..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed).or(not(resideInAPackage("io.cvaespark.."))));
    }
}
