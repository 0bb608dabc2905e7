package io.cvaespark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.batch.Dealing;
import org.junit.jupiter.api.Test;

class TrainingPlanTest {
    /** 10 rows in batches of 4: three steps an epoch. */
    private static final Dealing DEALING = new Dealing(10, 2, 4);

    private static float updated(OptimizerConfig optimizer, float gradient, long rows) {
        TrainingPlan plan = new TrainingPlan(Configs.of(5, 4).with(TrainingConfig.OPTIMIZER, optimizer), DEALING);
        TrainingState state = new TrainingState(new float[] {1f, 1f}, plan.moments());
        plan.update(state, new float[] {gradient, 0f}, 0, rows);
        assertEquals(1f, state.parameters()[1]);
        return state.parameters()[0];
    }

    @Test
    void stepsAreCountedByEpochs() {
        TrainingPlan plan = new TrainingPlan(Configs.of(5, 4), DEALING);
        assertEquals(15, plan.totalSteps());
        assertEquals(0, plan.epochOf(2));
        assertEquals(2, plan.stepInEpoch(2));
        assertEquals(1, plan.epochOf(3));
        assertEquals(0, plan.stepInEpoch(3));
        assertEquals(4, plan.epochOf(14));
    }

    @Test
    void theGradientIsDividedByTheRowsOfTheStep() {
        assertEquals(1 - 0.1 * 8 / 4, updated(Configs.sgd(0.1, null), 8f, 4), 1e-6);
        assertEquals(1 - 0.1 * 8 / 2, updated(Configs.sgd(0.1, null), 8f, 2), 1e-6);
    }

    @Test
    void aLongGradientIsClippedToTheNormAndAShortOneIsNot() {
        OptimizerConfig clipped = Configs.sgd(0.1, 0.5);
        assertEquals(1 - 0.1 * 0.5, updated(clipped, 800f, 4), 1e-6);
        assertEquals(1 + 0.1 * 0.5, updated(clipped, -800f, 4), 1e-6);
        assertEquals(updated(Configs.sgd(0.1, null), 1.9f, 4), updated(clipped, 1.9f, 4));
    }

    @Test
    void theMeanGradientIsClippedWhateverTheBatch() {
        OptimizerConfig clipped = Configs.sgd(0.1, 0.5);
        assertEquals(updated(clipped, 80f, 10), updated(clipped, 800f, 100), 1e-7);
    }

    @Test
    void schedulesGoByShareOfAllSteps() {
        OptimizerConfig cosine = OptimizerConfig.DEFAULT
                .with(OptimizerConfig.LEARNING_RATE, 0.01)
                .with(OptimizerConfig.SCHEDULE, OptimizerConfig.Course.COSINE)
                .with(OptimizerConfig.WARMUP, 0.2);
        TrainingConfig.Beta beta = TrainingConfig.Beta.schedule(0.4, null, null, 2.0);
        TrainingPlan plan = new TrainingPlan(Configs.of(5, 4, cosine, beta), DEALING);
        assertEquals(0, plan.learningRate(0, 1));
        assertEquals(plan.learningRate(3, 1) / 3, plan.learningRate(1, 1), 1e-12);
        assertEquals(0.01 * 0.5 * (1 + Math.cos(Math.PI * 9 / 15)), plan.learningRate(9, 1), 1e-12);
        assertEquals(0, plan.beta(0));
        assertEquals(2.0 * 3 / 6, plan.beta(3), 1e-12);
        assertEquals(2, plan.beta(6), 1e-12);
        assertEquals(2, plan.finalBeta());
        TrainingPlan longer = new TrainingPlan(Configs.of(10, 4, cosine, beta), DEALING);
        assertEquals(plan.learningRate(7, 1), longer.learningRate(14, 1), 1e-12);
        assertEquals(plan.beta(3), longer.beta(6), 1e-12);
    }

    /** Validation is judged by the β that training ends with, also where β comes in cycles. */
    @Test
    void theFinalBetaIsTheLastOne() {
        TrainingConfig.Beta cyclic = TrainingConfig.Beta.schedule(null, 4, 0.5, 1.5);
        assertEquals(1.5, new TrainingPlan(Configs.of(5, 4, Configs.sgd(1, null), cyclic), DEALING).finalBeta());
        TrainingConfig.Beta constant = TrainingConfig.Beta.of(0.25);
        assertEquals(0.25, new TrainingPlan(Configs.of(5, 4, Configs.sgd(1, null), constant), DEALING).finalBeta());
        TrainingConfig.Beta whole = TrainingConfig.Beta.schedule(1.0, null, null, null);
        assertEquals(1, new TrainingPlan(Configs.of(5, 4, Configs.sgd(1, null), whole), DEALING).finalBeta());
    }
}
