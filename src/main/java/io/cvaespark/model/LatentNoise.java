package io.cvaespark.model;

import io.cvaespark.data.Batch;
import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;

/** Where an objective takes its standard normal ε from. */
public interface LatentNoise {

    /** Fills {@code epsilon} [B×Z] for the rows of {@code batch}; {@code draw} numbers the draws of one step. */
    void fill(Noise.Purpose purpose, int draw, Batch batch, Matrix epsilon, Elementwise math);

    /** ε as a pure function of (seed, purpose, epoch, row id, draw). */
    static LatentNoise counterBased(long seed, long epoch) {
        return (purpose, draw, batch, epsilon, math) -> {
            for (int r = 0; r < epsilon.rows(); r++) {
                long key = Noise.key(seed, purpose, epoch, batch.ids()[r], draw);
                math.normals(key, epsilon.data(), epsilon.row(r), epsilon.cols());
            }
        };
    }
}
