package io.cvaespark.cli.report;

import io.cvaespark.cli.image.PngGrid;
import io.cvaespark.cli.image.SampleGrid;
import io.cvaespark.cli.run.RunDirectory;
import io.cvaespark.data.Field;
import io.cvaespark.model.Architecture;
import io.cvaespark.model.Variant;
import io.cvaespark.model.prior.PriorSpec;
import io.cvaespark.spark.CvaeModel;
import io.cvaespark.spark.inference.Evaluation;
import io.cvaespark.spark.table.Structs;
import io.cvaespark.spark.training.HistoryFiles;
import io.cvaespark.store.StoredModel;
import io.cvaespark.train.HistoryRow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.apache.spark.ml.feature.PCA;
import org.apache.spark.ml.feature.PCAModel;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/** The content of a run's report, as the page's script takes it; a section without content is absent. */
final class Report {
    private static final int MOST_GROUPS = 12;
    private static final int REAL_IMAGES = 4;
    private static final int MADE_IMAGES = 8;
    private static final int RECONSTRUCTIONS = 12;
    private static final String LATENT = "report_latent";
    private static final String COMPONENTS = "report_components";
    private static final String RECONSTRUCTION = "report_reconstruction";

    private final SparkSession spark;
    private final RunDirectory run;
    private final CvaeModel model;
    private final long seed;

    Report(SparkSession spark, RunDirectory run, CvaeModel model, long seed) {
        this.spark = spark;
        this.run = run;
        this.model = model.copy(org.apache.spark.ml.param.ParamMap.empty());
        this.seed = seed;
    }

    /**
     * Everything that the page shows.
     *
     * @param real rows to compare with; null: there are none, and the page says so
     * @param source what the rows are called
     */
    Map<String, @Nullable Object> content(@Nullable ReportRows real, String source) throws IOException {
        Map<String, @Nullable Object> content = new LinkedHashMap<>();
        StoredModel stored = model.description();
        content.put("title", run.toString());
        content.put("variant", stored.architecture().variant().toString());
        content.put(
                "conditions",
                stored.schema().conditions().stream().map(Field::column).toList());
        content.put("provenance", stored.provenance());
        content.put("job", run.readJob());
        content.put("history", history());
        content.put("environment", ReportPage.environment(spark));
        if (real == null) {
            content.put("missing", source);
            return content;
        }
        content.put("source", source);
        content.put("rows", real.size());
        Evaluation evaluation = model.evaluate(real.table(), 0, seed);
        content.put("evaluation", evaluation.toMap());
        Variant variant = stored.architecture().variant();
        Field image = SampleGrid.image(stored.schema()).orElse(null);
        if (variant.isGenerative()) {
            List<Row> conditioned = real.conditioned();
            if (!conditioned.isEmpty()) {
                Dataset<Row> synthetic = real.sampled(conditioned, false);
                content.put(
                        "columns",
                        ReportColumns.compare(stored.schema().targets(), real.asTable(conditioned), synthetic));
                if (image != null) {
                    content.put("samples", samples(real, conditioned, image));
                }
            }
        }
        if (variant.hasLatent()) {
            content.put("reconstructions", image != null ? reconstructedImages(real, image) : reconstructedRows(real));
            content.put("latent", latent(real));
        }
        return content;
    }

    private Map<String, Object> history() {
        List<HistoryRow> rows = HistoryFiles.read(spark, run.history());
        Map<String, Object> history = new LinkedHashMap<>();
        for (String split : List.of(HistoryRow.TRAIN, HistoryRow.VALIDATION)) {
            List<HistoryRow> own =
                    rows.stream().filter(r -> r.split().equals(split)).toList();
            if (!own.isEmpty()) {
                Map<String, Object> series = new LinkedHashMap<>();
                series.put("epoch", own.stream().map(HistoryRow::epoch).toList());
                series.put("loss", values(own, HistoryRow::loss));
                series.put("elbo", values(own, HistoryRow::elbo));
                series.put("reconstruction", values(own, HistoryRow::reconstruction));
                series.put("kl", values(own, HistoryRow::kl));
                series.put("learning_rate", values(own, HistoryRow::learningRate));
                series.put("beta", values(own, HistoryRow::beta));
                series.put("rows_per_second", values(own, HistoryRow::rowsPerSecond));
                series.put("seconds", values(own, HistoryRow::seconds));
                series.put("compute_ms", values(own, HistoryRow::computeMs));
                series.put("exchange_ms", values(own, HistoryRow::exchangeMs));
                series.put("wait_ms", values(own, HistoryRow::waitMs));
                series.put("workers", own.stream().map(HistoryRow::workers).toList());
                history.put(split, series);
            }
        }
        return history;
    }

    private static List<Double> values(List<HistoryRow> rows, ToDoubleFunction<HistoryRow> of) {
        return rows.stream().mapToDouble(of).boxed().toList();
    }

    /**
     * A line for each level of the first categorical condition, or for each of some rows: real images, and generated ones.
     *
     * @param conditioned the rows that can be sampled for
     */
    private Map<String, Object> samples(ReportRows real, List<Row> conditioned, Field image) throws IOException {
        Field grouping = real.groupings(MOST_GROUPS).stream().findFirst().orElse(null);
        List<String> labels = new ArrayList<>();
        List<List<Row>> lines = new ArrayList<>();
        if (grouping != null) {
            ReportRows.by(grouping, conditioned).forEach((level, line) -> {
                labels.add(level);
                lines.add(line);
            });
        } else {
            ReportRows.first(MOST_GROUPS, conditioned).forEach(row -> lines.add(List.of(row)));
        }
        List<Row> conditions = new ArrayList<>();
        for (List<Row> line : lines) {
            for (int i = 0; i < MADE_IMAGES; i++) {
                conditions.add(line.get(i % line.size()));
            }
        }
        List<float[]> made = SampleGrid.images(real.sampled(conditions, true), image);
        List<float[]> originals = new ArrayList<>();
        boolean several = lines.stream().anyMatch(line -> line.size() > 1);
        int shown = several ? REAL_IMAGES : 1;
        for (List<Row> line : lines) {
            List<float[]> own = SampleGrid.images(real.asTable(line.subList(0, Math.min(shown, line.size()))), image);
            for (int i = 0; i < shown; i++) {
                originals.add(
                        i < own.size() ? own.get(i) : new float[image.codec().width()]);
            }
        }
        return Map.of(
                "condition",
                grouping == null ? "" : grouping.column(),
                "labels",
                labels,
                "real",
                png(originals, image, shown),
                "generated",
                png(made, image, MADE_IMAGES));
    }

    /** The first line shows the originals, the second their reconstructions: the model decodes their latents. */
    private Map<String, Object> reconstructedImages(ReportRows real, Field image) throws IOException {
        List<Row> some = ReportRows.first(RECONSTRUCTIONS, real.rows());
        List<float[]> grid = new ArrayList<>(SampleGrid.images(real.asTable(some), image));
        grid.addAll(SampleGrid.images(reconstructed(real, some), image));
        return Map.of("png", png(grid, image, some.size()));
    }

    /** The targets of some rows, and their reconstructions from their latents. */
    private Map<String, Object> reconstructedRows(ReportRows real) {
        List<Row> some = ReportRows.first(RECONSTRUCTIONS, real.rows());
        List<String> columns =
                real.schema().targets().stream().map(Field::column).toList();
        // Quoted: a name may have dots.
        Column[] quoted =
                columns.stream().map(name -> functions.col("`" + name + "`")).toArray(Column[]::new);
        List<List<@Nullable String>> before = cells(real.asTable(some).select(quoted));
        List<List<@Nullable String>> after = cells(reconstructed(real, some).select(quoted));
        return Map.of("columns", columns, "originals", before, "reconstructions", after);
    }

    private static List<List<@Nullable String>> cells(Dataset<Row> table) {
        List<List<@Nullable String>> cells = new ArrayList<>();
        for (Row row : table.collectAsList()) {
            List<@Nullable String> line = new ArrayList<>();
            for (int j = 0; j < row.size(); j++) {
                line.add(row.isNullAt(j) ? null : row.get(j).toString());
            }
            cells.add(line);
        }
        return cells;
    }

    /** The rows with their targets replaced by the reconstruction. */
    private Dataset<Row> reconstructed(ReportRows real, List<Row> some) {
        Dataset<Row> result = quiet().setReconstructionCol(RECONSTRUCTION).transform(real.asTable(some));
        List<Field> targets = real.schema().targets();
        for (Field target : targets) {
            result = result.withColumn(
                    target.column(),
                    targets.size() == 1
                            ? functions.col(RECONSTRUCTION)
                            : Structs.field(
                                    functions.col(RECONSTRUCTION),
                                    target.column(),
                                    real.schema().structs()));
        }
        return result;
    }

    private CvaeModel quiet() {
        return model.copy(org.apache.spark.ml.param.ParamMap.empty())
                .setElboCol("")
                .setLatentCol("")
                .setReconstructionLossCol("")
                .setSeed(seed);
    }

    /** The latents' means in their first two principal components, with each row's levels of the categorical conditions. */
    private Map<String, Object> latent(ReportRows real) {
        Dataset<Row> latents = quiet().setLatentCol(LATENT).transform(real.table());
        Architecture architecture = model.description().architecture();
        PCAModel pca = new PCA()
                .setInputCol(LATENT)
                .setOutputCol(COMPONENTS)
                .setK(Math.min(2, architecture.latent()))
                .fit(latents);
        List<Field> groupings = real.groupings(MOST_GROUPS);
        List<Column> wanted = new ArrayList<>(List.of(functions.col(COMPONENTS)));
        for (Field grouping : groupings) {
            Column level = functions.col("`" + grouping.column() + "`").cast("string");
            wanted.add(functions.coalesce(level, functions.lit("unknown")));
        }
        List<double[]> points = new ArrayList<>();
        Map<String, List<String>> levels = new LinkedHashMap<>();
        groupings.forEach(grouping -> levels.put(grouping.column(), new ArrayList<>()));
        for (Row row :
                pca.transform(latents).select(wanted.toArray(Column[]::new)).collectAsList()) {
            points.add(Arrays.copyOf(((Vector) row.get(0)).toArray(), 2));
            int at = 1;
            for (List<String> of : levels.values()) {
                of.add(row.getString(at++));
            }
        }
        PriorSpec prior = architecture.latentPrior();
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("dimensions", architecture.latent());
        section.put("prior_sees_condition", prior.seesCondition());
        section.put("decoder_sees_condition", architecture.variant().decoderSeesCondition());
        section.put("explained", pca.explainedVariance().toArray());
        section.put("points", points);
        section.put("levels", levels);
        return section;
    }

    private static String png(List<float[]> images, Field image, int columns) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PngGrid.write(SampleGrid.grid(images, image, columns), bytes);
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
