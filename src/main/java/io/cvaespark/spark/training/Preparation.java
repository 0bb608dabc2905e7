package io.cvaespark.spark.training;

import io.cvaespark.batch.Augmentation;
import io.cvaespark.batch.Dealing;
import io.cvaespark.data.TableSchema;
import io.cvaespark.job.Architectures;
import io.cvaespark.job.ModelConfig;
import io.cvaespark.linalg.Blas;
import io.cvaespark.model.Architecture;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.model.Objective;
import io.cvaespark.model.Objectives;
import io.cvaespark.spark.exchange.Slots;
import io.cvaespark.spark.table.Structs;
import io.cvaespark.spark.table.TableFitter;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is known before the first step of a training, after one pass over the table. A {@link DryRun} ends here.
 *
 * @param request with what the table decides
 * @param slots the tasks that can run at once
 */
record Preparation(
        Training.Request request,
        TableFitter.Fitted fitted,
        Architecture architecture,
        CvaeNetwork network,
        int slots) {
    private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);

    /** Checks a settled request and reads its table; throws for what cannot be trained. */
    static Preparation of(Training.Request request) {
        // Cheap checks first: nothing is read before the job makes sense and the arithmetic is there.
        Augmentation augmentation = request.config().augment();
        if (augmentation != null) {
            requireAugmentable(augmentation, request.model());
        }
        requireValidationOfPlateau(request);
        Blas blas = Blas.of(request.config().blas());
        LOG.debug("driver BLAS: {}", blas.provider());
        SparkContext spark = request.table().sparkSession().sparkContext();
        spark.setJobDescription("cvae: reading the columns");
        int slots = new Slots(spark).await();
        TableFitter.Fitted fitted = fitter(request).fit(slots);
        requireHeldOutRows(request, fitted);
        TableSchema schema = fitted.schema();
        Architecture architecture = Architectures.of(request.model(), schema);
        if (augmentation != null) {
            augmentation.require(schema, architecture.networks().image());
        }
        Objective unused = Objectives.of(architecture, (float) request.config().freeBits());
        return new Preparation(request, fitted, architecture, new CvaeNetwork(architecture), slots);
    }

    /** The request with what the table decides. */
    static Training.Request settled(Training.Request request) {
        List<@Nullable String> others = new ArrayList<>();
        others.add(request.weightColumn());
        others.add(request.holdout().indicatorColumn());
        Dataset<Row> table = Structs.flatten(request.table());
        TableDefaults settled = TableDefaults.settle(
                table, request.targets(), request.conditions(), request.model(), request.config(), others);
        return new Training.Request(
                table,
                settled.targets(),
                request.conditions(),
                settled.model(),
                settled.training(),
                request.weightColumn(),
                request.holdout().flat().orFraction(settled.validation()),
                request.handleInvalid(),
                request.checkpointDirectory(),
                request.resume(),
                request.initial(),
                request.listener());
    }

    private static TableFitter fitter(Training.Request request) {
        return new TableFitter(
                request.table(),
                request.targets(),
                request.conditions(),
                request.weightColumn(),
                request.holdout(),
                request.model().variant().hasClassifier(),
                request.model().isAutoregressive(),
                request.handleInvalid());
    }

    /** Throws if patience has no held-out rows to judge by; warns if some were asked for and there are none. */
    private static void requireHeldOutRows(Training.Request request, TableFitter.Fitted fitted) {
        if (fitted.validationRows() > 0) {
            return;
        }
        String found = request.holdout().finding(fitted.trainingRows());
        if (request.config().patience() != null) {
            throw new IllegalArgumentException(
                    "training.patience judges by held-out rows, and %s. Hold out more rows by input.validation, or leave patience out"
                            .formatted(found));
        }
        if (!request.holdout().equals(TableFitter.Holdout.NONE)) {
            LOG.warn("Nothing is validated: {}", found);
        }
    }

    /** All rows alike; for m2 the labelled ones recycle beside the others. */
    Dealing dealing(int shards) {
        int batch = request.config().batch();
        if (!fitted.unknownConditions()) {
            return new Dealing(fitted.trainingRows(), shards, batch);
        }
        long labelled = fitted.labelledRows();
        long unlabelled = fitted.trainingRows() - labelled;
        if (labelled == 0) {
            throw new IllegalArgumentException(
                    "Variant m2 learns from some rows with a class, and the condition column is null in all %s; use vae"
                            .formatted(unlabelled));
        }
        if (unlabelled == 0) {
            LOG.info("All {} rows have a class: nothing is left to be semi-supervised", labelled);
            return new Dealing(labelled, shards, batch);
        }
        int recycled = (int) Math.max(1, Math.round(request.model().labelledShare() * batch));
        if (recycled >= batch) {
            throw new IllegalArgumentException("model.labelledShare %s of a batch of %s leaves no row without a class"
                    .formatted(request.model().labelledShare(), batch));
        }
        LOG.info(
                "Semi-supervised: {} rows with a class, {} of each batch; an epoch is one pass over {} rows without",
                labelled,
                recycled,
                unlabelled);
        return new Dealing(unlabelled, shards, batch - recycled, labelled, recycled);
    }

    /** Throws where augmentation asks for what the model section does not have. */
    private static void requireAugmentable(Augmentation augmentation, ModelConfig model) {
        augmentation.requireImage(model.image());
        if (augmentation.noise() != null && !model.variant().hasLatent()) {
            throw new IllegalArgumentException(
                    "training.augment.noise is for networks that see x, and variant %s has none: leave it out"
                            .formatted(model.variant()));
        }
    }

    private static void requireValidationOfPlateau(Training.Request request) {
        if (request.config().optimizer().toPlateau() != null
                && request.holdout().equals(TableFitter.Holdout.NONE)) {
            throw new IllegalArgumentException(
                    "training.optimizer.schedule: plateau needs held-out rows. Set input.validation (such as 0.1), or another schedule");
        }
    }
}
