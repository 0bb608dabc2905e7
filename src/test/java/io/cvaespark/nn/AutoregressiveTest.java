package io.cvaespark.nn;

import static io.cvaespark.TestArrays.assertClose;
import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.doubles;
import static io.cvaespark.TestArrays.normalView;
import static io.cvaespark.TestArrays.normals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.TestArrays;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who sees whom, in training and when rows are generated. */
class AutoregressiveTest {
    private static final int ROWS = 5;
    private static final int GIVEN = 2;

    /** The floats of x: a code, two floats as they are, and a code with a position; generated last to first. */
    private static final List<Autoregressive.Column> COLUMNS = List.of(
            new Autoregressive.Column(3, 2, 4, 3, 5, 4, 6),
            new Autoregressive.Column(1, 2, 0, 0, 3, 2, 5),
            new Autoregressive.Column(0, 1, 3, 2, 0, 3, 4));

    private final Workspace workspace = new Workspace(Blas.openBlas());

    private static Autoregressive layer(boolean anyOrder) {
        return new Autoregressive(new Autoregressive.Given(GIVEN, List.of()), 5, COLUMNS, Activation.TANH, 0, anyOrder);
    }

    private static Matrix input() {
        Matrix input = normalView(2, ROWS, GIVEN + 5, 1f);
        for (int r = 0; r < ROWS; r++) {
            input.set(r, GIVEN, r % 3);
            input.set(r, GIVEN + 3, (r + 1) % 4);
        }
        return input;
    }

    private float[] eta(Autoregressive layer, Matrix input, long @Nullable [] keys) {
        float[] parameters = normals(1, layer.parameterCount());
        workspace.reset();
        return layer.forward(parameters, 0, input, keys, workspace).output().toArray();
    }

    private static float[] columnsOf(float[] eta, Autoregressive.Column column) {
        Matrix all = Matrix.of(eta, ROWS, eta.length / ROWS);
        return all.columns(column.etaAt(), column.etaAt() + column.etaWidth()).toArray();
    }

    /** Without keys also a layer of any order generates in the order of its columns. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aColumnSeesThoseBeforeItAlone(boolean anyOrder) {
        Autoregressive layer = layer(anyOrder);
        float[] before = eta(layer, input(), null);
        for (int changed = 0; changed < COLUMNS.size(); changed++) {
            Matrix input = input();
            Autoregressive.Column column = COLUMNS.get(changed);
            for (int r = 0; r < ROWS; r++) {
                float value = input.get(r, GIVEN + column.at());
                input.set(r, GIVEN + column.at(), column.codes() > 0 ? (value + 1) % column.codes() : value + 1);
            }
            float[] after = eta(layer, input, null);
            for (int j = 0; j < COLUMNS.size(); j++) {
                boolean same = Arrays.equals(columnsOf(before, COLUMNS.get(j)), columnsOf(after, COLUMNS.get(j)));
                assertEquals(j <= changed, same, "column " + j + " after a change of column " + changed);
            }
        }
    }

    /** What is generated column by column has the parameters that training gives it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void generatingIsTheForwardPassColumnByColumn(boolean anyOrder) {
        Autoregressive layer = layer(anyOrder);
        Matrix input = input();
        float[] expected = eta(layer, input, null);
        float[] parameters = normals(1, layer.parameterCount());
        workspace.reset();
        Autoregressive.Generation generation = layer.new Generation(parameters, 0, input, workspace);
        for (int j = 0; j < COLUMNS.size(); j++) {
            assertClose(
                    doubles(columnsOf(expected, COLUMNS.get(j))),
                    generation.eta(j).toArray(),
                    1e-6,
                    "column " + j);
            generation.see(j, input.columns(GIVEN, input.cols()));
        }
    }

    @Test
    void eachRowHasAnOrderOfItsOwn() {
        int n = 6000;
        int[] counts = new int[6];
        for (int key = 0; key < n; key++) {
            int[] places = new int[3];
            ColumnFeatures.drawPlaces(key, 0, places);
            int[] sorted = places.clone();
            Arrays.sort(sorted);
            assertEquals("[0, 1, 2]", Arrays.toString(sorted));
            counts[places[0] * 2 + (places[1] > places[2] ? 1 : 0)]++;
        }
        for (int count : counts) {
            assertEquals(n / 6.0, count, 5 * Math.sqrt(n / 6.0));
        }
        long[] keys = {1, 2, 3, 4, 5};
        float[] drawn = eta(layer(true), input(), keys);
        assertSameBits(drawn, eta(layer(true), input(), keys), "the same keys");
        assertFalse(Arrays.equals(drawn, eta(layer(true), input(), new long[] {6, 7, 8, 9, 10})), "other keys");
    }

    @Test
    void gradientsOfDrawnOrdersAreThoseOfFiniteDifferences() {
        Autoregressive layer = layer(true);
        long[] keys = {11, 12, 13, 14, 15};
        Matrix input = input();
        float[] parameters = normals(1, layer.parameterCount());
        Matrix weights = normalView(3, ROWS, layer.outputWidth(), 1f);
        DoubleSupplier loss = () -> {
            workspace.reset();
            Matrix eta = layer.forward(parameters, 0, input, keys, workspace).output();
            double sum = 0;
            for (int r = 0; r < ROWS; r++) {
                for (int j = 0; j < eta.cols(); j++) {
                    sum += (double) weights.get(r, j) * eta.get(r, j);
                }
            }
            return sum;
        };
        float[] gradient = new float[parameters.length];
        Matrix givenGradient = Matrix.zeros(ROWS, GIVEN);
        workspace.reset();
        Layer.Trace trace = layer.forward(parameters, 0, input, keys, workspace);
        Matrix d = Matrix.zeros(ROWS, layer.outputWidth());
        d.copyFrom(weights);
        layer.backward(parameters, 0, trace, d, givenGradient, Gradient.adding(gradient), workspace);
        boolean any = false;
        for (int i = 0; i < parameters.length; i++) {
            double slope = TestArrays.slope(loss, parameters, i, 4e-3f).central();
            assertEquals(slope, gradient[i], 2e-3 + 2e-3 * Math.abs(slope), "parameter " + i);
            any |= slope != 0;
        }
        assertTrue(any);
        for (int r = 0; r < ROWS; r++) {
            for (int j = 0; j < GIVEN; j++) {
                double slope = TestArrays.slope(loss, input.data(), input.row(r) + j, 4e-3f)
                        .central();
                assertEquals(slope, givenGradient.get(r, j), 2e-3 + 2e-3 * Math.abs(slope));
            }
        }
    }

    /** A column that is not known, though its turn has come, counts as one that is not given. */
    @Test
    void anUnknownColumnIsNotGiven() {
        Autoregressive layer = layer(true);
        Matrix input = input();
        for (int r = 0; r < ROWS; r++) {
            input.set(r, GIVEN + 3, -1f);
        }
        float[] parameters = normals(1, layer.parameterCount());
        float[] expected = columnsOf(eta(layer, input, null), COLUMNS.get(2));
        workspace.reset();
        Autoregressive.Generation generation = layer.new Generation(parameters, 0, input, workspace);
        generation.see(1, input.columns(GIVEN, input.cols()));
        assertClose(doubles(expected), generation.eta(2).toArray(), 1e-6, "the third from the second alone");
    }
}
