package io.cvaespark.model.prior;

import io.cvaespark.linalg.Workspace;
import io.cvaespark.nn.ConditionSpec;
import io.cvaespark.nn.LayerSpec;
import io.cvaespark.nn.Network;
import io.cvaespark.nn.NetworkSpec;
import io.cvaespark.nn.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;
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
     * @param around replaces each network by another of the same parameters, such as one that counts its runs
     */
    record Site(
            NetworkSpec networks,
            ConditionSpec conditions,
            List<LayerSpec> hidden,
            Network encoder,
            int latent,
            UnaryOperator<Network> around) {

        /** A network of c with {@code outputs} outputs, behind the encoder. */
        Network network(int outputs) {
            return around.apply(networks.network(
                    "prior", new NetworkSpec.Input(0, false, conditions), hidden, outputs, encoder.end()));
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
     * p(z|c) for the rows of a batch.
     *
     * @param ofCondition the outputs of the network for their c; null where the prior has no network
     */
    LatentPrior prepare(float[] parameters, Network.@Nullable Trace ofCondition, Workspace workspace);
}
