package io.cvaespark.data.computed;

import java.io.Serializable;

/**
 * A column that follows from others: it is not modelled, and sampled rows get what the formula gives.
 *
 * @param column its name
 * @param dataType its Spark SQL type, as JSON
 * @param formula which holds in all rows of the training data
 * @param decimals to which its values are rounded; −1 for none
 */
public record ComputedColumn(String column, String dataType, Formula formula, int decimals) implements Serializable {

    /** What sampled rows get, in a few words. */
    public String describe() {
        return "not modelled; sampled rows get " + formula.text();
    }
}
