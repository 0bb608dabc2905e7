package io.cvaespark.spark;

import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamValidators;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * The params of {@link Cvae}: every key of a job file that says what is trained and how, under Spark ML's name where it has
 * one ({@code maxIter} for epochs, {@code stepSize} for the learning rate).
 */
abstract class CvaeParams extends Estimator<CvaeModel> implements OutputColumns {
    private final String uid;
    private final StringArrayParam targetCols;
    private final StringArrayParam conditionCols;
    private final Param<String> columns;
    private final Param<String> likelihood;
    private final Param<String> weightCol;
    private final Param<String> variant;
    private final IntParam latentDim;
    private final IntArrayParam hiddenLayers;
    private final Param<String> hidden;
    private final Param<String> activation;
    private final Param<String> modelOptions;
    private final IntParam maxIter;
    private final IntParam batchSize;
    private final DoubleParam stepSize;
    private final Param<String> optimizer;
    private final DoubleParam beta;
    private final Param<String> betaSchedule;
    private final DoubleParam freeBits;
    private final Param<String> augment;
    private final LongParam seed;
    private final IntParam numShards;
    private final Param<String> exchange;
    private final IntParam roundSteps;
    private final Param<String> blas;
    private final IntParam patience;
    private final Param<String> checkpointDir;
    private final IntParam checkpointInterval;
    private final Param<String> checkpointEvery;
    private final Param<String> validationIndicatorCol;
    private final DoubleParam validationFraction;
    private final Param<String> latentCol;
    private final Param<String> latentStdCol;
    private final Param<String> latentDrawCol;
    private final Param<String> reconstructionCol;
    private final Param<String> reconstructionLossCol;
    private final Param<String> elboCol;
    private final Param<String> logLikelihoodCol;
    private final Param<String> predictionCol;
    private final Param<String> probabilityCol;
    private final IntParam predictionSamples;
    private final IntParam importanceSamples;

    CvaeParams(String uid) {
        this.uid = uid;
        this.targetCols = new StringArrayParam(this, "targetCols", "columns x that are generated");
        this.conditionCols = new StringArrayParam(this, "conditionCols", "columns c they are generated from");
        this.columns = new Param<>(
                this,
                "columns",
                "column specifications as JSON, {\"targets\": [...], \"conditions\": [...]} as in a job file; replaces targetCols and conditionCols");
        this.likelihood =
                new Param<>(this, "likelihood", "likelihood of the target columns (empty: by each column's type)");
        this.weightCol = new Param<>(this, "weightCol", "column of instance weights (empty: all 1)");
        this.variant = new Param<>(
                this, "variant", "member of the family: ae, vae, cvae-1, cvae-2, cvae-3, cvae-4, m2 or baseline");
        this.latentDim = new IntParam(this, "latentDim", "width Z of the latent (>= 1)", ParamValidators.gtEq(1));
        this.hiddenLayers = new IntArrayParam(this, "hiddenLayers", "hidden widths of every network");
        this.hidden = new Param<>(
                this,
                "hidden",
                "hidden layers per network as JSON, {\"encoder\": [...], \"decoder\": [...], \"prior\": [...]}; replaces hiddenLayers");
        this.activation = new Param<>(this, "activation", "relu, tanh, softplus or silu");
        this.modelOptions = new Param<>(
                this,
                "modelOptions",
                "further keys of a job file's model section as JSON, such as {\"alpha\": 0.5} or {\"objective\": \"iwae\"}");
        this.maxIter = new IntParam(this, "maxIter", "epochs (>= 1)", ParamValidators.gtEq(1));
        this.batchSize = new IntParam(
                this,
                "batchSize",
                "global rows per step, whatever the number of workers (>= 1)",
                ParamValidators.gtEq(1));
        this.stepSize = new DoubleParam(this, "stepSize", "learning rate (> 0)", ParamValidators.gt(0));
        this.optimizer = new Param<>(
                this, "optimizer", "optimizer settings as JSON, as in a job file; stepSize replaces its learningRate");
        this.beta = new DoubleParam(this, "beta", "weight of the KL term (>= 0)", ParamValidators.gtEq(0));
        this.betaSchedule =
                new Param<>(this, "betaSchedule", "schedule of beta as JSON, as in a job file; replaces beta");
        this.freeBits = new DoubleParam(
                this,
                "freeBits",
                "nats per row and latent dimension that cost nothing (>= 0)",
                ParamValidators.gtEq(0));
        this.augment = new Param<>(
                this,
                "augment",
                "how rows are changed at every visit of training as JSON, such as {\"shift\": 2, \"noise\": 0.1} (empty: not at all)");
        this.seed = new LongParam(this, "seed", "of everything random");
        this.numShards = new IntParam(
                this,
                "numShards",
                "shards, a power of two; 0: chosen from the slots (fix it for results that do not depend on the cluster)",
                ParamValidators.gtEq(0));
        this.exchange = new Param<>(this, "exchange", "how gradients are combined: auto, allreduce or driver");
        this.roundSteps = new IntParam(
                this,
                "roundSteps",
                "most steps between two returns of the state to the driver; 0: those of an epoch",
                ParamValidators.gtEq(0));
        this.blas = new Param<>(this, "blas", "native or java");
        this.patience = new IntParam(
                this,
                "patience",
                "epochs without a better validation loss before training stops; 0: never",
                ParamValidators.gtEq(0));
        this.checkpointDir = new Param<>(this, "checkpointDir", "directory of checkpoints (empty: none)");
        this.checkpointInterval =
                new IntParam(this, "checkpointInterval", "epochs between checkpoints (>= 1)", ParamValidators.gtEq(1));
        this.checkpointEvery = new Param<>(
                this,
                "checkpointEvery",
                "when a checkpoint is written as JSON, as in a job file; replaces checkpointInterval");
        this.validationIndicatorCol = new Param<>(
                this, "validationIndicatorCol", "boolean column that marks the rows held out (empty: none)");
        this.validationFraction = new DoubleParam(
                this,
                "validationFraction",
                "share of the rows held out, by their hash (0: none)",
                ParamValidators.inRange(0, 1, true, false));
        this.latentCol = new Param<>(this, "latentCol", "column of the posterior mean of z (empty: not added)");
        this.latentStdCol =
                new Param<>(this, "latentStdCol", "column of the posterior deviation of z (empty: not added)");
        this.latentDrawCol =
                new Param<>(this, "latentDrawCol", "column of a draw of z from the posterior (empty: not added)");
        this.reconstructionCol =
                new Param<>(this, "reconstructionCol", "column of the reconstruction (empty: not added)");
        this.reconstructionLossCol =
                new Param<>(this, "reconstructionLossCol", "column of -log p(x|z,c) in nats (empty: not added)");
        this.elboCol = new Param<>(this, "elboCol", "column of the ELBO in nats (empty: not added)");
        this.logLikelihoodCol =
                new Param<>(this, "logLikelihoodCol", "column of log p(x|c) in nats (empty: not added)");
        this.predictionCol = new Param<>(this, "predictionCol", "column of what c alone predicts (empty: not added)");
        this.probabilityCol =
                new Param<>(this, "probabilityCol", "column of the probabilities of the classes (empty: not added)");
        this.predictionSamples = new IntParam(
                this,
                "predictionSamples",
                "draws of z that predictions average over; 0: the prior's mean",
                ParamValidators.gtEq(0));
        this.importanceSamples = new IntParam(
                this, "importanceSamples", "draws of z for the log-likelihood (>= 1)", ParamValidators.gtEq(1));
        setDefault(conditionCols, new String[0]);
        setDefault(columns, "");
        setDefault(likelihood, "");
        setDefault(weightCol, "");
        setDefault(variant, "cvae-2");
        setDefault(latentDim, 32);
        setDefault(hiddenLayers, new int[] {512, 512});
        setDefault(hidden, "");
        setDefault(activation, "relu");
        setDefault(modelOptions, "");
        setDefault(maxIter, 20);
        setDefault(batchSize, 512);
        setDefault(stepSize, 0.001);
        setDefault(optimizer, "");
        setDefault(beta, 1.0);
        setDefault(betaSchedule, "");
        setDefault(freeBits, 0.0);
        setDefault(augment, "");
        setDefault(numShards, 0);
        setDefault(exchange, "auto");
        setDefault(roundSteps, 0);
        setDefault(blas, "native");
        setDefault(patience, 0);
        setDefault(checkpointDir, "");
        setDefault(checkpointInterval, 1);
        setDefault(checkpointEvery, "");
        setDefault(validationIndicatorCol, "");
        setDefault(validationFraction, 0.0);
        setOutputDefaults();
    }

    @Override
    public String uid() {
        return uid;
    }

    public StringArrayParam targetCols() {
        return targetCols;
    }

    public StringArrayParam conditionCols() {
        return conditionCols;
    }

    public Param<String> columns() {
        return columns;
    }

    public Param<String> likelihood() {
        return likelihood;
    }

    public Param<String> weightCol() {
        return weightCol;
    }

    public Param<String> variant() {
        return variant;
    }

    public IntParam latentDim() {
        return latentDim;
    }

    public IntArrayParam hiddenLayers() {
        return hiddenLayers;
    }

    public Param<String> hidden() {
        return hidden;
    }

    public Param<String> activation() {
        return activation;
    }

    /** Further keys of a job file's model section, as JSON. */
    public Param<String> modelOptions() {
        return modelOptions;
    }

    public IntParam maxIter() {
        return maxIter;
    }

    public IntParam batchSize() {
        return batchSize;
    }

    public DoubleParam stepSize() {
        return stepSize;
    }

    public Param<String> optimizer() {
        return optimizer;
    }

    public DoubleParam beta() {
        return beta;
    }

    public Param<String> betaSchedule() {
        return betaSchedule;
    }

    public DoubleParam freeBits() {
        return freeBits;
    }

    public Param<String> augment() {
        return augment;
    }

    @Override
    public LongParam seed() {
        return seed;
    }

    public IntParam numShards() {
        return numShards;
    }

    public Param<String> exchange() {
        return exchange;
    }

    /** Most steps between two returns of the state to the driver; 0: those of an epoch. */
    public IntParam roundSteps() {
        return roundSteps;
    }

    public Param<String> blas() {
        return blas;
    }

    public IntParam patience() {
        return patience;
    }

    public Param<String> checkpointDir() {
        return checkpointDir;
    }

    public IntParam checkpointInterval() {
        return checkpointInterval;
    }

    public Param<String> checkpointEvery() {
        return checkpointEvery;
    }

    public Param<String> validationIndicatorCol() {
        return validationIndicatorCol;
    }

    public DoubleParam validationFraction() {
        return validationFraction;
    }

    @Override
    public Param<String> latentCol() {
        return latentCol;
    }

    @Override
    public Param<String> latentStdCol() {
        return latentStdCol;
    }

    @Override
    public Param<String> latentDrawCol() {
        return latentDrawCol;
    }

    @Override
    public Param<String> reconstructionCol() {
        return reconstructionCol;
    }

    @Override
    public Param<String> reconstructionLossCol() {
        return reconstructionLossCol;
    }

    @Override
    public Param<String> elboCol() {
        return elboCol;
    }

    @Override
    public Param<String> logLikelihoodCol() {
        return logLikelihoodCol;
    }

    @Override
    public Param<String> predictionCol() {
        return predictionCol;
    }

    @Override
    public Param<String> probabilityCol() {
        return probabilityCol;
    }

    @Override
    public IntParam predictionSamples() {
        return predictionSamples;
    }

    @Override
    public IntParam importanceSamples() {
        return importanceSamples;
    }

    /** The param's text; empty where it is not set. */
    final String text(Param<String> param) {
        return $(param);
    }
}
