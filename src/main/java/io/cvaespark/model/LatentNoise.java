package io.cvaespark.model;

import io.cvaespark.batch.Batch;
import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import java.util.Arrays;

/** Where an objective takes its noise from: standard normal ε, and keys of what layers drop. */
public interface LatentNoise {

    /** Fills {@code epsilon} [B×Z] for the rows of {@code batch}; {@code draw} numbers the draws of one step. */
    void fill(Noise.Purpose purpose, int draw, Batch batch, Matrix epsilon, Elementwise math);

    /** A key for each row of {@code batch} in draw {@code draw}; throws where this noise has none. */
    default long[] dropoutKeys(int draw, Batch batch) {
        throw new UnsupportedOperationException("This noise is fixed: it has no keys to drop values by");
    }

    /** The same noise, its draws counted from {@code first} on. */
    default LatentNoise from(int first) {
        LatentNoise all = this;
        return new LatentNoise() {
            @Override
            public void fill(Noise.Purpose purpose, int draw, Batch batch, Matrix epsilon, Elementwise math) {
                all.fill(purpose, first + draw, batch, epsilon, math);
            }

            @Override
            public long[] dropoutKeys(int draw, Batch batch) {
                return all.dropoutKeys(first + draw, batch);
            }
        };
    }

    /** Noise as a pure function of (seed, purpose, epoch, row id, draw). */
    static LatentNoise counterBased(long seed, long epoch) {
        return new LatentNoise() {
            @Override
            public void fill(Noise.Purpose purpose, int draw, Batch batch, Matrix epsilon, Elementwise math) {
                for (int r = 0; r < epsilon.rows(); r++) {
                    long key = Noise.key(seed, purpose, epoch, batch.ids()[r], draw);
                    math.normals(key, epsilon.data(), epsilon.row(r), epsilon.cols());
                }
            }

            @Override
            public long[] dropoutKeys(int draw, Batch batch) {
                long[] keys = new long[batch.rows()];
                Arrays.setAll(keys, r -> Noise.key(seed, Noise.Purpose.DROPOUT, epoch, batch.ids()[r], draw));
                return keys;
            }
        };
    }
}
