package io.cvaespark.spark.inference;

import io.cvaespark.model.RowInference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Row;

/** Rows through a model, a block at a time. */
abstract class BlockIterator implements Iterator<Row> {
    private final Iterator<Row> source;
    private final RowInference inference;
    private Iterator<Row> ready = List.<Row>of().iterator();

    BlockIterator(Iterator<Row> source, RowInference inference) {
        this.source = source;
        this.inference = inference;
    }

    /** Adds a row to the block. */
    abstract void add(Row row);

    /** The output of the block's rows. */
    abstract List<Row> results(List<Row> block);

    @Override
    public boolean hasNext() {
        return ready.hasNext() || source.hasNext();
    }

    @Override
    public Row next() {
        if (!ready.hasNext()) {
            inference.clear();
            List<Row> block = new ArrayList<>();
            while (source.hasNext() && !inference.isFull()) {
                Row row = source.next();
                add(row);
                block.add(row);
            }
            ready = results(block).iterator();
        }
        return ready.next();
    }
}
