package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An autoregressive layer: the parameters η of each column x_j of a row from z, c and the columns before it, so that p(x|z,c) =
 * Π_j p(x_j | x_&lt;j, z, c).
 *
 * <p>Shapes: input [z | c | x], [B×(G + X)]; output η [B×H]. Each column has a <b>head</b>: a network of one hidden layer over
 * its <b>features</b>, [z | c | e_1 | … | e_j−1], where e_i is the embedding of column i's code, or the floats of a column that
 * has no codes. All heads run in one pass where x is known, as in training; to generate x, call {@link #features}, and then for
 * each column {@link #eta} and {@link #see}.
 *
 * <p>Heads with weights of their own, instead of one masked network (MADE, Germain et al. 2015), cost only the products that the
 * mask would leave, and let each column be as wide as it has values. A code below 0 stands for a column that is not known; its
 * features are 0.
 *
 * <p>With <b>any order</b> (Uria et al. 2014) a head sees all columns that are known, whichever these are, and one bit for each
 * that says so. A training step draws an order for each row and shows each head the columns before its own. So the layer learns
 * p(x_j | any others). Without keys the order is that of {@code columns}.
 *
 * @param given the network of the first columns [z | c], which may embed conditions
 * @param targets X, the floats of x
 * @param columns in the order in which they are generated
 * @param activation of the hidden layers
 * @param dropout the share of hidden values that a training step drops
 * @param anyOrder true if any columns may be known
 */
public record Autoregressive(
        Given given, int targets, List<Column> columns, Activation activation, double dropout, boolean anyOrder)
        implements Layer {
    /**
     * The first columns of the input.
     *
     * @param width G, the floats of z and c
     * @param layers what they go through; empty for none
     */
    public record Given(int width, List<Layer> layers) {
        public Given {
            layers = List.copyOf(layers);
        }

        int outputWidth() {
            return layers.isEmpty() ? width : layers.get(layers.size() - 1).outputWidth();
        }

        Network at(int offset) {
            return new Network("given", layers, offset);
        }

        int parameterCount() {
            return layers.stream().mapToInt(Layer::parameterCount).sum();
        }
    }

    /**
     * A column.
     *
     * @param at the place of its first float in x
     * @param width its floats
     * @param codes K if its first float is a code; 0 if its floats are features as they are
     * @param embedding the width of the vector of each code
     * @param etaAt the place of its first parameter in η
     * @param etaWidth its parameters
     * @param hidden the width of its head's hidden layer
     * @param ranks the place of each code among the numbers, in ascending order, that codes stand for; empty if codes have no order
     * @param late true of a column that comes after all those that are not late, whatever the order; these are the last
     */
    public record Column(
            int at,
            int width,
            int codes,
            int embedding,
            int etaAt,
            int etaWidth,
            int hidden,
            List<Integer> ranks,
            boolean late)
            implements Serializable {
        public Column {
            ranks = List.copyOf(ranks);
        }

        /** A column of codes without an order, which is not late. */
        public Column(int at, int width, int codes, int embedding, int etaAt, int etaWidth, int hidden) {
            this(at, width, codes, embedding, etaAt, etaWidth, hidden, List.of(), false);
        }

        /** The same without a vector of its codes: no head sees the last column. */
        Column unseen() {
            return new Column(at, width, codes, 0, etaAt, etaWidth, hidden, ranks, late);
        }

        int features() {
            return codes > 0 ? embedding : width;
        }

        int tableSize() {
            return codes > 0 ? Math.multiplyExact(codes, embedding) : 0;
        }
    }

    public Autoregressive {
        columns = List.copyOf(columns);
    }

    /** Without z and c a constant is the first feature, so that the first column's head has an input. */
    private int firstFeatures() {
        return Math.max(given.outputWidth(), 1);
    }

    /** The heads and the features, for a layer whose parameters begin at {@code offset}. */
    private record Heads(Network[] networks, ColumnFeatures features) {}

    private Heads heads(int offset) {
        int n = columns.size();
        int[] tables = new int[n];
        ColumnFeatures features = ColumnFeatures.behind(firstFeatures(), columns, tables, anyOrder);
        Network[] networks = new Network[n];
        int at = offset + given.parameterCount();
        for (int j = 0; j < n; j++) {
            Column column = columns.get(j);
            tables[j] = at;
            at += column.tableSize();
            List<Layer> layers = new ArrayList<>();
            layers.add(new Dense(features.widthOf(j), column.hidden(), activation));
            if (dropout > 0) {
                layers.add(new Dropout(column.hidden(), dropout));
            }
            layers.add(new Dense(column.hidden(), column.etaWidth(), Activation.IDENTITY));
            networks[j] = new Network("head", layers, at);
            at = networks[j].end();
        }
        return new Heads(networks, features);
    }

    @Override
    public int inputWidth() {
        return given.width() + targets;
    }

    @Override
    public int outputWidth() {
        return columns.stream().mapToInt(Column::etaWidth).sum();
    }

    @Override
    public List<Tensor> tensors() {
        List<Tensor> tensors = new ArrayList<>();
        if (!given.layers().isEmpty()) {
            tensors.addAll(given.at(0).tensors());
        }
        Heads heads = heads(0);
        for (int j = 0; j < columns.size(); j++) {
            Column column = columns.get(j);
            String name = "column" + j;
            if (column.tableSize() > 0) {
                List<Integer> shape = List.of(column.codes(), column.embedding());
                tensors.add(new Tensor(name + ".embedding", heads.features().tables()[j], shape));
            }
            for (Tensor t : heads.networks()[j].tensors()) {
                tensors.add(new Tensor(name + "." + t.name(), t.offset(), t.shape()));
            }
        }
        return tensors;
    }

    @Override
    public long products() {
        long sum = given.layers().stream().mapToLong(Layer::products).sum();
        for (Network head : heads(0).networks()) {
            sum += head.layers().stream().mapToLong(Layer::products).sum();
        }
        return sum;
    }

    @Override
    public void initialize(long seed, float[] parameters, int offset) {
        given.at(offset).initialize(seed, parameters);
        Heads heads = heads(offset);
        heads.features().initialize(seed, parameters);
        for (Network head : heads.networks()) {
            head.initialize(seed, parameters);
        }
    }

    /** Generates rows column by column; for one block of rows. */
    public final class Generation {
        private final float[] parameters;
        private final Heads heads;
        private final Matrix features;
        private final Workspace workspace;

        /** @param input [z | c], [B×G] or wider */
        public Generation(float[] parameters, int offset, Matrix input, Workspace workspace) {
            this.parameters = parameters;
            this.heads = heads(offset);
            this.workspace = workspace;
            this.features = workspace.zeros(input.rows(), heads.features().width());
            begin(features, ofGiven(parameters, offset, input, null, workspace));
        }

        /** η of column {@code j} from the columns that are known, [B×etaWidth]. */
        public Matrix eta(int j) {
            Matrix seen = features.columns(0, heads.features().widthOf(j));
            return heads.networks()[j].forward(parameters, seen, workspace).output();
        }

        /** Makes column {@code j} of {@code x} [B×X] known, but in rows where its code is below 0. */
        public void see(int j, Matrix x) {
            for (int r = 0; r < x.rows(); r++) {
                heads.features().put(parameters, j, x, r, features);
            }
        }
    }

    private Network.Trace ofGiven(
            float[] parameters, int offset, Matrix input, long @Nullable [] keys, Workspace workspace) {
        Matrix own = input.columns(0, given.width());
        if (given.layers().isEmpty()) {
            return new Network.Trace(List.of(new Trace(own, own, own)));
        }
        return given.at(offset).forward(parameters, own, keys, workspace);
    }

    private void begin(Matrix features, Network.Trace first) {
        if (given.width() == 0) {
            features.columns(0, 1).fill(1f);
        } else {
            features.columns(0, given.outputWidth()).copyFrom(first.output());
        }
    }

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace) {
        return forward(parameters, offset, input, null, workspace);
    }

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, long @Nullable [] keys, Workspace workspace) {
        Matrix.requireShape(input, input.rows(), inputWidth());
        Heads heads = heads(offset);
        Network.Trace first = ofGiven(parameters, offset, input, keys, workspace);
        Matrix features = workspace.matrix(input.rows(), heads.features().width());
        begin(features, first);
        Matrix x = input.columns(given.width(), inputWidth());
        for (int j = 0; j < columns.size(); j++) {
            for (int r = 0; r < x.rows(); r++) {
                heads.features().put(parameters, j, x, r, features);
            }
        }
        int[][] places = anyOrder ? places(input.rows(), keys) : new int[0][];
        Matrix eta = workspace.matrix(input.rows(), outputWidth());
        List<Trace> traces = new ArrayList<>(first.layers());
        for (int j = 0; j < columns.size(); j++) {
            Column column = columns.get(j);
            Matrix seen = anyOrder
                    ? heads.features().before(j, places, features, workspace)
                    : features.columns(0, heads.features().widthOf(j));
            Network.Trace trace = heads.networks()[j].forward(parameters, seen, keys, workspace);
            eta.columns(column.etaAt(), column.etaAt() + column.etaWidth()).copyFrom(trace.output());
            traces.addAll(trace.layers());
        }
        return new Trace(input, features, eta, traces);
    }

    /** The place of each column in the order of each row, [B][J]. */
    private int[][] places(int rows, long @Nullable [] keys) {
        int[][] places = new int[rows][columns.size()];
        int late = (int) columns.stream().filter(Column::late).count();
        for (int r = 0; r < rows; r++) {
            if (keys == null) {
                Arrays.setAll(places[r], j -> j);
            } else {
                ColumnFeatures.drawPlaces(keys[r], late, places[r]);
            }
        }
        return places;
    }

    @Override
    public void backward(
            float[] parameters,
            int offset,
            Trace trace,
            Matrix outputGradient,
            @Nullable Matrix inputGradient,
            Gradient gradient,
            Workspace workspace) {
        Heads heads = heads(offset);
        ColumnFeatures layout = heads.features();
        Matrix features = trace.preActivation();
        Matrix featureGradient = workspace.zeros(features.rows(), features.cols());
        for (int j = 0; j < columns.size(); j++) {
            claimEmbedding(layout.tables()[j], columns.get(j).tableSize(), gradient);
        }
        Matrix x = trace.input().columns(given.width(), inputWidth());
        int end = trace.inner().size();
        int layers = dropout > 0 ? 3 : 2;
        for (int j = columns.size() - 1; j >= 0; j--) {
            Column column = columns.get(j);
            List<Trace> ofHead = trace.inner().subList(end - layers, end);
            end -= layers;
            Matrix d = outputGradient.columns(column.etaAt(), column.etaAt() + column.etaWidth());
            Matrix own = workspace.matrix(d.rows(), layout.widthOf(j));
            heads.networks()[j].backward(parameters, new Network.Trace(ofHead), d, own, gradient, workspace);
            if (anyOrder) {
                layout.hideUnknown(ofHead.get(0).input(), own);
            }
            add(own, featureGradient, workspace);
        }
        for (int j = 0; j < columns.size(); j++) {
            if (columns.get(j).codes() > 0) {
                layout.addToEmbedding(j, x, features, featureGradient, gradient.values());
            }
        }
        givenGradient(parameters, offset, trace, featureGradient, inputGradient, gradient, workspace);
        if (inputGradient != null && inputGradient.cols() > given.width()) {
            Matrix ofX = inputGradient.columns(given.width(), inputGradient.cols());
            targetGradient(layout, featureGradient, ofX);
        }
    }

    private static void claimEmbedding(int table, int size, Gradient gradient) {
        if (gradient.claim(table, size) == 0f) {
            Arrays.fill(gradient.values(), table, table + size, 0f);
        }
    }

    private static void add(Matrix part, Matrix sum, Workspace workspace) {
        for (int r = 0; r < part.rows(); r++) {
            workspace.math().add(part.data(), part.row(r), sum.data(), sum.row(r), part.cols());
        }
    }

    private void givenGradient(
            float[] parameters,
            int offset,
            Trace trace,
            Matrix featureGradient,
            @Nullable Matrix inputGradient,
            Gradient gradient,
            Workspace workspace) {
        if (given.width() == 0) {
            return;
        }
        Matrix wanted =
                inputGradient == null ? null : inputGradient.columns(0, Math.min(given.width(), inputGradient.cols()));
        Matrix first = featureGradient.columns(0, given.outputWidth());
        if (given.layers().isEmpty()) {
            if (wanted != null) {
                wanted.copyFrom(first.columns(0, wanted.cols()));
            }
            return;
        }
        Matrix d = workspace.matrix(first.rows(), first.cols());
        d.copyFrom(first);
        Network.Trace ofGiven =
                new Network.Trace(trace.inner().subList(0, given.layers().size()));
        given.at(offset).backward(parameters, ofGiven, d, wanted, gradient, workspace);
    }

    /** The gradient of the first columns of x: that of floats which are features; a code has none. */
    private void targetGradient(ColumnFeatures layout, Matrix featureGradient, Matrix xGradient) {
        xGradient.fill(0f);
        for (int j = 0; j < columns.size(); j++) {
            Column column = columns.get(j);
            int end = Math.min(column.at() + column.width(), xGradient.cols());
            for (int i = column.at(); column.codes() == 0 && i < end; i++) {
                for (int r = 0; r < xGradient.rows(); r++) {
                    xGradient.set(r, i, featureGradient.get(r, layout.at(j) + i - column.at()));
                }
            }
        }
    }
}
