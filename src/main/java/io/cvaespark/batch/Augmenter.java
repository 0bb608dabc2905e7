package io.cvaespark.batch;

import io.cvaespark.data.TableSchema;
import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Noise;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Applies an {@link Augmentation} to rows. The change of a row is a pure function of (seed, epoch, id). */
final class Augmenter {
    private static final int SHIFT_DRAW = 0;
    /** The draw for the first target's noise; the other targets use the following numbers. */
    private static final int NOISE_DRAW = 1;

    private final int shift;
    private final int channels;
    private final int height;
    private final int width;
    private final float deviation;
    private final List<TargetRange> noisy;
    private final Elementwise math;

    /**
     * Creates the augmenter; throws if the targets cannot be augmented like this.
     *
     * @param image channels, height and width of the targets; null if they are no image
     */
    Augmenter(Augmentation augmentation, TableSchema schema, @Nullable List<Integer> image, Elementwise math) {
        augmentation.require(schema, image);
        Integer pixels = augmentation.shift();
        Double noise = augmentation.noise();
        this.shift = pixels == null ? 0 : pixels;
        this.channels = pixels == null || image == null ? 0 : image.get(0);
        this.height = pixels == null || image == null ? 0 : image.get(1);
        this.width = pixels == null || image == null ? 0 : image.get(2);
        this.deviation = noise == null ? 0f : noise.floatValue();
        this.noisy = noise == null ? List.of() : TargetRange.of(schema, Augmentation::takesNoise);
        this.math = math;
    }

    /** True if noise is added to the networks' input, so that it differs from the targets of the likelihood. */
    boolean addsNoise() {
        return deviation > 0;
    }

    /**
     * Computes {@code out[c, y, x] ← in[c, clamp(y − dy), clamp(x − dx)]}, both C×H×W, with dy and dx uniform in {−s,
     * …, s}. Does nothing if there is no shift.
     */
    void shift(float[] in, int from, float[] out, int to, long seed, long epoch, long id) {
        if (shift == 0) {
            return;
        }
        long key = Noise.key(seed, Noise.Purpose.AUGMENTATION, epoch, id, SHIFT_DRAW);
        int dy = Noise.below(key, 0, 2 * shift + 1) - shift;
        int dx = Noise.below(key, 1, 2 * shift + 1) - shift;
        for (int c = 0; c < channels; c++) {
            for (int y = 0; y < height; y++) {
                int line = c * height + Math.min(Math.max(y - dy, 0), height - 1);
                shiftLine(in, from + line * width, out, to + (c * height + y) * width, dx);
            }
        }
    }

    private void shiftLine(float[] in, int from, float[] out, int to, int dx) {
        int kept = width - Math.abs(dx);
        if (dx >= 0) {
            Arrays.fill(out, to, to + dx, in[from]);
            System.arraycopy(in, from, out, to + dx, kept);
        } else {
            System.arraycopy(in, from - dx, out, to, kept);
            Arrays.fill(out, to + kept, to + width, in[from + width - 1]);
        }
    }

    /** Computes {@code seen ← x + σ·ε} for the targets that get noise, where ε is standard normal. */
    void addNoise(float[] x, float[] seen, int at, long seed, long epoch, long id) {
        for (TargetRange range : noisy) {
            long key = Noise.key(seed, Noise.Purpose.AUGMENTATION, epoch, id, NOISE_DRAW + range.field());
            int from = at + range.from();
            math.normals(key, seen, from, range.width());
            for (int j = from; j < from + range.width(); j++) {
                seen[j] = x[j] + deviation * seen[j];
            }
        }
    }
}
