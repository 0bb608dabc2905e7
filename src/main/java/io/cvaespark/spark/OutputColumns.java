package io.cvaespark.spark;

import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** The params that say which columns {@link CvaeModel#transform} adds; an empty name means the column is not added. */
public interface OutputColumns extends Params {

    Param<String> latentCol();

    Param<String> reconstructionCol();

    Param<String> reconstructionLossCol();

    Param<String> elboCol();

    Param<String> logLikelihoodCol();

    Param<String> predictionCol();

    IntParam importanceSamples();

    LongParam seed();

    /** The posterior's mean of z, a vector. */
    default String getLatentCol() {
        return $(latentCol());
    }

    /** E[x|z,c] at the posterior's mean: the target column, or a struct of several. */
    default String getReconstructionCol() {
        return $(reconstructionCol());
    }

    /** −log p(x|z,c) with one draw of z, in nats. */
    default String getReconstructionLossCol() {
        return $(reconstructionLossCol());
    }

    /** The ELBO with one draw of z, β = 1, in nats. */
    default String getElboCol() {
        return $(elboCol());
    }

    /** log p(x|c) by importance sampling, in nats. */
    default String getLogLikelihoodCol() {
        return $(logLikelihoodCol());
    }

    /** E[x|z,c] at the prior's mean: what c alone predicts. */
    default String getPredictionCol() {
        return $(predictionCol());
    }

    /** Draws of z for {@link #logLikelihoodCol}. */
    default int getImportanceSamples() {
        return (Integer) $(importanceSamples());
    }

    /** Of the noise. */
    default long getSeed() {
        return (Long) $(seed());
    }

    /** Sets the defaults that estimator and model share. */
    default void setOutputDefaults() {
        setDefault(latentCol(), "");
        setDefault(reconstructionCol(), "");
        setDefault(reconstructionLossCol(), "");
        setDefault(elboCol(), "elbo");
        setDefault(logLikelihoodCol(), "");
        setDefault(predictionCol(), "");
        setDefault(importanceSamples(), 100);
        setDefault(seed(), 0L);
    }
}
