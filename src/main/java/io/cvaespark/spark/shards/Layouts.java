package io.cvaespark.spark.shards;

import java.util.List;

/** Lays the shards of a training out for its workers. */
public interface Layouts {

    /**
     * The blocks of all shards, in one partition for each worker.
     *
     * @param workers a power of two, at most the number of shards
     * @param locations where each worker should run; empty: anywhere
     */
    WorkerBlocks layout(int workers, List<String> locations);
}
