package io.cvaespark.spark;

import io.cvaespark.job.InputConfig;
import io.cvaespark.settings.Check;
import io.cvaespark.settings.Key;
import io.cvaespark.settings.Keys;
import io.cvaespark.train.TrainingConfig;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;

/**
 * The params that say which columns {@link CvaeModel#transform} adds; an empty name means the column is not added. Estimator
 * and model have them both.
 *
 * @param <S> the estimator or the model itself
 */
public interface OutputColumns<S extends OutputColumns<S>> extends Params {
    /** The declarations, in the order of the methods below. */
    Keys KEYS = new Keys("");

    Key<String> LATENT_COL = KEYS.add(column("latentCol", "the posterior mean of z"));
    Key<String> LATENT_STD_COL = KEYS.add(column("latentStdCol", "the posterior deviation of z"));
    Key<String> LATENT_DRAW_COL = KEYS.add(column("latentDrawCol", "a draw of z from the posterior"));
    Key<String> RECONSTRUCTION_COL = KEYS.add(column("reconstructionCol", "the reconstruction"));
    Key<String> RECONSTRUCTION_LOSS_COL = KEYS.add(column("reconstructionLossCol", "-log p(x|z,c) in nats"));
    Key<String> ELBO_COL = KEYS.add(Key.text("elboCol", "elbo", "column of the ELBO in nats (empty: not added)"));
    Key<String> LOG_LIKELIHOOD_COL = KEYS.add(column("logLikelihoodCol", "log p(x|c) in nats"));
    Key<String> PREDICTION_COL = KEYS.add(column("predictionCol", "what c alone predicts"));
    Key<String> PROBABILITY_COL = KEYS.add(column("probabilityCol", "the probabilities of the classes"));
    Key<Integer> PREDICTION_SAMPLES = KEYS.add(Key.integer(
            "predictionSamples", 0, Check.atLeast(0), "draws of z that predictions average over; 0: the prior's mean"));
    Key<Integer> IMPORTANCE_SAMPLES =
            KEYS.add(Key.integer("importanceSamples", 100, Check.atLeast(1), "draws of z for the log-likelihood"));

    private static Key<String> column(String name, String of) {
        return Key.text(name, null, "column of " + of + " (empty: not added)");
    }

    default Param<String> latentCol() {
        return KeyParam.text(this, LATENT_COL);
    }

    default Param<String> latentStdCol() {
        return KeyParam.text(this, LATENT_STD_COL);
    }

    default Param<String> latentDrawCol() {
        return KeyParam.text(this, LATENT_DRAW_COL);
    }

    default Param<String> reconstructionCol() {
        return KeyParam.text(this, RECONSTRUCTION_COL);
    }

    default Param<String> reconstructionLossCol() {
        return KeyParam.text(this, RECONSTRUCTION_LOSS_COL);
    }

    default Param<String> elboCol() {
        return KeyParam.text(this, ELBO_COL);
    }

    default Param<String> logLikelihoodCol() {
        return KeyParam.text(this, LOG_LIKELIHOOD_COL);
    }

    default Param<String> predictionCol() {
        return KeyParam.text(this, PREDICTION_COL);
    }

    default Param<String> probabilityCol() {
        return KeyParam.text(this, PROBABILITY_COL);
    }

    default IntParam predictionSamples() {
        return KeyParam.of(this, PREDICTION_SAMPLES, IntParam.class);
    }

    default IntParam importanceSamples() {
        return KeyParam.of(this, IMPORTANCE_SAMPLES, IntParam.class);
    }

    default LongParam seed() {
        return KeyParam.of(this, TrainingConfig.SEED, LongParam.class);
    }

    default Param<String> handleInvalid() {
        return KeyParam.text(this, InputConfig.HANDLE_INVALID);
    }

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

    /**
     * What becomes of a row with a cell that its column cannot hold: error, skip (left out) or keep (transform adds nulls; not for
     * fit).
     */
    default String getHandleInvalid() {
        return $(handleInvalid());
    }

    /** See {@link #getLatentCol}. */
    default S setLatentCol(String value) {
        return with(latentCol(), value);
    }

    /** See {@link #getLatentStdCol}. */
    default S setLatentStdCol(String value) {
        return with(latentStdCol(), value);
    }

    /** See {@link #getLatentDrawCol}. */
    default S setLatentDrawCol(String value) {
        return with(latentDrawCol(), value);
    }

    /** See {@link #getReconstructionCol}. */
    default S setReconstructionCol(String value) {
        return with(reconstructionCol(), value);
    }

    /** See {@link #getReconstructionLossCol}. */
    default S setReconstructionLossCol(String value) {
        return with(reconstructionLossCol(), value);
    }

    /** See {@link #getElboCol}. */
    default S setElboCol(String value) {
        return with(elboCol(), value);
    }

    /** See {@link #getLogLikelihoodCol}. */
    default S setLogLikelihoodCol(String value) {
        return with(logLikelihoodCol(), value);
    }

    /** See {@link #getPredictionCol}. */
    default S setPredictionCol(String value) {
        return with(predictionCol(), value);
    }

    /** See {@link #getProbabilityCol}. */
    default S setProbabilityCol(String value) {
        return with(probabilityCol(), value);
    }

    /** See {@link #getPredictionSamples}. */
    default S setPredictionSamples(int value) {
        return with(predictionSamples(), value);
    }

    /** Draws of z for the log-likelihood. */
    default S setImportanceSamples(int value) {
        return with(importanceSamples(), value);
    }

    /** Of everything random. */
    default S setSeed(long value) {
        return with(seed(), value);
    }

    /** See {@link #getHandleInvalid}. */
    default S setHandleInvalid(String value) {
        return with(handleInvalid(), value);
    }

    /** Sets a param, and returns this object. */
    @SuppressWarnings("unchecked") // S is the class itself
    private <T> S with(Param<T> param, T value) {
        set(param, value);
        return (S) this;
    }
}
