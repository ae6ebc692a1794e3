package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.NetworkInterface;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What instances need of networks: interfaces with addresses, and their way into a server. */
public interface Networks {
    /** Gives an account its default network before its first launch; not in a transaction. */
    void prepare(Call call);

    /** The place of an interface that is there. */
    Place placeOf(ReadTx tx, Scope scope, String eni);

    /**
     * Where a launch goes.
     *
     * @param subnet the subnet asked for, null for a default one
     * @param zone the zone asked for, null for any
     */
    Place place(WriteTx tx, Scope scope, @Nullable String subnet, @Nullable String zone);

    /** A subnet, its zone and network. */
    record Place(String subnet, String zone, String vpc) {}

    /**
     * A new interface of an instance.
     *
     * @param groups ids of security groups; empty for the network's default one
     * @param groupNames names of security groups of the default network, beside the ids
     * @param address null for any free one
     * @param openAddress whether it gets a public address; null for what the subnet says
     * @param ipv6Count IPv6 addresses it gets
     */
    record NewInterface(
            Place place,
            int deviceIndex,
            List<String> groups,
            List<String> groupNames,
            @Nullable String address,
            List<String> moreAddresses,
            int moreCount,
            int ipv6Count,
            @Nullable Boolean openAddress,
            String description,
            boolean deleteOnTermination,
            Map<String, String> tags) {}

    /** Makes an interface that is attached to an instance from its launch. */
    NetworkInterface create(WriteTx tx, Scope scope, String instance, NewInterface wanted);

    /** Attaches an interface that is there, at an instance's launch. */
    NetworkInterface adopt(WriteTx tx, Scope scope, String instance, String eni, int deviceIndex);

    /** The interfaces of an instance, the primary one first. */
    List<NetworkInterface> of(ReadTx tx, Scope scope, String instance);

    /** Changes the primary interface's security groups. */
    void groups(WriteTx tx, Scope scope, String instance, List<String> groups);

    /** Whether the primary interface drops what is not for it. */
    void sourceDestCheck(WriteTx tx, Scope scope, String instance, boolean check);

    /** An instance starts again: its primary interface gets a public address if it had one given before. */
    void started(WriteTx tx, Scope scope, String instance);

    /** An instance stopped: public addresses that were given by themselves go back. */
    void stopped(WriteTx tx, Scope scope, String instance);

    /** An instance is terminated: interfaces made with it go, others stay alone. */
    void terminated(WriteTx tx, Scope scope, String instance);

    /** Why no network can be made here; empty where it can. */
    Optional<String> obstacle();

    /**
     * Puts an instance's interfaces into its server's network namespace, under the rules that hold now.
     *
     * @throws IOException where that cannot be done; it may be tried again
     */
    void wire(Scope scope, String instance, Path netns) throws IOException, InterruptedException;

    /**
     * Puts one interface into a running server's network namespace, where it is not in it.
     *
     * @param netns null for a server that does not run, or an interface at none: it is taken out
     */
    void wired(Scope scope, String eni, @Nullable Path netns) throws IOException;

    /** Takes an instance's interfaces out of its server. */
    void unwire(Scope scope, String instance) throws IOException;

    /** Resolvers that an instance asks. */
    List<String> nameServers(Scope scope, String instance) throws IOException;

    /** The domain an instance's names are looked up in. */
    String searchDomain(Scope scope, String instance);
}
