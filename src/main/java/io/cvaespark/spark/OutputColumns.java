package io.cvaespark.spark;

import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/** The params that say which columns {@link CvaeModel#transform} adds; an empty name means the column is not added. */
public interface OutputColumns extends Params {

    Param<String> latentCol();

    Param<String> latentStdCol();

    Param<String> latentDrawCol();

    Param<String> reconstructionCol();

    Param<String> reconstructionLossCol();

    Param<String> elboCol();

    Param<String> logLikelihoodCol();

    Param<String> predictionCol();

    Param<String> probabilityCol();

    IntParam predictionSamples();

    IntParam importanceSamples();

    LongParam seed();

    /** The posterior's mean of z, a vector. */
    default String getLatentCol() {
        return $(latentCol());
    }

    /** The posterior's standard deviation of z, a vector. */
    default String getLatentStdCol() {
        return $(latentStdCol());
    }

    /** A draw z ~ q(z|x,c), a vector; another {@link #seed} gives another one. */
    default String getLatentDrawCol() {
        return $(latentDrawCol());
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

    /**
     * What c alone predicts: E[x|z,c] at the prior's mean, or averaged over {@link #predictionSamples} draws of z.
     *
     * <p>Where a class is predicted, it is the most probable one: of the one target column, where that is categorical; of the
     * condition by q(c|x), from x alone, for variant m2. A class that is a number comes out as a double, for Spark ML's
     * evaluators.
     */
    default String getPredictionCol() {
        return $(predictionCol());
    }

    /** The probabilities of the classes, a vector in the order of the levels (sorted by value). */
    default String getProbabilityCol() {
        return $(probabilityCol());
    }

    /** Draws of z ~ p(z|c) that predictions average over; 0: z at the prior's mean. q(c|x) of m2 needs none. */
    default int getPredictionSamples() {
        return (Integer) $(predictionSamples());
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
        setDefault(latentStdCol(), "");
        setDefault(latentDrawCol(), "");
        setDefault(reconstructionCol(), "");
        setDefault(reconstructionLossCol(), "");
        setDefault(elboCol(), "elbo");
        setDefault(logLikelihoodCol(), "");
        setDefault(predictionCol(), "");
        setDefault(probabilityCol(), "");
        setDefault(predictionSamples(), 0);
        setDefault(importanceSamples(), 100);
        setDefault(seed(), 0L);
    }
}
