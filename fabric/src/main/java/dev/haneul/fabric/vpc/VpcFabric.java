package dev.haneul.fabric.vpc;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Networks that filter, as a plan says. The seam between what a region has decided and what a machine does about it;
 * every implementation passes {@code VpcFabricContract}.
 *
 * <p>The networks are not the server's: they go on when it is killed. A new one opens the fabric on the same folder,
 * applies its plan and has adopted what was there, the attachments too. Nothing that is not in the plan outlives an
 * {@link #apply}.
 *
 * <p>Safe for many threads; changes are made one after the other.
 */
public interface VpcFabric extends AutoCloseable {
    /** The instance metadata service. */
    String METADATA_ADDRESS = "169.254.169.254";

    /** The resolver of every VPC, besides its base plus two. */
    String RESOLVER_ADDRESS = "169.254.169.253";

    /** The metadata service of containers in a task. */
    String TASK_METADATA_ADDRESS = "169.254.170.2";

    /** Where the region's own API may answer inside every VPC: what its host names should resolve to there. */
    String API_ADDRESS = "169.254.170.100";

    /** Tries, once, whether networks can be made here: really makes two namespaces, and filters between them. */
    Probe probe();

    /**
     * The block that public addresses must come from: its own for each region of a machine, kept in the region's folder
     * so that it stays what it is. The first four addresses and the last are taken.
     */
    Cidr publicRange();

    /** The address the host itself has towards instances: what a security group sees when the host calls. */
    String hostAddress();

    /** As {@link #hostAddress}, where the host calls over IPv6. */
    String hostSixAddress();

    /**
     * Makes the kernel look like the plan; changes only what differs. Attachments stay, those of interfaces that left
     * the plan are cut.
     *
     * @throws IllegalArgumentException where the plan names what is not in it; nothing is changed then
     * @throws IOException where the kernel refused; a part may be done, and the next call goes on from there
     */
    void apply(NetworkPlan plan) throws IOException;

    /**
     * Puts an interface of the applied plan into a workload's network namespace as {@code ethN}: with its address, its
     * subnet's router as the way out (by the first device; by a further one of what comes from its own addresses)
     * and the MTU of the network. Attached to it already, or to a
     * namespace that is gone, it is attached anew.
     *
     * @param netns a path that opens the namespace: {@code /proc/PID/ns/net} or {@code /run/netns/NAME}
     * @param deviceIndex N: 0 for the primary interface
     */
    void attach(String eniId, Path netns, int deviceIndex) throws IOException;

    /** Takes an interface out of its workload; does nothing where it is in none. */
    void detach(String eniId) throws IOException;

    /** The interfaces that are in a workload now, also those an earlier server attached. */
    Set<String> attached() throws IOException;

    /**
     * The resolver configuration for a workload with this interface: the content of its {@code /etc/resolv.conf}.
     *
     * @param searchDomain for example {@code ap-northeast-2.compute.internal}; null for none
     */
    String resolvConf(String eniId, @Nullable String searchDomain);

    /**
     * Bytes of each interface, and of each NAT gateway, of the plan since its first packet: counted in the kernel, so
     * they go on without the server. They only grow, as long as the VPC is there.
     */
    Map<String, InterfaceUsage> usage() throws IOException;

    /**
     * What went over the interfaces with a flow log since the last call: accepted and rejected, summed by flow. After a
     * restart the first call tells of what the kernel still knows, half an hour at most. What an interface forwards
     * for others is not told.
     */
    List<FlowRecord> flows() throws IOException;

    /**
     * Answers inside every VPC, now and later, at a link-local address of the region's ({@link #METADATA_ADDRESS},
     * {@link #TASK_METADATA_ADDRESS}, {@link #API_ADDRESS}). Neither security groups nor network ACLs filter these, as
     * in AWS. Not at port 53 of the resolver's addresses, which the fabric serves itself.
     *
     * @return closes the listeners, not the connections
     */
    Closeable serve(InetSocketAddress address, Visitor visitor) throws IOException;

    /**
     * Answers names inside every VPC, and in the sandboxes that are in none, from a source: after the names the plan
     * gives one by one, before those it gives with {@code *}.
     *
     * @return asks the source no more
     */
    default Closeable resolve(NameSource source) {
        return () -> {};
    }

    /** Answers at a port of a hosted interface of the plan; filtered by its security groups and subnet's ACL. */
    Closeable listen(String eniId, int port, Visitor visitor) throws IOException;

    /**
     * Connects from a hosted interface to an address in its network; filtered as everything is.
     *
     * @throws IOException also where nothing answered in time
     */
    SocketChannel connect(String eniId, InetSocketAddress target, int timeoutMillis) throws IOException;

    /**
     * A socket for datagrams at a hosted interface of the plan, in blocking mode; filtered as everything is. Datagrams
     * leave with the interface's address.
     *
     * @param port 0 for any
     * @return for the caller to close
     */
    DatagramChannel datagrams(String eniId, int port) throws IOException;

    /**
     * As {@link #connect}, in a client's name: the target sees the client's address, and where it is free its port. Security
     * groups and network ACLs see it too; rules that name a group of the interface's hold for what it says in others'
     * names. So for interfaces whose source and destination are not checked, and targets in their own network; else as
     * {@link #connect}.
     */
    default SocketChannel connectFor(
            InetSocketAddress client, String eniId, InetSocketAddress target, int timeoutMillis) throws IOException {
        return connect(eniId, target, timeoutMillis);
    }

    /** As {@link #datagrams}, for what a client says to a target: see {@link #connectFor}. */
    default DatagramChannel datagramsFor(InetSocketAddress client, String eniId, InetAddress target)
            throws IOException {
        return datagrams(eniId, 0);
    }

    /**
     * The way out for sandboxes that are in no VPC; made when first asked for. Goes with {@link #clear}.
     *
     * @throws IOException where it cannot be made, with the reason
     */
    default OutsideNetwork outside() throws IOException {
        throw new IOException("there is no way out here: " + probe().why());
    }

    /** Removes the way out once all sandboxes on it have ended; {@link #outside} makes it anew. */
    default void endOutside() throws IOException {}

    /**
     * The way into a VPC for sandboxes that share a hosted interface of the applied plan: what they send comes from the
     * interface's address, and is filtered and routed as such. Nobody reaches them. Goes with the interface.
     *
     * @throws IOException where it cannot be made, with the reason
     */
    default OutsideNetwork behind(String eniId) throws IOException {
        throw new IOException("there is no way into " + eniId + " here: " + probe().why());
    }

    /** Lets go of listeners and threads; the networks stay. */
    @Override
    void close();

    /** Removes every network, every trace in the host, and restores what was changed there; then closes. */
    void clear() throws IOException;

    /**
     * What works here.
     *
     * @param why one sentence where it does not work; empty otherwise
     */
    record Probe(boolean works, String why) {}

    /** Takes a connection made inside a network; blocks as it likes, on a virtual thread of its own, and closes it. */
    @FunctionalInterface
    interface Visitor {
        void visit(SocketChannel connection, Caller caller) throws IOException;
    }

    /**
     * Who calls.
     *
     * @param vpcId the network the call came from
     * @param eniId the interface that has the source address; null where none of the plan's has
     * @param address the source
     */
    record Caller(String vpcId, @Nullable String eniId, InetSocketAddress address) {}

    /**
     * Bytes of one interface, as IP counts them. What the region's services at link-local addresses gave and took is
     * not in it.
     *
     * @param in to the workload
     * @param out from the workload
     * @param inFromInternet part of {@code in} that came through the internet gateway
     * @param outToInternet part of {@code out} that left through the internet gateway, also by a NAT gateway
     * @param inBetweenZones part of {@code in} that came from an interface in another zone
     * @param outBetweenZones part of {@code out} to an interface in another zone
     * @param inFromPeers part of {@code in} that came over a peering
     * @param outToPeers part of {@code out} that left over a peering
     */
    record InterfaceUsage(
            long in,
            long out,
            long inFromInternet,
            long outToInternet,
            long inBetweenZones,
            long outBetweenZones,
            long inFromPeers,
            long outToPeers) {
        public static final InterfaceUsage NONE = new InterfaceUsage(0, 0, 0, 0, 0, 0, 0, 0);
    }

    /**
     * One flow at one interface within a span of time, as a flow log's default format has it.
     *
     * @param egress whether the packets came from the workload
     * @param protocol IANA number
     * @param sourcePort 0 where the protocol has none
     */
    record FlowRecord(
            String eniId,
            boolean egress,
            String source,
            String destination,
            int sourcePort,
            int destinationPort,
            int protocol,
            long packets,
            long bytes,
            Instant start,
            Instant end,
            boolean accepted) {}
}
