package io.cvaespark.spark;

import io.cvaespark.settings.Key;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.jspecify.annotations.Nullable;

/** The Spark ML params that set one key of the job file. */
interface ParamsOfKey<T> {
    Key<T> key();

    List<Param<Object>> params();

    Params owner();

    /** Returns whether one of the params is set. */
    default boolean isSet() {
        return params().stream().anyMatch(param -> owner().isSet(param));
    }

    /** Makes the params what they are by default. */
    default void clear() {
        params().forEach(owner()::clear);
    }

    /** What the params say; null: no value. */
    @Nullable
    T get();

    /** Makes the params say it. */
    void set(@Nullable T value);

    /**
     * A plain param for the usual values, which can be tuned, and one in JSON for all others, which replaces it.
     *
     * @param usual the plain value of the key's; null: it has none
     * @param back the key's value of a plain one
     */
    record PlainOrJson<T, P>(KeyParam<P> plain, KeyParam<T> json, Function<T, @Nullable P> usual, Function<P, T> back)
            implements ParamsOfKey<T> {
        @Override
        public Key<T> key() {
            return json.key();
        }

        @Override
        public Params owner() {
            return json.owner();
        }

        @Override
        public List<Param<Object>> params() {
            return List.of(plain.param(), json.param());
        }

        @Override
        public @Nullable T get() {
            P value = plain.get();
            return json.isEmpty() && value != null ? back.apply(value) : json.get();
        }

        @Override
        public void set(@Nullable T value) {
            P asPlain = value == null ? null : usual.apply(value);
            json.set(asPlain == null ? value : null);
            plain.set(asPlain == null ? plain.key().defaultValue() : asPlain);
        }
    }

    /**
     * A section in JSON, one key of which has a param of its own that replaces it there.
     *
     * @param of the part's value in a section
     * @param with the section with another one
     */
    record SectionAndPart<T, P>(KeyParam<T> whole, KeyParam<P> part, Function<T, P> of, BiFunction<T, P, T> with)
            implements ParamsOfKey<T> {
        @Override
        public Key<T> key() {
            return whole.key();
        }

        @Override
        public Params owner() {
            return whole.owner();
        }

        @Override
        public List<Param<Object>> params() {
            return List.of(whole.param(), part.param());
        }

        @Override
        public @Nullable T get() {
            T section = whole.get();
            P own = part.get();
            return section == null || own == null ? section : with.apply(section, own);
        }

        @Override
        public void set(@Nullable T value) {
            whole.set(value);
            part.set(value == null ? part.key().defaultValue() : of.apply(value));
        }
    }
}
