package io.cvaespark.spark.table;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

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

    /** The images of the elements that {@code keep} holds for. */
    public static <A, B> Iterator<B> filterMap(Iterator<A> source, Predicate<A> keep, Function<A, B> f) {
        return new Iterator<>() {
            private @Nullable B next;

            @Override
            public boolean hasNext() {
                while (next == null && source.hasNext()) {
                    A element = source.next();
                    if (keep.test(element)) {
                        next = f.apply(element);
                    }
                }
                return next != null;
            }

            @Override
            public B next() {
                if (!hasNext() || next == null) {
                    throw new NoSuchElementException();
                }
                B result = next;
                next = null;
                return result;
            }
        };
    }
}
