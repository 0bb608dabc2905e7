package io.cvaespark.spark.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.codec.Codec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.unsafe.types.UTF8String;
import org.junit.jupiter.api.Test;

/** The metrics against values worked out by hand. */
class EvaluationSumsTest {
    private static final Field LABEL = new Field(
            "label", "\"string\"", ColumnType.CATEGORICAL, new Codec.OneHot(List.of("a", "b")), null, null, false);

    private static EvaluationSums sums(Object[]... rows) {
        EvaluationSums sums = new EvaluationSums(LABEL, List.of("label"));
        for (Object[] row : rows) {
            sums.add(new GenericInternalRow(row));
        }
        return sums;
    }

    /** Weight, ELBO, μ and KL of two dimensions, label, probability of b. */
    private static Object[] row(double weight, double elbo, double m0, double m1, String label, double p) {
        return new Object[] {
            weight,
            -elbo - 1,
            elbo,
            0.0,
            new GenericArrayData(new double[] {m0, m1}),
            new GenericArrayData(new double[] {0.25, 0.75}),
            UTF8String.fromString(label),
            new GenericArrayData(new double[] {1 - p, p}),
            UTF8String.fromString(label)
        };
    }

    @Test
    void metricsAreThoseOfTheirFormulas() {
        Object[][] rows = {
            row(1, -3, 1, 0.05, "a", 0.1), row(1, -5, -1, 0, "b", 0.9), row(2, -4, 0, 0, "b", 0.4),
        };
        EvaluationSums sums = sums(rows[0], rows[1]).merge(sums(rows[2]));
        Evaluation.LatentUse latent = Objects.requireNonNull(sums.latentUse());
        // variances 1/2 and 0.0005: one unit is active
        assertEquals(new Evaluation.LatentUse(3, List.of(0.25, 0.75), 1), latent);
        Evaluation.Classification classification = Objects.requireNonNull(sums.classification());
        // rows 1 and 2 are right at 0.9, row 3, of weight 2, is wrong at 0.6
        assertEquals(0.5, classification.accuracy(), 1e-12);
        assertEquals((2 * 0.1 + 2 * 0.6) / 4, classification.calibrationError(), 1e-12);
        assertEquals(
                Map.of(
                        "label",
                        Map.of("a", new Evaluation.LevelElbo(1, -3.0), "b", new Evaluation.LevelElbo(2, -13.0 / 3))),
                sums.byCondition(List.of(LABEL)));
        assertEquals(
                sums.classification(),
                sums(rows[2]).merge(sums(rows[1], rows[0])).classification());
    }
}
