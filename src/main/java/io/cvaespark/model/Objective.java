package io.cvaespark.model;

/** What training minimises, row by row. */
public interface Objective {

    /** Computes the losses of the step's rows, and the gradient of Σ_r w_r·loss_r where it is wanted. */
    void accumulate(ObjectiveStep step);
}
