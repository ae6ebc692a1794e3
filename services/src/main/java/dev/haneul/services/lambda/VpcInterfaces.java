package dev.haneul.services.lambda;

import dev.haneul.api.ec2.CreateNetworkInterfaceRequest;
import dev.haneul.api.ec2.DeleteNetworkInterfaceRequest;
import dev.haneul.api.ec2.DescribeSecurityGroupsRequest;
import dev.haneul.api.ec2.DescribeSubnetsRequest;
import dev.haneul.api.ec2.Ec2Client;
import dev.haneul.api.ec2.NetworkInterface;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.VpcConfig;
import dev.haneul.api.lambda.VpcConfigResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.engines.WorkloadSpec.Link;
import dev.haneul.fabric.vpc.VpcFabric;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.LambdaTables.Function;
import dev.haneul.services.lambda.LambdaTables.SharedInterface;
import dev.haneul.services.lambda.LambdaTables.Version;
import dev.haneul.services.lambda.run.Networks;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What functions' networks lead to. Those in no VPC share a way out; those in one share an interface with all functions
 * of the same subnet and security groups, made through EC2's API before a function becomes active and removed with the
 * last function that had it. Of several subnets a function uses one, chosen by its name.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html">Giving Lambda functions access to
 *     resources in an Amazon VPC</a>
 */
final class VpcInterfaces implements Networks, Reconciler<Key>, AutoCloseable {
    private static final String PENDING = "Pending";
    private static final String IN_PROGRESS = "InProgress";
    private static final int MOST_SUBNETS = 16;
    private static final int MOST_GROUPS = 5;
    private static final int SCAN = 500;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Set<String> GONE = Set.of("InvalidNetworkInterfaceID.NotFound");
    private static final List<String> NEEDED =
            List.of("CreateNetworkInterface", "DescribeNetworkInterfaces", "DeleteNetworkInterface");

    private final Store store;
    private final Clock clock;
    private final Ec2Client ec2;
    private final DestinationRules roles;
    private final Wires wires;
    private Driver.@Nullable Waker<Key> waker;

    VpcInterfaces(Store store, Clock clock, Ec2Client ec2, DestinationRules roles, Wires wires) {
        this.store = store;
        this.clock = clock;
        this.ec2 = ec2;
        this.roles = roles;
        this.wires = wires;
    }

    void join(Driver driver) {
        waker = driver.add(this, 1);
    }

    // --- what is asked for ---

    /**
     * The networks of a function as its configuration tells of them; null for none.
     *
     * @throws Fault where they are not there, or the function's role may not use them
     */
    @Nullable
    VpcConfigResponse check(@Nullable VpcConfig wanted, FunctionRef ref, String role) {
        if (wanted == null
                || wanted.subnetIds().isEmpty() && wanted.securityGroupIds().isEmpty()) {
            return null;
        }
        if (Boolean.TRUE.equals(wanted.ipv6AllowedForDualStack())) {
            throw Problems.notBuilt("VpcConfig with Ipv6AllowedForDualStack");
        }
        if (wanted.subnetIds().isEmpty() || wanted.securityGroupIds().isEmpty()) {
            throw Problems.invalid("SubnetIds and SecurityIds must coexist or be both empty list.");
        }
        few(wanted.subnetIds(), MOST_SUBNETS, "vpcConfig.subnetIds");
        few(wanted.securityGroupIds(), MOST_GROUPS, "vpcConfig.securityGroupIds");
        for (String action : NEEDED) {
            String resource = "arn:aws:ec2:" + ref.region() + ":" + ref.account() + ":network-interface/*";
            if (roles.denied("ec2:" + action, action.startsWith("Describe") ? "*" : resource, ref, role)) {
                throw Problems.invalid(
                        "The provided execution role does not have permissions to call " + action + " on EC2");
            }
        }
        Set<String> networks = new TreeSet<>();
        Call call = call(ref.scope());
        var subnets = asking(
                "DescribeSubnets",
                () -> ec2.describeSubnets(new DescribeSubnetsRequest().subnetIds(wanted.subnetIds()), call));
        subnets.subnets().forEach(each -> networks.add(String.valueOf(each.vpcId())));
        var groups = asking(
                "DescribeSecurityGroups",
                () -> ec2.describeSecurityGroups(
                        new DescribeSecurityGroupsRequest().groupIds(wanted.securityGroupIds()), call));
        groups.securityGroups().forEach(each -> networks.add(String.valueOf(each.vpcId())));
        if (networks.size() != 1) {
            throw Problems.invalid("The subnets and security groups must all be of one VPC, not of " + networks + ".");
        }
        return new VpcConfigResponse()
                .subnetIds(wanted.subnetIds())
                .securityGroupIds(wanted.securityGroupIds())
                .vpcId(networks.iterator().next())
                .ipv6AllowedForDualStack(false);
    }

    private static void few(List<String> ids, int most, String member) {
        if (ids.size() > most) {
            throw Problems.validation("Value '" + ids + "' at '" + member
                    + "' failed to satisfy constraint: Member must have length less than or equal to " + most);
        }
    }

    private static <T> T asking(String operation, Supplier<T> ask) {
        try {
            return ask.get();
        } catch (Fault fault) {
            throw Problems.invalid("Error occurred while " + operation + ". EC2 Error Code: " + fault.code()
                    + ". EC2 Error Message: " + fault.message());
        }
    }

    /** A new function's configuration with its networks: it is pending until they are made. */
    static void create(FunctionConfiguration made, @Nullable VpcConfigResponse networks) {
        if (networks != null) {
            made.vpcConfig(networks)
                    .state(PENDING)
                    .stateReason("The function is being created.")
                    .stateReasonCode("Creating");
        }
    }

    /** A changed function's configuration with its networks: the update is under way until they are made. */
    static void update(FunctionConfiguration changed, @Nullable VpcConfigResponse networks) {
        changed.vpcConfig(networks == null ? new VpcConfigResponse().vpcId("") : networks);
        if (networks != null) {
            changed.lastUpdateStatus(IN_PROGRESS)
                    .lastUpdateStatusReason("The function is being created.")
                    .lastUpdateStatusReasonCode("Creating");
        }
    }

    /** Refuses to run a function whose networks are being made. */
    static void requireReady(FunctionConfiguration at) {
        if (PENDING.equals(at.state()) && !SnapStarts.wanted(at)) {
            throw Problems.conflict("The operation cannot be performed at this time. The function is currently in the"
                    + " following state: Pending");
        }
    }

    /** The name of the interface a function uses; empty where it is in no VPC. */
    static String of(FunctionConfiguration at) {
        VpcConfigResponse networks = at.vpcConfig();
        if (networks == null || networks.subnetIds().isEmpty()) {
            return "";
        }
        List<String> subnets = networks.subnetIds();
        int chosen = Math.floorMod(String.valueOf(at.functionName()).hashCode(), subnets.size());
        return subnets.get(chosen) + ":" + String.join(",", new TreeSet<>(networks.securityGroupIds()));
    }

    // --- what is made of it ---

    /** A function was made, changed or deleted. */
    void changed(FunctionRef ref) {
        Driver.Waker<Key> driver = waker;
        if (driver != null) {
            driver.wake(ref.key());
        }
    }

    /** Goes on with what an earlier server had not finished. */
    void resume() {
        Driver.Waker<Key> driver = waker;
        Key after = null;
        List<Row<SharedInterface>> rows;
        do {
            Key from = after;
            rows = store.read(tx -> tx.all(LambdaTables.INTERFACES, from, SCAN));
            for (Row<SharedInterface> row : rows) {
                after = row.key();
                if (driver != null) {
                    driver.wake(
                            new Key(after.account(), after.region(), row.value().function()));
                }
            }
        } while (rows.size() == SCAN);
    }

    @Override
    public String name() {
        return "lambda.interfaces";
    }

    @Override
    public Next reconcile(Key key) {
        FunctionRef ref = new FunctionRef(key.account(), key.region(), key.id(), null);
        Function function = store.read(tx -> tx.get(LambdaTables.FUNCTIONS, ref.key()))
                .map(Row::value)
                .orElse(null);
        if (function != null && !of(function.latest()).isEmpty()) {
            require(ref.scope(), of(function.latest()), ref.name());
        }
        if (function != null) {
            settle(ref);
        }
        sweep(ref.scope());
        return Next.DONE;
    }

    /** The interface of this name, made where it is not there yet. */
    private String require(Scope scope, String name, String function) {
        Key key = scope.key(name);
        SharedInterface known = store.read(tx -> tx.get(LambdaTables.INTERFACES, key))
                .map(Row::value)
                .orElseGet(() -> note(key, function));
        if (!known.id().isEmpty()) {
            return known.id();
        }
        String[] parts = name.split(":", 2);
        NetworkInterface made = ec2.createNetworkInterface(
                        new CreateNetworkInterfaceRequest()
                                .subnetId(parts[0])
                                .groups(List.of(parts[1].split(",")))
                                .description("AWS Lambda VPC ENI-" + known.function() + "-" + known.token())
                                .clientToken(known.token()),
                        call(scope))
                .networkInterface();
        String id = Objects.requireNonNull(Objects.requireNonNull(made).networkInterfaceId());
        store.write(
                tx -> tx.put(LambdaTables.INTERFACES, key, new SharedInterface(known.function(), known.token(), id)));
        return id;
    }

    /**
     * What is known of an interface, noted before it is made: a crash leaves none that nobody knows, and of functions that
     * need it at once the later ask EC2 for the very same.
     */
    private SharedInterface note(Key key, String function) {
        return store.transact(tx -> tx.get(LambdaTables.INTERFACES, key)
                .map(Row::value)
                .orElseGet(() -> {
                    SharedInterface noted =
                            new SharedInterface(function, UUID.randomUUID().toString(), "");
                    tx.put(LambdaTables.INTERFACES, key, noted);
                    return noted;
                }));
    }

    /** What waited for its networks is active from now on. */
    private void settle(FunctionRef ref) {
        store.write(tx -> {
            tx.get(LambdaTables.FUNCTIONS, ref.key()).map(Row::value).ifPresent(function -> {
                FunctionConfiguration at = function.latest();
                if (PENDING.equals(at.state()) || IN_PROGRESS.equals(at.lastUpdateStatus())) {
                    tx.put(LambdaTables.FUNCTIONS, ref.key(), function.with(active(at), function.code()));
                }
            });
            for (Row<Version> row : Versions.rows(tx, ref, 1, SCAN)) {
                Version version = row.value();
                FunctionConfiguration at = version.configuration();
                boolean waits = PENDING.equals(at.state()) && !SnapStarts.wanted(at);
                if (waits || IN_PROGRESS.equals(at.lastUpdateStatus())) {
                    tx.put(LambdaTables.VERSIONS, row.key(), new Version(active(at), version.code(), version.sealed()));
                }
            }
        });
    }

    private static FunctionConfiguration active(FunctionConfiguration at) {
        FunctionConfiguration active = Functions.copy(at)
                .lastUpdateStatus("Successful")
                .lastUpdateStatusReason(null)
                .lastUpdateStatusReasonCode(null);
        return SnapStarts.wanted(at) && PENDING.equals(at.state())
                ? active
                : active.state("Active").stateReason(null).stateReasonCode(null);
    }

    /** Removes the interfaces that no function has any longer. */
    private void sweep(Scope scope) {
        List<Row<SharedInterface>> there = store.read(tx -> tx.range(LambdaTables.INTERFACES, scope, "", null, SCAN));
        if (there.isEmpty()) {
            return;
        }
        Set<String> wanted = wanted(scope);
        for (Row<SharedInterface> row : there) {
            if (!wanted.contains(row.key().id())) {
                remove(scope, row);
            }
        }
    }

    private Set<String> wanted(Scope scope) {
        Set<String> wanted = new HashSet<>();
        String from = "";
        List<Row<Function>> functions;
        do {
            String begin = from;
            functions = store.read(tx -> tx.range(LambdaTables.FUNCTIONS, scope, begin, null, SCAN));
            for (Row<Function> row : functions) {
                wanted.add(of(row.value().latest()));
                from = row.key().id() + '\0';
            }
        } while (functions.size() == SCAN);
        from = "";
        List<Row<Version>> versions;
        do {
            String begin = from;
            versions = store.read(tx -> tx.range(LambdaTables.VERSIONS, scope, begin, null, SCAN));
            for (Row<Version> row : versions) {
                wanted.add(of(row.value().configuration()));
                from = row.key().id() + '\0';
            }
        } while (versions.size() == SCAN);
        return wanted;
    }

    private void remove(Scope scope, Row<SharedInterface> row) {
        try {
            if (!row.value().id().isEmpty()) {
                ec2.deleteNetworkInterface(
                        new DeleteNetworkInterfaceRequest()
                                .networkInterfaceId(row.value().id()),
                        call(scope));
            }
        } catch (Fault fault) {
            if (!GONE.contains(fault.code())) {
                throw fault;
            }
        }
        store.write(tx -> tx.delete(LambdaTables.INTERFACES, row.key()));
    }

    private Call call(Scope scope) {
        return new Call(
                Roles.LAMBDA,
                scope.account(),
                scope.region(),
                UUID.randomUUID().toString(),
                clock.instant().plus(PATIENCE),
                Call.Origin.inside("lambda.amazonaws.com"));
    }

    // --- environments ---

    @Override
    public Link link(Network to) {
        if (!wires.fabric().probe().works()) {
            return to.equals(Network.OUTSIDE)
                    ? Link.NONE
                    : netns -> {
                        throw new IOException("there are no VPCs here: "
                                + wires.fabric().probe().why());
                    };
        }
        if (to.equals(Network.OUTSIDE)) {
            return new WayOut();
        }
        return netns -> {
            String id = require(new Scope(to.account(), to.region()), to.name(), "");
            wires.applied().apply();
            wires.fabric().behind(id).join(netns);
        };
    }

    /** Leads outside; everybody's is the same, so some are connected beforehand. */
    private final class WayOut implements Link {
        @Override
        public void join(Path netns) throws IOException {
            wires.fabric().outside().join(netns);
        }

        @Override
        public int ready() {
            try {
                return wires.fabric().outside().joined();
            } catch (IOException e) {
                return -1; // joining tells what is wrong
            }
        }
    }

    /** What functions reach, in a sentence. */
    String status() {
        VpcFabric.Probe probe = wires.fabric().probe();
        return probe.works()
                ? "functions reach the outside, or the VPC they are in"
                : "functions reach the region only: " + probe.why();
    }

    /** Once all environments have ended: the way out goes, and with it what was changed in the host for it. */
    @Override
    public void close() {
        try {
            wires.fabric().endOutside();
        } catch (IOException e) {
            System.getLogger(VpcInterfaces.class.getName())
                    .log(System.Logger.Level.WARNING, "functions' way out stays until the next stop", e);
        }
    }
}
