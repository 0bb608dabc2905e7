package io.cvaespark.batch;

import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The augmentation of training rows, a random change at each visit that reduces overfitting: {@code training.augment}
 * of a job, whose keys check the values.
 *
 * @param shift s: the target image is moved by up to s pixels up or down and left or right; null for no shift
 * @param noise the standard deviation of the normal noise that is added to the networks' input x; null for none
 */
public record Augmentation(
        @Nullable Integer shift, @Nullable Double noise) implements Serializable {

    /** Throws if there is a shift, but no image or one that is too small for the shift. */
    public void requireImage(@Nullable List<Integer> image) {
        if (shift == null) {
            return;
        }
        if (image == null || image.size() != 3) {
            throw new IllegalArgumentException(
                    "training.augment.shift needs an image: set model.image to [channels, height, width] of the targets, such as [1, 28, 28], or leave the shift out; found %s"
                            .formatted(image == null ? "none" : image));
        }
        if (shift >= Math.min(image.get(1), image.get(2))) {
            throw new IllegalArgumentException(
                    "training.augment.shift must be smaller than the image's height and width, found %s of %s x %s pixels"
                            .formatted(shift, image.get(1), image.get(2)));
        }
    }

    /** Throws if the targets cannot be augmented like this. */
    public void require(TableSchema schema, @Nullable List<Integer> image) {
        requireImage(image);
        if (shift != null && image != null) {
            int size = image.stream().reduce(1, Math::multiplyExact);
            if (size != schema.targetWidth()) {
                throw new IllegalArgumentException(
                        "training.augment.shift needs targets that are the image: model.image %s has %s values, the targets have %s"
                                .formatted(image, size, schema.targetWidth()));
            }
            schema.targets().forEach(Augmentation::requirePixels);
        }
        if (noise != null && schema.targets().stream().noneMatch(Augmentation::takesNoise)) {
            throw new IllegalArgumentException(
                    "training.augment.noise is for continuous and binary targets, and there are none: leave it out; the targets are "
                            + schema.targets().stream()
                                    .map(f -> f.column() + " (" + f.type() + ")")
                                    .toList());
        }
    }

    /** Throws if a value would have another meaning at the pixel that it moves to. */
    private static void requirePixels(Field field) {
        if (!field.codec().hasOneScale()) {
            throw new IllegalArgumentException(
                    "training.augment.shift needs pixels of one scale, and target column '%s' is %s"
                            .formatted(
                                    field.column(),
                                    field.hasLevels()
                                            ? "categorical: leave the shift out"
                                            : "standardised pixel by pixel: set its standardize to false, or its type to binary where the values lie in [0, 1]"));
        }
    }

    /** True if noise can be added to this target: not to counts and levels. */
    static boolean takesNoise(Field field) {
        return field.type().kind().takesNoise();
    }
}
