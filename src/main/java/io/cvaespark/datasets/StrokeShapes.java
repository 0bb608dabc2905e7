package io.cvaespark.datasets;

import java.util.Arrays;
import java.util.List;

/**
 * The ways in which {@link Strokes} writes each digit, as control points of its pen strokes.
 *
 * <p>A point is {@code x,y} in hundredths of the box around the digit, y downwards; {@code !} marks a corner, where the
 * pen turns sharply; {@code |} lifts the pen. The curve is the quadratic B-spline of the points: it runs from the first
 * point to the last and between them passes through the midpoints of neighbours, so that points on a round side are a
 * little outside of the digit.
 */
final class StrokeShapes {
    /**
     * One way to write a digit.
     *
     * <p>Point i of the digit is (x[i], y[i]), on a box of side 1 centred at 0; {@code starts} holds the index of each
     * pen stroke's first point, and after the last stroke the number of points.
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Shape(float[] x, float[] y, boolean[] corner, int[] starts) {}

    private static final String[][] SHAPES = {
        {
            "60,5 36,-5 14,25 14,75 36,104 66,104 86,75 86,25 66,-4 44,3",
            "70,16 48,-8 16,14 8,68 30,106 62,102 90,72 88,22 64,-8 40,8",
            "42,0 20,14 14,62 32,104 60,106 84,82 88,34 66,-4 34,-2",
        },
        {
            "50,0 50,33 50,67 50,100",
            "51,0 50,33 49,67 50,100",
            "30,24 44,16 54,0! 52,50 50,100",
            "30,20 42,14 52,0! 52,50 52,100 | 26,100 52,99 78,100",
        },
        {
            "16,26 22,0 76,-10 92,26 58,62 16,98! 48,95 88,98",
            "16,20 32,-4 84,-8 84,34 56,72 28,106 6,92 24,70 52,90 92,98",
            "18,14 44,-6 92,0 82,42 44,72 12,100! 34,88 62,96 90,92",
        },
        {
            "18,14 36,-6 90,-6 86,40 44,45! 96,46 96,98 44,112 12,86",
            "20,8 50,-8 92,2 76,40 46,44 46,50 94,52 92,104 44,108 12,90",
            "18,2 50,3 82,0! 46,40! 96,38 98,98 44,112 10,86",
        },
        {
            "24,4 20,30 16,56! 50,57 90,54 | 72,4 70,50 66,100",
            "66,0 40,34 12,66! 52,66 92,65 | 66,0 66,50 65,100",
            "28,6 16,36 16,62 50,62 74,50! 84,2! 76,50 68,100",
        },
        {
            "84,2 58,3 30,2! 26,24 23,44! 56,28 98,44 92,102 42,110 12,88",
            "30,6 27,24 24,46! 50,32 94,42 96,102 44,110 10,92 | 29,5 56,6 86,1",
            "80,0 56,4 36,4! 24,40 40,44 84,44 92,84 60,108 16,98",
        },
        {
            "72,0 38,10 8,56 16,106 76,112 96,72 66,42 32,52 18,82",
            "56,0 30,28 10,72 30,108 80,108 88,66 54,50 24,66 22,86",
            "64,0 48,10 22,40 10,84 40,108 78,104 86,74 66,58 34,66 22,92",
        },
        {
            "14,4 50,5 86,3! 62,46 44,100",
            "16,18 18,4! 50,5 86,2! 68,40 46,74 40,100",
            "14,6 50,4 88,2! 62,46 42,100 | 34,52 56,50 78,51",
        },
        {
            "72,8 44,-10 10,8 22,38 50,48 92,62 88,106 50,108 10,106 10,64 50,47 80,36 92,10 64,-2",
            "50,46 20,42 18,2 50,-6 82,2 80,42 50,46! 8,52 10,106 50,108 90,106 92,52 50,46",
            "82,10 54,-8 14,2 20,36 50,48 86,64 80,106 44,108 10,100 22,70 52,48 80,22 84,6",
        },
        {
            "84,14 60,-8 18,-2 12,44 46,60 76,42 84,8! 82,54 74,100",
            "80,18 62,-8 22,0 14,40 44,56 74,44 84,10! 88,50 84,104 52,110 24,92",
            "80,20 70,-4 36,-8 12,20 24,54 60,52 82,14 80,30 68,64 62,100",
        },
    };

    private static final List<List<Shape>> PARSED = Arrays.stream(SHAPES)
            .map(ways -> Arrays.stream(ways).map(StrokeShapes::parse).toList())
            .toList();

    private StrokeShapes() {}

    /** The number of digits. */
    static int labels() {
        return PARSED.size();
    }

    /** The ways to write {@code label}, at least one. */
    static List<Shape> of(int label) {
        return PARSED.get(label);
    }

    private static Shape parse(String text) {
        String[] strokes = text.split(" \\| ", -1);
        int[] starts = new int[strokes.length + 1];
        for (int s = 0; s < strokes.length; s++) {
            starts[s + 1] = starts[s] + strokes[s].split(" ", -1).length;
        }
        int points = starts[strokes.length];
        Shape shape = new Shape(new float[points], new float[points], new boolean[points], starts);
        String[] words = text.replace(" | ", " ").split(" ", -1);
        for (int i = 0; i < points; i++) {
            String word = words[i];
            shape.corner[i] = word.endsWith("!");
            String[] xy = (shape.corner[i] ? word.substring(0, word.length() - 1) : word).split(",", -1);
            shape.x[i] = Integer.parseInt(xy[0]) / 100f - 0.5f;
            shape.y[i] = Integer.parseInt(xy[1]) / 100f - 0.5f;
        }
        return shape;
    }
}
