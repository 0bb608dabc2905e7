package io.cvaespark.model;

import io.cvaespark.batch.Batch;
import io.cvaespark.dist.Softmax;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.nn.Network;
import java.util.Arrays;

/**
 * The semi-supervised objective of M2 (Kingma et al. 2014, eqs. 6 to 9), for a categorical c of K classes with uniform p(c).
 *
 * <p>With L(x, c) = −log p(x|z,c) + β·KL(q(z|x,c) ‖ N(0, I)) + log K: a labelled row's loss is L(x, c) − α·log q(c|x), an
 * unlabelled one's is Σ_c q(c|x)·(L(x, c) + log q(c|x)). A row without a label has zeros in place of its one-hot c.
 *
 * <p>The reconstruction and KL of an unlabelled row are averages over q(c|x); KL(q(c|x) ‖ p(c)) counts as KL, so that −
 * reconstruction − KL bounds log p(x); for a labelled row it bounds log p(x|c), as elsewhere.
 */
public record SemiSupervised(Elbo elbo, double alpha) implements Objective {

    @Override
    public void accumulate(ObjectiveStep step) {
        Batch batch = step.batch();
        RowLosses losses = step.losses();
        Workspace workspace = step.workspace();
        int rows = step.rows();
        int classes = batch.c().cols();
        losses.reset(rows);
        Network.Trace classified = step.classified();
        Matrix logQ = workspace.matrix(rows, classes);
        Softmax.log(classified.output(), logQ);
        Matrix classLoss = workspace.matrix(rows, classes);
        int mark = workspace.mark();
        for (int k = 0; k < classes; k++) {
            workspace.release(mark);
            addClass(step, k, logQ, classLoss);
        }
        workspace.release(mark);
        Matrix logitGradient = workspace.matrix(rows, classes);
        for (int r = 0; r < rows; r++) {
            if (labelled(batch, r)) {
                supervise(batch, r, logQ, losses, logitGradient);
            } else {
                marginalise(batch, r, logQ, classLoss, losses, logitGradient);
            }
        }
        step.backward(step.network().classifier(), classified, logitGradient);
    }

    /** The share of class k in the losses and the gradient; writes L_k + log C to {@code classLoss} [B×C]. */
    private void addClass(ObjectiveStep step, int k, Matrix logQ, Matrix classLoss) {
        Batch batch = step.batch();
        RowLosses losses = step.losses();
        double logClasses = StrictMath.log(batch.c().cols());
        ClassRows chosen = ClassRows.of(batch, k, logQ, step.workspace());
        if (chosen.batch().rows() == 0) {
            return;
        }
        RowLosses part = RowLosses.in(step.workspace(), chosen.rows().length);
        elbo.accumulate(step.over(chosen.batch(), step.noise().from(k * elbo.draws()), part));
        for (int i = 0; i < chosen.batch().rows(); i++) {
            int r = chosen.rows()[i];
            boolean labelled = labelled(batch, r);
            double q = labelled ? 1 : StrictMath.exp(logQ.get(r, k));
            double ofClass = labelled ? 0 : logClasses + logQ.get(r, k);
            losses.reconstruction()[r] += q * part.reconstruction()[i];
            losses.kl()[r] += q * (part.kl()[i] + ofClass);
            losses.loss()[r] += q * (part.loss()[i] + (labelled ? logClasses : ofClass));
            classLoss.set(r, k, (float) (part.loss()[i] + logClasses));
        }
    }

    /** −α·log q(c|x), and its gradient α·(q − c) by the logits. */
    private void supervise(Batch batch, int r, Matrix logQ, RowLosses losses, Matrix logitGradient) {
        float weight = batch.weights()[r];
        for (int k = 0; k < logQ.cols(); k++) {
            float c = batch.c().get(r, k);
            losses.loss()[r] -= alpha * c * logQ.get(r, k);
            double q = StrictMath.exp(logQ.get(r, k));
            logitGradient.set(r, k, (float) (weight * alpha * (q - c)));
        }
    }

    /** ∂U/∂logit_k = q_k·(L_k + log q_k − U), U the row's loss. */
    private static void marginalise(
            Batch batch, int r, Matrix logQ, Matrix classLoss, RowLosses losses, Matrix logitGradient) {
        for (int k = 0; k < logQ.cols(); k++) {
            double above = classLoss.get(r, k) + logQ.get(r, k) - losses.loss()[r];
            logitGradient.set(r, k, (float) (batch.weights()[r] * StrictMath.exp(logQ.get(r, k)) * above));
        }
    }

    /** Returns whether the row's c is known. */
    static boolean labelled(Batch batch, int r) {
        Matrix c = batch.c();
        for (int k = 0; k < c.cols(); k++) {
            if (c.get(r, k) != 0f) {
                return true;
            }
        }
        return false;
    }

    /**
     * The rows that one class concerns: those without a label, weighted by q(c|x), and its own.
     *
     * @param batch them with the class's one-hot c
     * @param rows their places in the whole batch; longer than the batch
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record ClassRows(Batch batch, int[] rows) {

        static ClassRows of(Batch all, int k, Matrix logQ, Workspace workspace) {
            int[] rows = new int[all.rows()];
            int n = 0;
            for (int r = 0; r < all.rows(); r++) {
                if (!labelled(all, r) || all.c().get(r, k) != 0f) {
                    rows[n++] = r;
                }
            }
            int targets = all.x().cols();
            Matrix xc = gather(all.xc(), rows, n, targets, k, workspace);
            Matrix known = all.observed();
            Matrix observed = known == null ? null : workspace.matrix(n, known.cols());
            float[] weights = workspace.matrix(1, n).data();
            long[] ids = new long[n];
            for (int i = 0; i < n; i++) {
                int r = rows[i];
                if (known != null && observed != null) {
                    observed.rowRange(i, i + 1).copyFrom(known.rowRange(r, r + 1));
                }
                double q = labelled(all, r) ? 1 : StrictMath.exp(logQ.get(r, k));
                weights[i] = (float) (all.weights()[r] * q);
                ids[i] = all.ids()[r];
            }
            Batch batch = new Batch(xc, targets, observed, weights, ids);
            boolean same = all.seen() == all.xc();
            return new ClassRows(same ? batch : batch.seenAs(gather(all.seen(), rows, n, targets, k, workspace)), rows);
        }

        /** The first n of the rows with class k for their c. */
        private static Matrix gather(Matrix all, int[] rows, int n, int targets, int k, Workspace workspace) {
            Matrix chosen = workspace.matrix(n, all.cols());
            for (int i = 0; i < n; i++) {
                chosen.rowRange(i, i + 1).copyFrom(all.rowRange(rows[i], rows[i] + 1));
                Arrays.fill(chosen.data(), chosen.row(i) + targets, chosen.row(i) + chosen.cols(), 0f);
                chosen.set(i, targets + k, 1f);
            }
            return chosen;
        }
    }
}
