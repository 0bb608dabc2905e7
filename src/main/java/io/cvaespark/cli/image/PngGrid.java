package io.cvaespark.cli.image;

import java.awt.image.BufferedImage;
import java.awt.image.WritableRaster;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Draws images as a grid in one picture, white on black, with thin grey lines between them. */
public final class PngGrid {
    /** The number of pixels between images, which are not zoomed. */
    private static final int GUTTER = 1;

    private static final int GUTTER_GREY = 96;

    static {
        // drawing into memory needs no display, but on some desktops Java would open one
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true");
        }
    }

    private PngGrid() {}

    /** Draws the grid with one pixel for each value; see the method with a zoom. */
    static BufferedImage render(List<float[]> images, int channels, int height, int width, int columns) {
        return render(images, channels, height, width, columns, 1);
    }

    /**
     * Draws the grid of {@code images}, from left to right and then downwards.
     *
     * <p>Each image is [channels×height×width], with values from 0 (black) to 1 (white); other values are clipped. One
     * channel is grey, three are red, green and blue. Each value becomes {@code zoom}×{@code zoom} pixels. Cells after
     * the last image stay grey.
     *
     * @throws IllegalArgumentException if there is no image, if an image's length is not channels·height·width, if a
     *     value is NaN, if channels is not 1 or 3, or if a size is not positive
     */
    static BufferedImage render(List<float[]> images, int channels, int height, int width, int columns, int zoom) {
        check(images, channels, height, width, columns, zoom);
        int rows = (images.size() + columns - 1) / columns;
        int stepX = Math.addExact(Math.multiplyExact(width, zoom), GUTTER);
        int stepY = Math.addExact(Math.multiplyExact(height, zoom), GUTTER);
        BufferedImage grid = new BufferedImage(
                Math.addExact(Math.multiplyExact(columns, stepX), GUTTER),
                Math.addExact(Math.multiplyExact(rows, stepY), GUTTER),
                channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_INT_RGB);
        // writes to the raster, because setRGB would apply a gamma curve to grey values
        WritableRaster raster = grid.getRaster();
        for (int band = 0; band < channels; band++) {
            for (int y = 0; y < grid.getHeight(); y++) {
                for (int x = 0; x < grid.getWidth(); x++) {
                    int imageIndex = (y / stepY) * columns + x / stepX;
                    int inY = y % stepY - GUTTER;
                    int inX = x % stepX - GUTTER;
                    boolean gutter = inX < 0 || inY < 0 || x / stepX >= columns || imageIndex >= images.size();
                    int at = (band * height + inY / zoom) * width + inX / zoom;
                    raster.setSample(x, y, band, gutter ? GUTTER_GREY : level(images.get(imageIndex)[at]));
                }
            }
        }
        return grid;
    }

    /** Writes {@code image} as PNG; {@code out} stays open. */
    public static void write(BufferedImage image, OutputStream out) throws IOException {
        // uses memory, because ImageIO would otherwise write a temporary file
        try (ImageOutputStream png = new MemoryCacheImageOutputStream(out)) {
            if (!ImageIO.write(image, "png", png)) {
                throw new IOException(
                        "This Java installation has no PNG writer (javax.imageio); install a full JDK or JRE");
            }
        }
        out.flush();
    }

    private static int level(float value) {
        return (int) (Math.max(0, Math.min(1, value)) * 255 + 0.5f);
    }

    private static void check(List<float[]> images, int channels, int height, int width, int columns, int zoom) {
        if (images.isEmpty()) {
            throw new IllegalArgumentException("Grid of images: expected at least one image, found none");
        }
        if (channels != 1 && channels != 3) {
            throw new IllegalArgumentException(
                    "Grid of images: expected 1 channel (grey) or 3 (red, green, blue), found %s".formatted(channels));
        }
        if (height < 1 || width < 1 || columns < 1 || zoom < 1) {
            throw new IllegalArgumentException(
                    "Grid of images: height, width, columns and zoom must be at least 1, found %s, %s, %s, %s"
                            .formatted(height, width, columns, zoom));
        }
        long length = (long) channels * height * width;
        for (int i = 0; i < images.size(); i++) {
            float[] image = images.get(i);
            if (image.length != length) {
                throw new IllegalArgumentException(
                        "Image %s of the grid: expected %s values (%s channels x %s x %s), found %s"
                                .formatted(i, length, channels, height, width, image.length));
            }
            for (int j = 0; j < image.length; j++) {
                if (Float.isNaN(image[j])) {
                    throw new IllegalArgumentException(
                            "Image %s of the grid: expected numbers, found NaN at value %s".formatted(i, j));
                }
            }
        }
    }
}
