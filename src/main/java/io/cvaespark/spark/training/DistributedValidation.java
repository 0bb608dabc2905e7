package io.cvaespark.spark.training;

import io.cvaespark.batch.Block;
import io.cvaespark.data.TableSchema;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.PackedFloats;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.Architecture;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.model.ExactLosses;
import io.cvaespark.model.LossSums;
import io.cvaespark.model.Objectives;
import io.cvaespark.model.RowInference;
import io.cvaespark.model.RowLosses;
import io.cvaespark.train.TrainingConfig;
import io.cvaespark.train.TrainingLoop;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Computes the losses of the cached held-out rows on the executors. Noise is keyed by the hash of each row, and sums
 * are exact.
 */
final class DistributedValidation implements TrainingLoop.Validation {
    private final JavaSparkContext spark;
    private final JavaRDD<Block> blocks;
    private final Architecture architecture;
    private final TableSchema schema;
    private final TrainingConfig config;

    DistributedValidation(
            JavaSparkContext spark,
            JavaRDD<Block> blocks,
            Architecture architecture,
            TableSchema schema,
            TrainingConfig config) {
        this.spark = spark;
        this.blocks = blocks;
        this.architecture = architecture;
        this.schema = schema;
        this.config = config;
    }

    @Override
    public LossSums evaluate(float[] parameters, double beta) {
        spark.sc().setJobDescription("cvae: validation");
        Broadcast<PackedFloats> broadcast = spark.broadcast(new PackedFloats(parameters));
        Architecture networks = architecture;
        TableSchema table = schema;
        long seed = config.seed();
        float freeBits = (float) config.freeBits();
        Blas.Library blas = config.blas();
        try {
            return blocks.mapPartitions(it -> {
                        RowInference inference = new RowInference(
                                new CvaeNetwork(networks),
                                table,
                                broadcast.value().values(),
                                Objectives.of(networks, freeBits),
                                beta,
                                seed,
                                new Workspace(Blas.of(blas).independentOfPlace()));
                        return sum(it, inference, table.rowWidth());
                    })
                    .reduce(ExactLosses::merge)
                    .sums();
        } finally {
            broadcast.destroy();
            spark.sc().setJobDescription(null);
        }
    }

    private static Iterator<ExactLosses> sum(Iterator<Block> blocks, RowInference inference, int width) {
        ExactLosses sums = new ExactLosses();
        while (blocks.hasNext()) {
            Block block = blocks.next();
            inference.clear();
            for (int r = 0; r < block.rows(); r++) {
                inference.add(block.values(), r * width, 1f, block.ids()[r]);
            }
            RowLosses losses = inference.losses();
            float[] weights = block.weights();
            for (int r = 0; r < block.rows(); r++) {
                sums.add(
                        weights == null ? 1 : weights[r],
                        losses.loss()[r],
                        losses.reconstruction()[r],
                        losses.kl()[r],
                        0);
            }
        }
        return List.of(sums).iterator();
    }
}
