package io.cvaespark.model.prior;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.nn.ConditionSpec;
import io.cvaespark.nn.LayerSpec;
import io.cvaespark.nn.Network;
import io.cvaespark.nn.NetworkSpec;
import io.cvaespark.nn.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The distribution p(z|c) of a model: the parameters that it has, and the distribution that they give for a batch.
 *
 * <p>In the parameter array the prior stands behind the encoder: first its network of c, then tensors of its own. A new prior is
 * a class that implements this interface, and a constant of {@link PriorSpec.Type}.
 */
public interface Prior {

    /** Makes the prior that a spec describes; {@link PriorSpec.Type} has one for each kind. */
    interface Factory {
        Prior create(PriorSpec spec, Site site);
    }

    /**
     * The model that a prior is made for.
     *
     * @param hidden the hidden layers of a network of c
     * @param encoder q(z|x,c)
     * @param latent Z
     */
    record Site(NetworkSpec networks, ConditionSpec conditions, List<LayerSpec> hidden, Network encoder, int latent) {

        /** A network of c with {@code outputs} outputs, behind the encoder. */
        Network network(int outputs) {
            return networks.network(
                    "prior", new NetworkSpec.Input(0, false, conditions), hidden, outputs, encoder.end());
        }
    }

    /** The network of c; null where the prior has none. */
    @Nullable
    Network network();

    /** The tensors beside those of the network, in the order of the parameter array. */
    List<Tensor> tensors();

    /** The index behind the prior's last parameter. */
    int end();

    /** Fills the tensors beside those of the network with initial values, a pure function of {@code seed}. */
    void initialize(long seed, float[] parameters);

    /**
     * p(z|c) for the rows of {@code c}.
     *
     * @param dropout keys of what the network drops, one for each row; null: nothing is dropped
     */
    LatentPrior prepare(float[] parameters, Matrix c, long @Nullable [] dropout, Workspace workspace);
}
