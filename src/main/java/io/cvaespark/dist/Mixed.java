package io.cvaespark.dist;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The likelihood of a row of independent fields, each with a likelihood of its own: p(x|η) = Π_f p_f(x_f|η_f). In x and
 * η the fields follow each other.
 */
record Mixed(List<Likelihood> fields) implements Likelihood {

    Mixed {
        fields = List.copyOf(fields);
    }

    @Override
    public String name() {
        return "mixed";
    }

    @Override
    public int width() {
        return fields.stream().mapToInt(Likelihood::width).sum();
    }

    @Override
    public int cells() {
        return fields.stream().mapToInt(Likelihood::cells).sum();
    }

    @Override
    public int etaWidth() {
        return fields.stream().mapToInt(Likelihood::etaWidth).sum();
    }

    @Override
    public void lossAndGradient(
            Matrix x,
            Matrix eta,
            @Nullable Matrix observed,
            float[] weight,
            double[] loss,
            Matrix etaGradient,
            Workspace workspace) {
        int[] cell = {0};
        forEachField((field, i, xAt, etaAt) -> {
            field.lossAndGradient(
                    columns(x, xAt, field.width()),
                    columns(eta, etaAt, field.etaWidth()),
                    observed == null ? null : columns(observed, cell[0], field.cells()),
                    weight,
                    loss,
                    columns(etaGradient, etaAt, field.etaWidth()),
                    workspace);
            cell[0] += field.cells();
        });
    }

    @Override
    public void mean(Matrix eta, Matrix mean, Workspace workspace) {
        forEachField((field, i, xAt, etaAt) ->
                field.mean(columns(eta, etaAt, field.etaWidth()), columns(mean, xAt, field.width()), workspace));
    }

    @Override
    public void draw(Matrix eta, long[] keys, Matrix x, Workspace workspace) {
        long[] fieldKeys = new long[keys.length];
        forEachField((field, i, xAt, etaAt) -> {
            for (int r = 0; r < keys.length; r++) {
                fieldKeys[r] = Noise.mix(keys[r] ^ i);
            }
            field.draw(columns(eta, etaAt, field.etaWidth()), fieldKeys, columns(x, xAt, field.width()), workspace);
        });
    }

    @Override
    public boolean shared(int eta) {
        int at = eta;
        for (Likelihood field : fields) {
            if (at < field.etaWidth()) {
                return field.shared(at);
            }
            at -= field.etaWidth();
        }
        return false;
    }

    private interface FieldAction {
        void accept(Likelihood field, int index, int xOffset, int etaOffset);
    }

    private void forEachField(FieldAction action) {
        int x = 0;
        int eta = 0;
        for (int i = 0; i < fields.size(); i++) {
            Likelihood field = fields.get(i);
            action.accept(field, i, x, eta);
            x += field.width();
            eta += field.etaWidth();
        }
    }

    private static Matrix columns(Matrix m, int from, int width) {
        return m.columns(from, from + width);
    }
}
