package io.cvaespark.datasets;

/**
 * Draws strokes of varying width on a square grey image, with smooth edges.
 *
 * <p>A pixel whose centre lies d from a stroke's middle line, where the stroke is 2r wide, gets the grey value min(1,
 * 2r, max(0, r + ½ − d)), the share of the pixel's width that the stroke covers; where strokes meet, the larger value
 * stays. Coordinates and widths are in pixels; pixel (i, j) has its centre at (j + ½, i + ½). Parts outside of the
 * image are cut off. Only +, −, ×, / and sqrt are used, which IEEE 754 rounds alike on every machine.
 */
final class StrokePen {
    private final int size;
    private final float[] image;

    StrokePen(int size) {
        this.size = size;
        this.image = new float[size * size];
    }

    /** The image drawn so far, [size×size], row by row; not a copy. */
    float[] image() {
        return image;
    }

    /**
     * Draws the quadratic Bézier curve from point 0 to point 2 with control point 1.
     *
     * <p>(1−t)²·p0 + 2t(1−t)·p1 + t²·p2 for each coordinate, and so for the half width r.
     */
    void curve(float x0, float y0, float r0, float x1, float y1, float r1, float x2, float y2, float r2) {
        float bendX = x0 - 2 * x1 + x2;
        float bendY = y0 - 2 * y1 + y2;
        // n chords differ from the curve by at most bend / (4 n²), here a twentieth of a pixel
        float bend = (float) Math.sqrt(bendX * bendX + bendY * bendY);
        int pieces = 1 + (int) Math.sqrt(5 * bend);
        float x = x0;
        float y = y0;
        float r = r0;
        for (int i = 1; i <= pieces; i++) {
            float t = (float) i / pieces;
            float a = (1 - t) * (1 - t);
            float b = 2 * t * (1 - t);
            float c = t * t;
            float nextX = a * x0 + b * x1 + c * x2;
            float nextY = a * y0 + b * y1 + c * y2;
            float nextR = a * r0 + b * r1 + c * r2;
            line(x, y, r, nextX, nextY, nextR);
            x = nextX;
            y = nextY;
            r = nextR;
        }
    }

    /** Draws the straight stroke between two points with round ends; the half width changes from r0 to r1. */
    void line(float x0, float y0, float r0, float x1, float y1, float r1) {
        float reach = Math.max(r0, r1) + 0.5f;
        int left = Math.max(0, (int) (Math.min(x0, x1) - reach));
        int right = Math.min(size - 1, (int) (Math.max(x0, x1) + reach));
        int top = Math.max(0, (int) (Math.min(y0, y1) - reach));
        int bottom = Math.min(size - 1, (int) (Math.max(y0, y1) + reach));
        float dx = x1 - x0;
        float dy = y1 - y0;
        float squared = dx * dx + dy * dy;
        float scale = squared > 0 ? 1 / squared : 0;
        for (int i = top; i <= bottom; i++) {
            float py = i + 0.5f - y0;
            for (int j = left; j <= right; j++) {
                float px = j + 0.5f - x0;
                // t is the position of the nearest point on the middle line, as a share of its length
                float t = Math.max(0, Math.min(1, (px * dx + py * dy) * scale));
                float offX = px - t * dx;
                float offY = py - t * dy;
                float distance = offX * offX + offY * offY;
                if (distance < reach * reach) {
                    float r = r0 + t * (r1 - r0);
                    float grey = Math.min(Math.min(1, 2 * r), r + 0.5f - (float) Math.sqrt(distance));
                    int pixel = i * size + j;
                    image[pixel] = Math.max(image[pixel], grey);
                }
            }
        }
    }
}
