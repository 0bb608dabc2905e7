package io.cvaespark.datasets;

import io.cvaespark.datasets.StrokeShapes.Shape;

/**
 * The built-in data set: any number of images of the digits 0 to 9, drawn with random shapes, slants and pens.
 *
 * <p>Row n is a pure function of (seed, n, size), with the same bits on every JVM. Its label is uniform over 0…9. One
 * of the label's {@link StrokeShapes shapes} is chosen. Its control points are moved a little, each point separately
 * and all points together (width, proportions, bow, height and slope of the base line). The shape is slanted by {@code
 * slant}, drawn by a {@link StrokePen} of width {@code thickness}, and placed near the middle. Label, slant and
 * thickness are independent of each other, so that a model can learn and vary each of them separately.
 */
public final class Strokes {
    /** The side of an image for which thickness is in pixels. */
    private static final float REFERENCE_SIZE = 28;

    private static final int SMALLEST_SIZE = 8;
    private static final int LARGEST_SIZE = 4096;

    // The numbers of the draws in a row's noise. Slots may be added but not renumbered, because old data would change.
    private static final int LABEL = 0;
    private static final int SHAPE = 1;
    private static final int SLANT = 2; // and 3, 4
    private static final int THICKNESS = 5; // and 6
    private static final int HEIGHT = 7;
    private static final int WIDTH = 8;
    private static final int WAIST = 9;
    private static final int LEAN_OF_MASS = 10;
    private static final int BOW = 11;
    private static final int SLOPE = 12;
    private static final int MOVE_X = 13;
    private static final int MOVE_Y = 14;
    private static final int POINTS = 16; // x, y, width of every control point

    private final long seed;
    private final int size;

    /**
     * One row of the data set.
     *
     * @param label the digit, 0…9
     * @param slant the tangent of the angle by which the digit leans to the right, −0.44…0.64, mean 0.1
     * @param thickness the mean width of the pen in 28ths of the image's side (pixels where size is 28), 1.2…4
     * @param image [size×size] row by row, 0 for paper and 1 for ink
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Digit(int label, float slant, float thickness, float[] image) {}

    /**
     * The data set of {@code seed}, on images of {@code size}×{@code size} pixels.
     *
     * @throws IllegalArgumentException if size is not within 8…4096
     */
    public Strokes(long seed, int size) {
        if (size < SMALLEST_SIZE || size > LARGEST_SIZE) {
            throw new IllegalArgumentException("The size of a strokes image: expected %s to %s pixels, found %s"
                    .formatted(SMALLEST_SIZE, LARGEST_SIZE, size));
        }
        this.seed = seed;
        this.size = size;
    }

    /** Draws row {@code row} of the data set. The result depends on nothing but the seed, the size and {@code row}. */
    public Digit draw(long row) {
        int label = (int) (uniform(seed, row, LABEL) * StrokeShapes.labels());
        float slant = 0.1f
                + 0.36f
                        * (uniform(seed, row, SLANT)
                                + uniform(seed, row, SLANT + 1)
                                + uniform(seed, row, SLANT + 2)
                                - 1.5f);
        float thickness = 1.2f + 1.4f * (uniform(seed, row, THICKNESS) + uniform(seed, row, THICKNESS + 1));
        var shapes = StrokeShapes.of(label);
        Shape shape = shapes.get((int) (uniform(seed, row, SHAPE) * shapes.size()));
        float[] image = drawShape(row, shape, slant, thickness);
        return new Digit(label, slant, thickness, image);
    }

    private float[] drawShape(long row, Shape shape, float slant, float thickness) {
        int points = shape.x().length;
        float[] x = new float[points];
        float[] y = new float[points];
        float[] r = new float[points];
        moveControlPoints(row, shape, slant, x, y);
        placeNearMiddle(x, MOVE_X, row);
        placeNearMiddle(y, MOVE_Y, row);
        float halfWidth = 0.5f * thickness * size / REFERENCE_SIZE;
        for (int i = 0; i < points; i++) {
            r[i] = halfWidth * (1 + triangular(row, POINTS + 3 * i + 2, 0.15f));
        }
        StrokePen pen = new StrokePen(size);
        int[] starts = shape.starts();
        for (int s = 0; s + 1 < starts.length; s++) {
            drawStroke(pen, shape, starts[s], starts[s + 1] - 1, x, y, r);
        }
        return pen.image();
    }

    /** Moves the control points by this row's random amounts and scales them to pixels. */
    private void moveControlPoints(long row, Shape shape, float slant, float[] x, float[] y) {
        float height = size * (0.62f + triangular(row, HEIGHT, 0.08f));
        float width = height * (0.86f + triangular(row, WIDTH, 0.3f));
        float waist = triangular(row, WAIST, 0.4f);
        float leanOfMass = triangular(row, LEAN_OF_MASS, 0.4f);
        float bow = triangular(row, BOW, 0.4f);
        float slope = triangular(row, SLOPE, 0.16f);
        for (int i = 0; i < x.length; i++) {
            float u = shape.x()[i] + triangular(row, POINTS + 3 * i, 0.11f);
            float v = shape.y()[i] + triangular(row, POINTS + 3 * i + 1, 0.09f);
            // ¼ − v² is 0 at the top and the bottom, so only the middle moves
            float middle = 0.25f - v * v;
            float across = u + leanOfMass * (0.25f - u * u) + bow * middle;
            float down = v + waist * middle;
            y[i] = height * (down - slope * u);
            x[i] = width * across - slant * y[i];
        }
    }

    /** Shifts coordinates so that their range is near the middle of the image, with a small random offset. */
    private void placeNearMiddle(float[] coordinates, int slot, long row) {
        float low = coordinates[0];
        float high = coordinates[0];
        for (float c : coordinates) {
            low = Math.min(low, c);
            high = Math.max(high, c);
        }
        float shift = size * (0.5f + triangular(row, slot, 0.04f)) - 0.5f * (low + high);
        for (int i = 0; i < coordinates.length; i++) {
            coordinates[i] += shift;
        }
    }

    /** Draws the quadratic B-spline of the points first…last; the curve goes through each corner. */
    private static void drawStroke(StrokePen pen, Shape shape, int first, int last, float[] x, float[] y, float[] r) {
        float fromX = x[first];
        float fromY = y[first];
        float fromR = r[first];
        for (int i = first + 1; i <= last; i++) {
            if (i == last || shape.corner()[i]) {
                pen.line(fromX, fromY, fromR, x[i], y[i], r[i]);
                fromX = x[i];
                fromY = y[i];
                fromR = r[i];
            } else {
                // the piece ends midway to the next point, or at the next point if the curve goes through it
                boolean through = i + 1 == last || shape.corner()[i + 1];
                float toX = through ? x[i + 1] : 0.5f * (x[i] + x[i + 1]);
                float toY = through ? y[i + 1] : 0.5f * (y[i] + y[i + 1]);
                float toR = through ? r[i + 1] : 0.5f * (r[i] + r[i + 1]);
                pen.curve(fromX, fromY, fromR, x[i], y[i], r[i], toX, toY, toR);
                fromX = toX;
                fromY = toY;
                fromR = toR;
            }
        }
    }

    /** Draws from the triangle distribution on (−spread, spread) by adding the high and low half of one slot's bits. */
    private float triangular(long row, int slot, float spread) {
        long bits = bits(seed, row, slot);
        return spread * ((bits >>> 40) * 0x1p-24f + (bits & 0xFFFFFF) * 0x1p-24f - 1);
    }

    /** Returns number {@code counter} of row {@code row}'s noise, uniform in [0, 1) on a grid of 2⁻²⁴. */
    static float uniform(long seed, long row, long counter) {
        return (bits(seed, row, counter) >>> 40) * 0x1p-24f;
    }

    /** 64 random bits, a pure function of its arguments. */
    private static long bits(long seed, long row, long counter) {
        return mix(mix(mix(seed) + row) + counter);
    }

    /** SplitMix64 (Steele, Lea, Flood 2014): the step by the golden ratio, then the finaliser. */
    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
