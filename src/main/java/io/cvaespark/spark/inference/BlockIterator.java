package io.cvaespark.spark.inference;

import io.cvaespark.model.RowInference;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/** Rows through a model, a block at a time. */
abstract class BlockIterator implements Iterator<Row> {
    /** Rows that are held at a time, when most of them are invalid. */
    private static final int MOST_ROWS = 8 * RowInference.BLOCK_ROWS;

    private final Iterator<Row> source;
    private final RowInference inference;
    private Iterator<Row> ready = List.<Row>of().iterator();

    BlockIterator(Iterator<Row> source, RowInference inference) {
        this.source = source;
        this.inference = inference;
    }

    /** Adds a row to the block; false if nothing can be computed of it. */
    abstract boolean add(Row row);

    /** The output of a row of which nothing can be computed; null: none. */
    @Nullable
    Row invalid(Row row) {
        return null;
    }

    /** The output of the block's rows. */
    abstract List<Row> results(List<Row> block);

    @Override
    public boolean hasNext() {
        while (!ready.hasNext() && source.hasNext()) {
            ready = nextBlock().iterator();
        }
        return ready.hasNext();
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.next();
    }

    private List<Row> nextBlock() {
        inference.clear();
        List<Row> block = new ArrayList<>();
        // The outputs of invalid rows, and null for each row that is computed.
        List<@Nullable Row> places = new ArrayList<>();
        while (source.hasNext() && !inference.isFull() && places.size() < MOST_ROWS) {
            Row row = source.next();
            if (add(row)) {
                block.add(row);
                places.add(null);
            } else {
                Row output = invalid(row);
                if (output != null) {
                    places.add(output);
                }
            }
        }
        if (block.isEmpty()) {
            return places.stream().map(Objects::requireNonNull).toList();
        }
        List<Row> results = results(block);
        if (block.size() == places.size()) {
            return results;
        }
        Iterator<Row> computed = results.iterator();
        return places.stream()
                .map(output -> output == null ? computed.next() : output)
                .toList();
    }
}
