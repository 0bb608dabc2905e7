package io.cvaespark.model;

import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.dist.Likelihoods;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.List;

/**
 * The targets x as the encoder and the classifier see them: counts as ln(1 + x), because they have no upper bound, and a code as
 * its one-hot vector, which is 0 where the cell is not known.
 */
final class TargetsAsSeen {
    private final List<LikelihoodSpec> fields;
    private final boolean logCounts;
    private final boolean unchanged;
    private final int ownWidth;
    private final int width;

    TargetsAsSeen(List<LikelihoodSpec> fields, boolean logCounts) {
        this.fields = fields;
        this.logCounts = logCounts;
        this.ownWidth = fields.stream().mapToInt(LikelihoodSpec::width).sum();
        this.width = fields.stream()
                .mapToInt(f -> f.codeCount() > 0 ? f.codeCount() : f.width())
                .sum();
        this.unchanged =
                fields.stream().noneMatch(f -> f.codeCount() > 0 || (logCounts && Likelihoods.isCount(f.type())));
    }

    /** The floats of the targets as they are seen. */
    int width() {
        return width;
    }

    /** x or [x | c] as it is seen; what follows x stays. */
    Matrix of(Matrix input, Workspace workspace) {
        if (unchanged) {
            return input;
        }
        int rest = input.cols() - ownWidth;
        Matrix seen = workspace.matrix(input.rows(), width + rest);
        int from = 0;
        int to = 0;
        for (LikelihoodSpec field : fields) {
            int end = to + (field.codeCount() > 0 ? field.codeCount() : field.width());
            Matrix own = input.columns(from, from + field.width());
            write(field, own, seen.columns(to, end));
            from += field.width();
            to = end;
        }
        seen.columns(to, seen.cols()).copyFrom(input.columns(from, input.cols()));
        return seen;
    }

    private void write(LikelihoodSpec field, Matrix own, Matrix seen) {
        if (field.codeCount() == 0) {
            seen.copyFrom(own);
            if (logCounts && Likelihoods.isCount(field.type())) {
                for (int r = 0; r < seen.rows(); r++) {
                    for (int j = 0; j < seen.cols(); j++) {
                        seen.set(r, j, (float) StrictMath.log1p(seen.get(r, j)));
                    }
                }
            }
            return;
        }
        seen.fill(0f);
        for (int r = 0; r < own.rows(); r++) {
            int code = Math.round(own.get(r, 0));
            if (code >= 0) {
                seen.set(r, code, 1f);
            }
        }
    }
}
