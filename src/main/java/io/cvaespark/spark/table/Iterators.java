package io.cvaespark.spark.table;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;

/** Lazy iterators for the bodies of Spark tasks. */
public final class Iterators {
    private Iterators() {}

    static <A> List<A> toList(Iterator<A> source) {
        List<A> list = new ArrayList<>();
        source.forEachRemaining(list::add);
        return list;
    }

    public static <A, B> Iterator<B> map(Iterator<A> source, Function<A, B> f) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return source.hasNext();
            }

            @Override
            public B next() {
                return f.apply(source.next());
            }
        };
    }

    /** The elements of one iterator after the other; each is asked for when the one before it has ended. */
    public static <A> Iterator<A> concat(Iterator<? extends Iterator<A>> sources) {
        return new Iterator<>() {
            private Iterator<A> current = Collections.emptyIterator();

            @Override
            public boolean hasNext() {
                while (!current.hasNext() && sources.hasNext()) {
                    current = sources.next();
                }
                return current.hasNext();
            }

            @Override
            public A next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return current.next();
            }
        };
    }
}
