package io.cvaespark.optim;

import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.normals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cvaespark.Implementations;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every optimiser against its published rule in double, over some steps. */
class OptimizerTest {
    private static final int P = 37;
    private static final int STEPS = 7;
    private static final double RATE = 0.05;
    private static final float SCALE = 0.125f;

    /** One parameter's rule in double: (θ, g, moments, t) → θ, moments updated. */
    interface Rule {
        double update(double parameter, double gradient, double[] moments, int step);
    }

    record Case(Optimizer optimizer, Rule rule) {
        @Override
        public String toString() {
            return optimizer.toString();
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(new Adam(), adam(0.9, 0.999, 1e-8, 0)),
                new Case(new Adam(0.5, 0.9, 0.1, 0.3), adam(0.5, 0.9, 0.1, 0.3)),
                new Case(new Sgd(0, 0), sgd(0, 0)),
                new Case(new Sgd(0.9, 0.2), sgd(0.9, 0.2)));
    }

    private static Rule adam(double beta1, double beta2, double epsilon, double decay) {
        return (parameter, g, m, t) -> {
            m[0] = beta1 * m[0] + (1 - beta1) * g;
            m[1] = beta2 * m[1] + (1 - beta2) * g * g;
            double first = m[0] / (1 - Math.pow(beta1, t));
            double second = m[1] / (1 - Math.pow(beta2, t));
            return parameter - RATE * decay * parameter - RATE * first / (Math.sqrt(second) + epsilon);
        };
    }

    private static Rule sgd(double momentum, double decay) {
        return (parameter, g, m, t) -> {
            m[0] = momentum * m[0] + g;
            return parameter - RATE * decay * parameter - RATE * m[0];
        };
    }

    private static float[] gradient(int step) {
        return normals(100 + step, P);
    }

    /** Updates {@code parameters[from .. to)} from gradient and moments at the same places. */
    private static void update(
            Optimizer optimizer,
            float[] parameters,
            float[] gradient,
            float scale,
            float[][] moments,
            double rate,
            long step,
            int from,
            int to) {
        optimizer.update(parameters, from, gradient, from, scale, moments, from, rate, step, to - from);
    }

    @Test
    void everyOptimizerIsCovered() {
        Set<Class<?>> covered = cases().map(c -> c.optimizer().getClass()).collect(Collectors.toSet());
        assertEquals(
                Implementations.of(Optimizer.class),
                covered,
                "add every optimiser and its rule to OptimizerTest.cases()");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void followsItsRule(Case c) {
        float[] parameters = normals(1, P);
        float[][] moments = new float[c.optimizer().moments()][P];
        double[] expected = new double[P];
        double[][] expectedMoments = new double[P][c.optimizer().moments()];
        for (int i = 0; i < P; i++) {
            expected[i] = parameters[i];
        }
        for (int t = 1; t <= STEPS; t++) {
            float[] gradient = gradient(t);
            update(c.optimizer(), parameters, gradient, SCALE, moments, RATE, t, 0, P);
            for (int i = 0; i < P; i++) {
                expected[i] = c.rule().update(expected[i], (double) SCALE * gradient[i], expectedMoments[i], t);
                assertEquals(expected[i], parameters[i], 1e-5, "step " + t + ", parameter " + i);
            }
            assertSameBits(gradient(t), gradient, "the gradient is only read");
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void updatingInSlicesGivesTheSameBits(Case c) {
        float[] whole = normals(2, P);
        float[] sliced = whole.clone();
        float[][] wholeMoments = new float[c.optimizer().moments()][P];
        float[][] slicedMoments = new float[c.optimizer().moments()][P];
        for (int t = 1; t <= STEPS; t++) {
            update(c.optimizer(), whole, gradient(t), SCALE, wholeMoments, RATE, t, 0, P);
            for (int[] slice : new int[][] {{20, P}, {0, 1}, {1, 20}, {5, 5}}) {
                update(c.optimizer(), sliced, gradient(t), SCALE, slicedMoments, RATE, t, slice[0], slice[1]);
            }
        }
        assertSameBits(whole, sliced, "parameters");
        for (int m = 0; m < wholeMoments.length; m++) {
            assertSameBits(wholeMoments[m], slicedMoments[m], "moment " + m);
        }
    }

    /** A slice whose gradient and moments are kept in arrays of their own gives the bits of the whole. */
    @ParameterizedTest
    @MethodSource("cases")
    void gradientAndMomentsMayLieElsewhere(Case c) {
        float[] whole = normals(3, P);
        float[] sliced = whole.clone();
        float[][] moments = new float[c.optimizer().moments()][P];
        float[][] slice = new float[c.optimizer().moments()][P - 20];
        for (int t = 1; t <= STEPS; t++) {
            float[] gradient = gradient(t);
            update(c.optimizer(), whole, gradient, SCALE, moments, RATE, t, 0, P);
            float[] part = java.util.Arrays.copyOfRange(gradient, 18, P);
            c.optimizer().update(sliced, 20, part, 2, SCALE, slice, 0, RATE, t, P - 20);
        }
        assertSameBits(
                java.util.Arrays.copyOfRange(whole, 20, P),
                java.util.Arrays.copyOfRange(sliced, 20, P),
                "parameters of the slice");
    }

    /** Adam's first step is η·sign(g), whatever the gradient's size. */
    @Test
    void adamsFirstStepIsTheLearningRate() {
        float[] parameters = {1f, 1f, 1f};
        update(new Adam(), parameters, new float[] {1e-3f, -5f, 1e4f}, 1f, new float[2][3], 0.01, 1, 0, 3);
        assertEquals(0.99, parameters[0], 1e-6);
        assertEquals(1.01, parameters[1], 1e-6);
        assertEquals(0.99, parameters[2], 1e-6);
    }

    /** Decay is decoupled: it shrinks parameters whose gradient is zero, by η·λ. */
    @Test
    void weightDecayShrinksWithoutAGradient() {
        for (Optimizer optimizer : new Optimizer[] {new Adam(0.9, 0.999, 1e-8, 0.5), new Sgd(0.9, 0.5)}) {
            float[] parameters = {2f};
            update(optimizer, parameters, new float[1], 1f, new float[optimizer.moments()][1], 0.1, 1, 0, 1);
            assertEquals(1.9, parameters[0], 1e-6, optimizer.toString());
        }
    }

    @Test
    void normIsThatOfItsBlocksInOrder() {
        for (int n : new int[] {0, 1, GradientNorm.BLOCK - 1, GradientNorm.BLOCK, GradientNorm.BLOCK + 1, 20_000}) {
            float[] gradient = normals(n, n);
            double exact = 0;
            for (float g : gradient) {
                exact += (double) g * g;
            }
            assertEquals(Math.sqrt(exact), GradientNorm.of(gradient), 1e-12 * Math.sqrt(exact), n + " values");
            double blocks = 0;
            for (int from = 0; from < n; from += GradientNorm.BLOCK) {
                blocks += GradientNorm.squaredNorm(gradient, from, Math.min(n, from + GradientNorm.BLOCK));
            }
            assertEquals(Math.sqrt(blocks), GradientNorm.of(gradient), n + " values, to the bit");
        }
        assertEquals(5, GradientNorm.of(new float[] {3f, 0f, -4f}));
    }

    @Test
    void aRangeBeyondTheArrayIsRefused() {
        float[] three = new float[3];
        for (Case c : cases().toList()) {
            float[][] moments = new float[c.optimizer().moments()][3];
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> update(c.optimizer(), three, three, 1f, moments, RATE, 1, 2, 4));
        }
    }
}
