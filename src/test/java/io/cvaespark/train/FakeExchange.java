package io.cvaespark.train;

import io.cvaespark.model.LossSums;
import java.util.function.LongToDoubleFunction;

/** Steps without workers: the loss of a row is ½θ² or what the test says, every step takes half a second. */
class FakeExchange implements Exchange {
    static final int WORKERS = 3;
    static final double SECONDS = 0.5;

    private final TrainingPlan plan;
    private final LongToDoubleFunction extraLoss;

    FakeExchange(TrainingPlan plan, LongToDoubleFunction extraLoss) {
        this.plan = plan;
        this.extraLoss = extraLoss;
    }

    FakeExchange(TrainingPlan plan) {
        this(plan, step -> 0);
    }

    @Override
    public int workers() {
        return WORKERS;
    }

    @Override
    public void runSteps(TrainingState state, long toStep, StepObserver observer) {
        boolean goOn = true;
        while (goOn && state.step() < toStep) {
            long step = state.step();
            int rows = plan.dealing().stepRows(plan.stepInEpoch(step));
            float[] gradient = new float[state.parameters().length];
            double loss = extraLoss.applyAsDouble(step);
            for (int i = 0; i < gradient.length; i++) {
                float theta = state.parameters()[i];
                gradient[i] = rows * theta;
                loss += 0.5 * theta * theta;
            }
            LossSums sums = new LossSums(rows, rows, rows * loss, rows * loss * 0.75, rows * loss * 0.25);
            plan.update(state, gradient, step, rows);
            StepResult result = new StepResult(step, sums, SECONDS, SECONDS, 0);
            state.stepDone(result);
            goOn = observer.onStep(state, result);
        }
    }

    @Override
    public void close() {}
}
