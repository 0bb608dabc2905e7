package io.cvaespark.model;

import io.cvaespark.batch.Batch;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.nn.Gradient;
import org.jspecify.annotations.Nullable;

/** What training minimises, row by row. */
public interface Objective {

    /**
     * Computes the losses of a batch's rows, and the gradient of Σ_r w_r·loss_r where it is wanted.
     *
     * @param beta weight of the KL term
     * @param losses receives loss, reconstruction and KL per row
     * @param gradient [P]; null to compute losses only
     */
    void accumulate(
            CvaeNetwork network,
            float[] parameters,
            Batch batch,
            LatentNoise noise,
            double beta,
            RowLosses losses,
            @Nullable Gradient gradient,
            Workspace workspace);
}
