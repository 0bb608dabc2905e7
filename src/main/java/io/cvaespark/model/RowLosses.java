package io.cvaespark.model;

import io.cvaespark.linalg.Workspace;
import java.util.Arrays;

/** What an objective says of each row, in nats: the loss it minimises, and its reconstruction and KL parts. */
public final class RowLosses {
    private double[] loss;
    private double[] reconstruction;
    private double[] kl;

    /** Empty: {@link #reset} makes room. */
    public RowLosses() {
        this(new double[0], new double[0], new double[0]);
    }

    private RowLosses(double[] loss, double[] reconstruction, double[] kl) {
        this.loss = loss;
        this.reconstruction = reconstruction;
        this.kl = kl;
    }

    /** In memory of {@code workspace}, for up to {@code rows} rows. */
    static RowLosses in(Workspace workspace, int rows) {
        return new RowLosses(workspace.zeroDoubles(rows), workspace.zeroDoubles(rows), workspace.zeroDoubles(rows));
    }

    /** Makes room for {@code rows} rows and sets them to zero. */
    public void reset(int rows) {
        if (loss.length < rows) {
            loss = new double[rows];
            reconstruction = new double[rows];
            kl = new double[rows];
        } else {
            Arrays.fill(loss, 0, rows, 0.0);
            Arrays.fill(reconstruction, 0, rows, 0.0);
            Arrays.fill(kl, 0, rows, 0.0);
        }
    }

    /** The objective, with β and free bits; instance weights are not in it. */
    public double[] loss() {
        return loss;
    }

    /** −log p(x|z,c) under the drawn z. */
    public double[] reconstruction() {
        return reconstruction;
    }

    /** KL(q‖p), without β. */
    public double[] kl() {
        return kl;
    }
}
