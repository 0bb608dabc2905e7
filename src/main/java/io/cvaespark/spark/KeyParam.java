package io.cvaespark.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.TextNode;
import io.cvaespark.data.Json;
import io.cvaespark.settings.Check;
import io.cvaespark.settings.Key;
import io.cvaespark.settings.Type;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;
import org.jspecify.annotations.Nullable;
import scala.Function1;

/**
 * A key as one Spark ML param: name, documentation, range and default are the key's.
 *
 * <p>A param has no null: 0 and the empty text stand for no value, and for the default of what is set as JSON.
 */
final class KeyParam<T> implements ParamsOfKey<T> {
    private final Params owner;
    private final Key<T> key;
    private final Param<Object> param;

    KeyParam(Params owner, Key<T> key) {
        this.owner = owner;
        this.key = key;
        if (takesZeroBesidesNone(key)) {
            throw new IllegalArgumentException(
                    "%s takes 0 and may have no value, which a param of a number cannot tell apart: give it a default"
                            .formatted(key.path()));
        }
        this.param = untyped(declare(owner, key));
        Object initial = initial();
        if (initial != null) {
            owner.setDefault(param, initial);
        }
    }

    /** The param of {@code key} that {@code owner} has; its class follows from the key's type. */
    static <P extends Param<?>> P of(Params owner, Key<?> key, Class<P> type) {
        return type.cast(owner.getParam(key.param()));
    }

    /** The param of a key that is set as a text: a name, or JSON. */
    @SuppressWarnings("unchecked") // declare made it a param of a text
    static Param<String> text(Params owner, Key<?> key) {
        return (Param<String>) (Param<?>) owner.getParam(key.param());
    }

    @Override
    public Key<T> key() {
        return key;
    }

    @Override
    public Params owner() {
        return owner;
    }

    @Override
    public List<Param<Object>> params() {
        return List.of(param);
    }

    Param<Object> param() {
        return param;
    }

    /** Returns whether the param is the empty text, which stands for no value. */
    boolean isEmpty() {
        return owner.$(param).equals("");
    }

    private static Param<?> declare(Params owner, Key<?> key) {
        String name = key.param();
        String documentation = documentation(key);
        return switch (key.type().kind()) {
            case INTEGER -> new IntParam(owner, name, documentation, validator(key));
            case LONG -> new LongParam(owner, name, documentation, validator(key));
            case NUMBER -> new DoubleParam(owner, name, documentation, validator(key));
            case FLAG -> new BooleanParam(owner, name, documentation);
            case TEXTS -> new StringArrayParam(owner, name, documentation);
            case INTEGERS -> new IntArrayParam(owner, name, documentation);
            case TEXT, CHOICE, JSON -> new Param<String>(owner, name, documentation);
        };
    }

    /** Spark's params of numbers are params of objects; those of texts are used as such here. */
    @SuppressWarnings("unchecked") // a param's type parameter says nothing at run time, and declare made it for the key
    private static Param<Object> untyped(Param<?> param) {
        return (Param<Object>) param;
    }

    private static String documentation(Key<?> key) {
        StringBuilder text = new StringBuilder(key.documentation());
        if (!key.range().isEmpty()) {
            text.append(" (").append(key.range()).append(')');
        }
        if (key.type().kind() == Type.Kind.JSON) {
            text.append("; as JSON, as in a job file");
        } else if (key.defaultValue() == null && isNumber(key)) {
            text.append("; 0: ").append(key.traits().absent());
        }
        return text.toString();
    }

    private static boolean isNumber(Key<?> key) {
        return switch (key.type().kind()) {
            case INTEGER, LONG, NUMBER -> true;
            default -> false;
        };
    }

    private static <V> boolean takesZeroBesidesNone(Key<V> key) {
        if (key.defaultValue() != null) {
            return false;
        }
        return switch (key.type().kind()) {
            case INTEGER -> holds(key.check(), 0);
            case LONG -> holds(key.check(), 0L);
            case NUMBER -> holds(key.check(), 0.0);
            default -> false;
        };
    }

    /** What a param takes at once; of a number of shards all but the sign is checked when training starts. */
    private static <V> Function1<Object, Object> validator(Key<V> key) {
        Check<V> check = key.check();
        Class<?> type = key.type().java().getRawClass();
        boolean mayBeNone = key.defaultValue() == null;
        boolean signOnly = !key.traits().word().isEmpty();
        return (Function1<Object, Object> & Serializable) value -> {
            double number = ((Number) value).doubleValue();
            return (mayBeNone && number == 0) || (signOnly ? number > 0 : holds(check, type.cast(value)));
        };
    }

    @SuppressWarnings("unchecked") // the value is of the class that the key's kind says
    private static <V> boolean holds(Check<V> check, Object value) {
        return check.test().holds((V) value);
    }

    /** The param's default; null: it has none. */
    private @Nullable Object initial() {
        T value = key.defaultValue();
        return switch (key.type().kind()) {
            case JSON -> "";
            case TEXTS, INTEGERS -> value == null ? null : toParam(value);
            default -> toParam(value);
        };
    }

    @Override
    public @Nullable T get() {
        if (!owner.isDefined(param)) {
            return null;
        }
        Object value = owner.$(param);
        return switch (key.type().kind()) {
            case INTEGER, LONG, NUMBER ->
                key.defaultValue() == null && ((Number) value).doubleValue() == 0
                        ? null
                        : key.type().cast(value);
            case FLAG -> key.type().cast(value);
            case TEXT -> value.equals("") ? null : key.type().cast(value);
            case TEXTS -> key.type().cast(List.of((String[]) value));
            case INTEGERS ->
                key.type().cast(Arrays.stream((int[]) value).boxed().toList());
            case CHOICE -> key.read(new TextNode((String) value));
            case JSON -> value.equals("") ? key.defaultValue() : parse((String) value);
        };
    }

    private @Nullable T parse(String json) {
        try {
            return key.read(Json.MAPPER.readTree(json));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "Param %s is not what it should be: %s".formatted(key.param(), e.getOriginalMessage()), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Param %s is not what it should be: %s".formatted(key.param(), e.getMessage()), e);
        }
    }

    @Override
    public void set(@Nullable T value) {
        owner.set(param, toParam(value));
    }

    private Object toParam(@Nullable T value) {
        return switch (key.type().kind()) {
            case INTEGER -> value == null ? Integer.valueOf(0) : value;
            case LONG -> value == null ? Long.valueOf(0) : value;
            case NUMBER -> value == null ? Double.valueOf(0) : value;
            case FLAG -> Boolean.TRUE.equals(value);
            case TEXTS -> value == null ? new String[0] : ((List<?>) value).toArray(new String[0]);
            case INTEGERS ->
                value == null
                        ? new int[0]
                        : ((List<?>) value).stream().mapToInt(n -> (Integer) n).toArray();
            case TEXT, CHOICE -> value == null ? "" : value.toString();
            case JSON -> value == null ? "" : Json.MAPPER.valueToTree(value).toString();
        };
    }
}
