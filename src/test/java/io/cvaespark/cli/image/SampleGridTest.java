package io.cvaespark.cli.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.spark.Cvae;
import io.cvaespark.spark.CvaeModel;
import io.cvaespark.spark.SparkTests;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;

/** Images with missing cells are drawn too. */
class SampleGridTest {

    @Test
    void whatIsMissingIsBlack() {
        Dataset<Row> table = SparkTests.session().sql("""
                select explode(array(
                    array(0f, 1f, float(null), 0.5f), cast(null as array<float>), array(1f, 1f, 0f, 2f))) as image
                """);
        CvaeModel model = new Cvae()
                .setColumns("{\"targets\": [{\"column\": \"image\", \"type\": \"continuous\"}]}")
                .setVariant("vae")
                .setLatentDim(1)
                .setHiddenLayers(new int[] {2})
                .setMaxIter(1)
                .setNumShards(1)
                .fit(table);
        List<float[]> images = SampleGrid.images(
                table, SampleGrid.requireImage(model.description().schema()));
        assertEquals(3, images.size());
        assertArrayEquals(new float[] {0, 1, 0, 0.5f}, images.get(0));
        assertArrayEquals(new float[4], images.get(1));
        assertArrayEquals(new float[] {1, 1, 0, 1}, images.get(2));
    }
}
