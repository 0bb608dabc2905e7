package io.cvaespark.nn;

import java.util.List;

/**
 * A named, shaped range of the model's flat parameter array.
 *
 * @param name such as {@code encoder.0.weight}
 * @param offset index of its first value
 * @param shape extents, row-major; [out, in] for a dense weight
 */
public record Tensor(String name, int offset, List<Integer> shape) {

    public Tensor {
        shape = List.copyOf(shape);
    }

    /** Number of values. */
    public int size() {
        return shape.stream().reduce(1, Math::multiplyExact);
    }

    /** The same tensor as part of something larger. */
    Tensor within(String prefix, int base) {
        return new Tensor(prefix + "." + name, base + offset, shape);
    }
}
