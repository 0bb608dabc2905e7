package io.cvaespark.nn;

import java.util.List;

/**
 * A named, shaped range of the model's flat parameter array.
 *
 * @param name the tensor's name, such as {@code encoder.0.weight}
 * @param offset the index of its first value
 * @param shape the extents, row-major; [out, in] for a dense weight
 */
public record Tensor(String name, int offset, List<Integer> shape) {

    public Tensor {
        shape = List.copyOf(shape);
    }

    /** The number of values. */
    public int size() {
        return shape.stream().reduce(1, Math::multiplyExact);
    }

    /** Returns this tensor as a part of {@code prefix}, whose values begin at {@code base}. */
    Tensor within(String prefix, int base) {
        return new Tensor(prefix + "." + name, base + offset, shape);
    }
}
