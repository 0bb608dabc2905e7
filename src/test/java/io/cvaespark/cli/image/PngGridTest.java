package io.cvaespark.cli.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.cvaespark.ExpectedError;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class PngGridTest {
    private static final int GUTTER = 96;

    @Test
    void imagesStandInReadingOrder() {
        List<float[]> images = List.of(new float[] {0, 1}, new float[] {0.2f, 0.4f}, new float[] {0.6f, 0.8f});
        // 1×2 pixels each, two columns, the last cell empty
        BufferedImage grid = PngGrid.render(images, 1, 1, 2, 2);
        assertGrey(
                new int[][] {
                    {GUTTER, GUTTER, GUTTER, GUTTER, GUTTER, GUTTER, GUTTER},
                    {GUTTER, 0, 255, GUTTER, 51, 102, GUTTER},
                    {GUTTER, GUTTER, GUTTER, GUTTER, GUTTER, GUTTER, GUTTER},
                    {GUTTER, 153, 204, GUTTER, GUTTER, GUTTER, GUTTER},
                    {GUTTER, GUTTER, GUTTER, GUTTER, GUTTER, GUTTER, GUTTER},
                },
                grid);
    }

    @Test
    void zoomRepeatsPixelsAndNotGutters() {
        BufferedImage grid = PngGrid.render(List.of(new float[] {0, 1}), 1, 2, 1, 1, 2);
        assertGrey(
                new int[][] {
                    {GUTTER, GUTTER, GUTTER, GUTTER},
                    {GUTTER, 0, 0, GUTTER},
                    {GUTTER, 0, 0, GUTTER},
                    {GUTTER, 255, 255, GUTTER},
                    {GUTTER, 255, 255, GUTTER},
                    {GUTTER, GUTTER, GUTTER, GUTTER},
                },
                grid);
    }

    @Test
    void colourIsChannelByChannel() {
        // two pixels: red 1, 0; green 0, 0.2; blue 0.4, 1
        BufferedImage grid = PngGrid.render(List.of(new float[] {1, 0, 0, 0.2f, 0.4f, 1}), 3, 1, 2, 1);
        assertEquals(0xFF0066, grid.getRGB(1, 1) & 0xFFFFFF);
        assertEquals(0x0033FF, grid.getRGB(2, 1) & 0xFFFFFF);
    }

    @Test
    void valuesOutsideAreCutOff() {
        assertGrey(
                new int[][] {
                    {GUTTER, GUTTER, GUTTER, GUTTER}, {GUTTER, 0, 255, GUTTER}, {GUTTER, GUTTER, GUTTER, GUTTER}
                },
                PngGrid.render(List.of(new float[] {-3, 7}), 1, 1, 2, 1));
    }

    @Test
    void pngReadsBack() throws IOException {
        for (int channels : new int[] {1, 3}) {
            BufferedImage grid =
                    PngGrid.render(List.of(new float[channels * 6], ramp(channels * 6)), channels, 2, 3, 2, 3);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            PngGrid.write(grid, out);
            BufferedImage read = ImageIO.read(new ByteArrayInputStream(out.toByteArray()));
            assertFalse(read == null, "no PNG");
            assertEquals(grid.getWidth(), read.getWidth());
            assertEquals(grid.getHeight(), read.getHeight());
            for (int y = 0; y < grid.getHeight(); y++) {
                for (int x = 0; x < grid.getWidth(); x++) {
                    assertEquals(grid.getRGB(x, y), read.getRGB(x, y));
                }
            }
        }
    }

    @Test
    void callsThatCannotBeDrawnAreRefused() {
        Class<IllegalArgumentException> type = IllegalArgumentException.class;
        List<float[]> images = List.of(new float[4], new float[5]);
        ExpectedError.of(type, () -> PngGrid.render(images, 1, 2, 2, 1), "Image 1", "expected 4", "found 5");
        ExpectedError.of(type, () -> PngGrid.render(List.of(), 1, 2, 2, 1), "found none");
        ExpectedError.of(type, () -> PngGrid.render(List.of(new float[8]), 2, 2, 2, 1), "1 channel", "found 2");
        ExpectedError.of(type, () -> PngGrid.render(List.of(new float[4]), 1, 2, 2, 0), "at least 1", "2, 2, 0, 1");
        float[] nan = {0, Float.NaN};
        ExpectedError.of(type, () -> PngGrid.render(List.of(nan), 1, 1, 2, 1), "Image 0", "NaN at value 1");
    }

    private static void assertGrey(int[][] expected, BufferedImage grid) {
        assertEquals(expected.length, grid.getHeight());
        assertEquals(expected[0].length, grid.getWidth());
        for (int y = 0; y < expected.length; y++) {
            for (int x = 0; x < expected[y].length; x++) {
                assertEquals(expected[y][x], grid.getRaster().getSample(x, y, 0), "pixel (" + y + ", " + x + ")");
            }
        }
    }

    private static float[] ramp(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) i / length;
        }
        return values;
    }
}
