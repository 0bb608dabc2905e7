package io.cvaespark.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.xxhash64;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cvaespark.spark.datasets.BagOfWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.apache.commons.math3.analysis.UnivariateFunction;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.univariate.BrentOptimizer;
import org.apache.commons.math3.optim.univariate.SearchInterval;
import org.apache.commons.math3.optim.univariate.UnivariateObjectiveFunction;
import org.apache.commons.math3.special.Gamma;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Held-out rows are likelier under the models of conf/ than under one of the same family that knows no inputs. */
@Tag("accuracy")
class CountAccuracyTest {
    private static final Logger LOG = LoggerFactory.getLogger(CountAccuracyTest.class);

    /** Of kos: the most frequent, to be quick. */
    private static final int WORDS = 300;

    private static Path data(String name) {
        Path file = Path.of(System.getProperty("cvae.data", "../shared/data")).resolve(name);
        assumeTrue(Files.exists(file), () -> "no " + name + ": " + file + " is absent (system property cvae.data)");
        return file.toAbsolutePath();
    }

    /** A fifth of the rows for testing, by the hash of their number; the rest for training. */
    private static Dataset<Row> part(Dataset<Row> table, String id, boolean test) {
        var fold = pmod(xxhash64(col(id)), lit(5));
        return table.where(test ? fold.equalTo(0) : fold.notEqual(0)).cache();
    }

    @Test
    void bikeRentalsGivenWeatherAndCalendar() throws IOException {
        Dataset<Row> table = SparkTests.session()
                .read()
                .option("header", true)
                .option("inferSchema", true)
                .csv(data("bike-sharing/hour.csv").toString());
        Dataset<Row> training = part(table, "instant", false);
        Dataset<Row> test = part(table, "instant", true);
        CvaeModel model = Cvae.fromJob("conf/bike-sharing.yaml").setMaxIter(8).fit(training);
        double logLikelihood =
                Objects.requireNonNull(model.evaluate(test, 20, 1).logLikelihood());
        double intercept = Intercept.of(column(training, "cnt")).negativeBinomial(column(test, "cnt"));
        LOG.warn("bike-sharing: log-likelihood {} nats a row, intercept only {}", logLikelihood, intercept);
        assertTrue(logLikelihood > intercept + 0.5, () -> logLikelihood + " and " + intercept);
    }

    @Test
    void wordsOfBlogPosts() throws IOException {
        Dataset<Row> table = BagOfWords.read(
                SparkTests.session(), data("kos/docword.kos.txt.gz").toString(), WORDS);
        Dataset<Row> training = part(table, "id", false);
        Dataset<Row> test = part(table, "id", true);
        CvaeModel model = Cvae.fromJob("conf/kos.yaml").setMaxIter(10).fit(training);
        double logLikelihood =
                Objects.requireNonNull(model.evaluate(test, 10, 1).logLikelihood());
        double[][] trainingCounts = vectors(training);
        double[][] testCounts = vectors(test);
        double poisson = 0;
        double negativeBinomial = 0;
        for (int word = 0; word < WORDS; word++) {
            Intercept intercept = Intercept.of(trainingCounts[word]);
            poisson += intercept.poisson(testCounts[word]);
            negativeBinomial += intercept.negativeBinomial(testCounts[word]);
        }
        LOG.warn(
                "kos, {} words: log-likelihood {} nats a row, intercepts only: negative binomial {}, Poisson {}",
                WORDS,
                logLikelihood,
                negativeBinomial,
                poisson);
        double best = Math.max(poisson, negativeBinomial);
        assertTrue(logLikelihood > best + 10, () -> logLikelihood + " and " + best);
    }

    private static double[] column(Dataset<Row> table, String name) {
        return table.select(col(name).cast("double")).collectAsList().stream()
                .mapToDouble(row -> row.getDouble(0))
                .toArray();
    }

    /** The counts of each word over the rows. */
    private static double[][] vectors(Dataset<Row> table) {
        List<Row> rows = table.select("counts").collectAsList();
        double[][] counts = new double[rows.get(0).getList(0).size()][rows.size()];
        for (int r = 0; r < rows.size(); r++) {
            List<Integer> values = rows.get(r).getList(0);
            for (int j = 0; j < counts.length; j++) {
                counts[j][r] = values.get(j);
            }
        }
        return counts;
    }

    /** Counts whose distribution is the same in every row, fitted by maximum likelihood: the mean, and r by line search. */
    private record Intercept(double mean, double inverseDispersion) {

        static Intercept of(double[] counts) {
            double mean = mean(counts);
            UnivariateFunction likelihood = logR -> new Intercept(mean, Math.exp(logR)).negativeBinomial(counts);
            double logR = new BrentOptimizer(1e-6, 1e-6)
                    .optimize(
                            new UnivariateObjectiveFunction(likelihood),
                            GoalType.MAXIMIZE,
                            new SearchInterval(-10, 10),
                            MaxEval.unlimited())
                    .getPoint();
            return new Intercept(mean, Math.exp(logR));
        }

        /** Mean log-probability of the counts. */
        double negativeBinomial(double[] counts) {
            double r = inverseDispersion;
            double sum = 0;
            for (double x : counts) {
                sum += Gamma.logGamma(x + r)
                        - Gamma.logGamma(r)
                        - Gamma.logGamma(x + 1)
                        + r * Math.log(r / (r + mean))
                        + x * Math.log(mean / (r + mean));
            }
            return sum / counts.length;
        }

        /** Mean log-probability of the counts with the same mean. */
        double poisson(double[] counts) {
            double sum = 0;
            for (double x : counts) {
                sum += x * Math.log(mean) - mean - Gamma.logGamma(x + 1);
            }
            return sum / counts.length;
        }

        private static double mean(double[] counts) {
            double sum = 0;
            for (double x : counts) {
                sum += x;
            }
            return sum / counts.length;
        }
    }
}
