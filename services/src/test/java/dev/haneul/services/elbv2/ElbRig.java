package dev.haneul.services.elbv2;

import dev.haneul.api.ec2.*;
import dev.haneul.api.elbv2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.edge.stream.Acceptor;
import dev.haneul.edge.stream.Listening;
import dev.haneul.kernel.certificates.CertificateSource;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.SystemClock;
import dev.haneul.kernel.usage.Usage;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** The room over a store of its own, an EC2 with one network, and loopback in the place of that network. */
final class ElbRig implements AutoCloseable {
    static final String ACCOUNT = "111111111111";
    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

    final DataFolder folder = DataFolder.temporary();
    final SqliteStore store = SqliteStore.open(folder);
    final SystemClock clock = new SystemClock();
    /** Interfaces that are there, by id: their descriptions. */
    final Map<String, String> interfaces = new ConcurrentHashMap<>();
    /** Which loopback port stands for an address in the network. */
    final Map<String, Integer> targets = new ConcurrentHashMap<>();
    /** States of instances. */
    final Map<String, String> instances = new ConcurrentHashMap<>();

    private final AtomicInteger made = new AtomicInteger();
    private final Map<String, Integer> ports = new ConcurrentHashMap<>();
    /** Where a listener for datagrams is reached. */
    final Map<Integer, Integer> datagrams = new ConcurrentHashMap<>();

    Elbv2Service elb;
    private ReconcileDriver driver;

    ElbRig() {
        elb = open();
        driver.start();
    }

    private Elbv2Service open() {
        Acceptor acceptor = new Acceptor() {
            @Override
            public Closeable listen(String node, int port, Visitor visitor) throws IOException {
                return accept(node, port, visitor);
            }

            @Override
            public DatagramChannel datagrams(String node, int port) throws IOException {
                return opened(port);
            }
        };
        Elbv2Service service = new Elbv2Service(new Elbv2Service.Ground(
                store,
                clock,
                this::answer,
                folder.key(),
                CertificateSource.NONE,
                acceptor,
                (node, target, timeout) -> dial(target, timeout),
                () -> true,
                Metrics.NONE,
                Usage.NONE));
        driver = new ReconcileDriver(store.feed(), clock, new java.util.Random(7));
        service.join(driver);
        return service;
    }

    /** Another server on the same store. */
    void restart() {
        again();
        driver.start();
    }

    /** Another server on the same store that has taken up traffic, and nothing else yet. */
    void resume() {
        again();
        elb.resume();
    }

    private void again() {
        driver.close();
        elb.close();
        ports.clear();
        elb = open();
    }

    /** Whether a listener is reached at any node. */
    boolean listens(int listener) {
        return ports.keySet().stream().anyMatch(each -> each.endsWith(":" + listener));
    }

    private SocketChannel dial(InetSocketAddress target, int timeout) throws IOException {
        Integer port = targets.get(target.getAddress().getHostAddress());
        if (port == null) {
            throw new java.net.ConnectException("nobody there");
        }
        SocketChannel channel = SocketChannel.open();
        channel.socket().connect(new InetSocketAddress(HERE, port), timeout);
        return channel;
    }

    private DatagramChannel opened(int port) throws IOException {
        DatagramChannel channel =
                DatagramChannel.open().bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        if (port != 0) {
            datagrams.put(port, ((InetSocketAddress) channel.getLocalAddress()).getPort());
        }
        return channel;
    }

    private Closeable accept(String node, int port, Acceptor.Visitor visitor) throws IOException {
        if (!interfaces.containsKey(node)) {
            throw new IOException("no such interface");
        }
        ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(HERE, 0));
        ports.put(node + ":" + port, server.socket().getLocalPort());
        return new Listening(server, visitor);
    }

    /** Where a listener is reached, at any of the balancer's nodes. */
    int port(int listener) {
        return ports.entrySet().stream()
                .filter(each -> each.getKey().endsWith(":" + listener)
                        && interfaces.containsKey(
                                each.getKey().substring(0, each.getKey().indexOf(':'))))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow();
    }

    static Call call() {
        return new Call(
                Principal.root(ACCOUNT, ACCOUNT), ACCOUNT, "us-east-1", "r", Instant.MAX, Call.Origin.inside("test"));
    }

    private static Subnet subnet(String id) {
        if (!id.startsWith("subnet-")) {
            throw Fault.client("InvalidSubnetID.NotFound", 400, "The subnet ID '" + id + "' does not exist");
        }
        return new Subnet().subnetId(id).vpcId("vpc-1").availabilityZone("us-east-1" + id.substring(7));
    }

    /** EC2, as far as load balancers ask it. */
    private Struct answer(OperationShape operation, Struct input, Call call) {
        return switch (input) {
            case DescribeSubnetsRequest in ->
                new DescribeSubnetsResult()
                        .subnets(in.subnetIds().stream().map(ElbRig::subnet).toList());
            case DescribeSecurityGroupsRequest in ->
                new DescribeSecurityGroupsResult()
                        .securityGroups(List.of(
                                new SecurityGroup().groupId("sg-default").groupName("default"),
                                new SecurityGroup().groupId("sg-1").groupName("web")));
            case DescribeInternetGatewaysRequest in ->
                new DescribeInternetGatewaysResult().internetGateways(List.of(new InternetGateway()));
            case DescribeVpcsRequest in -> new DescribeVpcsResult().vpcs(List.of(new Vpc().vpcId("vpc-1")));
            case DescribeNetworkInterfacesRequest in -> new DescribeNetworkInterfacesResult();
            case CreateNetworkInterfaceRequest in -> {
                String id = "eni-" + made.incrementAndGet();
                interfaces.put(id, in.description() + " " + in.groups());
                yield new CreateNetworkInterfaceResult()
                        .networkInterface(
                                new NetworkInterface().networkInterfaceId(id).privateIpAddress("10.0.0." + made.get()));
            }
            case DeleteNetworkInterfaceRequest in -> {
                interfaces.remove(in.networkInterfaceId());
                yield new DeleteNetworkInterfaceResult();
            }
            case DescribeInstancesRequest in -> {
                List<Instance> found = in.filters().getFirst().values().stream()
                        .filter(instances::containsKey)
                        .map(id -> new Instance()
                                .instanceId(id)
                                .vpcId("vpc-1")
                                .privateIpAddress("10.0.9." + id.substring(2))
                                .state(new InstanceState().name(instances.get(id)))
                                .placement(new Placement().availabilityZone("us-east-1a")))
                        .toList();
                yield new DescribeInstancesResult().reservations(List.of(new Reservation().instances(found)));
            }
            default -> operation.outputShape().create();
        };
    }

    String group(String name) {
        return elb.createTargetGroup(
                        new CreateTargetGroupInput()
                                .name(name)
                                .protocol("HTTP")
                                .port(80)
                                .vpcId("vpc-1")
                                .targetType("ip")
                                .healthCheckIntervalSeconds(5)
                                .healthCheckTimeoutSeconds(2),
                        call())
                .targetGroups()
                .getFirst()
                .targetGroupArn();
    }

    String balancer(String name) {
        return elb.createLoadBalancer(
                        new CreateLoadBalancerInput().name(name).subnets(List.of("subnet-a", "subnet-b")), call())
                .loadBalancers()
                .getFirst()
                .loadBalancerArn();
    }

    String listener(String balancer, int port, String group) {
        return elb.createListener(
                        new CreateListenerInput()
                                .loadBalancerArn(balancer)
                                .protocol("HTTP")
                                .port(port)
                                .defaultActions(List.of(forward(group))),
                        call())
                .listeners()
                .getFirst()
                .listenerArn();
    }

    static Action forward(String group) {
        return new Action().type("forward").targetGroupArn(group);
    }

    void register(String group, String address) {
        elb.registerTargets(
                new RegisterTargetsInput()
                        .targetGroupArn(group)
                        .targets(List.of(new TargetDescription().id(address).availabilityZone("all"))),
                call());
    }

    List<TargetHealthDescription> health(String group) {
        return elb.describeTargetHealth(new DescribeTargetHealthInput().targetGroupArn(group), call())
                .targetHealthDescriptions();
    }

    static void await(java.util.function.BooleanSupplier condition) {
        long until = System.nanoTime() + 30_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > until) {
                throw new AssertionError("it did not come to be");
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Override
    public void close() {
        driver.close();
        elb.close();
        store.close();
        folder.close();
    }
}
