package dev.haneul.trials.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Zips;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.VpcConfig;

/**
 * Attempts of functions to get where they have no business, made over the networks they are joined to: the outside's and
 * a VPC's. Each tells what it got; none may get anything. Needs root on Linux.
 */
@ExtendWith(SharedRegion.class)
class FunctionEscapeTest {
    private static final String TRUST = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
            "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
    private static final String VPC_ACCESS = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole";
    private static final String SECRET = "haneul-secret-4711";

    /** Its environment and its scratch hold the secret, and it listens on all its addresses. */
    private static final String NEIGHBOUR = """
            import os, socket
            open('/tmp/private', 'w').write(os.environ['SECRET'])
            door = socket.create_server(('0.0.0.0', 8081))
            def handler(event, context):
                probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                probe.connect(('203.0.113.9', 9))
                return probe.getsockname()[0]
            """;

    /** The event names the host's addresses with a port that listens there, the server's port, and the neighbour's address. */
    private static final String INTRUDER = """
            import ctypes, fcntl, glob, os, socket, struct
            libc = ctypes.CDLL(None, use_errno=True)
            def mine():
                probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
                probe.connect(('203.0.113.9', 9))
                return probe.getsockname()[0]
            def attempt(got, name, action):
                try:
                    found = action()
                    if found not in (None, False, b'', '', []):
                        got.append(f'{name}: {found}')
                except OSError:
                    pass
            def connect(address, port, source=None):
                with socket.socket() as s:
                    s.settimeout(0.3)
                    if source:
                        s.setsockopt(socket.SOL_IP, 15, 1) # IP_FREEBIND
                        s.bind((source, 0))
                    s.connect((address, port))
                    return True
            def interface_flags():
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
                    request = struct.pack('16sH14x', b'eth0', 0)
                    fcntl.ioctl(s, 0x8914, request) # SIOCSIFFLAGS
                    return True
            def netlink_address():
                with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as s:
                    body = struct.pack('BBBBi', 2, 32, 0, 0, 1) + struct.pack('HH4s', 8, 2, bytes([10, 9, 9, 9]))
                    s.send(struct.pack('IHHII', 16 + len(body), 20, 0x605, 1, 0) + body) # RTM_NEWADDR
                    return struct.unpack('i', s.recv(4096)[16:20])[0] == 0
            def secrets():
                found = []
                for file in glob.glob('/proc/[0-9]*/environ') + ['/tmp/private'] + glob.glob('/var/task/*'):
                    try:
                        if b'haneul-' b'secret' in open(file, 'rb').read(): found.append(file)
                    except OSError: pass
                return found
            def handler(event, context):
                got = []
                for address in event['hosts']:
                    attempt(got, 'host ' + address, lambda: connect(address, event['open']))
                for address in ('127.0.0.1', '100.64.0.1', '169.254.1.1', '10.0.0.1', mine()):
                    attempt(got, 'server at ' + address, lambda: connect(address, event['server']))
                    attempt(got, 'listener at ' + address, lambda: connect(address, event['open']))
                for port in (8081, 9001):
                    attempt(got, 'neighbour', lambda: connect(event['neighbour'], port))
                    attempt(got, 'neighbour, as another', lambda: connect(event['neighbour'], port, '100.64.0.77'))
                for address in ('169.254.169.254', '169.254.170.2', '169.254.170.23'):
                    attempt(got, 'metadata', lambda: connect(address, 80))
                for family, kind, protocol in ((2, 3, 1), (2, 3, 255), (17, 3, 0x300), (17, 2, 0x300), (10, 3, 58)):
                    attempt(got, 'raw socket', lambda: socket.socket(family, kind, protocol) and True)
                attempt(got, 'flags', interface_flags)
                attempt(got, 'address', netlink_address)
                attempt(got, 'secrets', secrets)
                attempt(got, 'host name', lambda: socket.sethostname('x') or True)
                attempt(got, 'data folder', lambda: os.listdir(event['data']))
                attempt(got, 'namespaces', lambda: os.listdir('/run/netns'))
                attempt(got, 'namespace', lambda: libc.setns(os.open('/proc/1/ns/net', 0), 0x40000000) == 0
                    and os.readlink('/proc/1/ns/net') != os.readlink('/proc/self/ns/net'))
                attempt(got, 'new namespace', lambda: libc.unshare(0x40000000) == 0)
                attempt(got, 'forwarding', lambda: open('/proc/sys/net/ipv4/ip_forward', 'w').write('1'))
                attempt(got, 'ptrace', lambda: any(libc.ptrace(16, pid, 0, 0) == 0 for pid in range(20, 60)))
                return got
            """;

    private final Clients root;
    private final LambdaClient lambda;
    private final Ec2Query ec2;
    private final URI endpoint;
    private String role = "";

    FunctionEscapeTest(URI endpoint) {
        String account = Accounts.fresh();
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.lambda = root.lambda();
        this.ec2 = new Ec2Query(endpoint, account);
    }

    @BeforeEach
    void makeARole() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self")), "not Linux");
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "not root");
        role = root.iam()
                .createRole(request -> request.roleName("runner").assumeRolePolicyDocument(TRUST))
                .role()
                .arn();
        root.iam().attachRolePolicy(request -> request.roleName("runner").policyArn(VPC_ACCESS));
    }

    @AfterEach
    void close() throws Exception {
        lambda.listFunctions()
                .functions()
                .forEach(function -> lambda.deleteFunction(request -> request.functionName(function.functionName())));
        root.close();
    }

    @Test
    void fromTheOutsideNetworkNobodyGetsAnywhere() throws Exception {
        intrude(VpcConfig.builder().build());
    }

    @Test
    void fromAVpcNobodyGetsAnywhere() throws Exception {
        String subnets = ec2.call("DescribeSubnets");
        String group = Ec2Query.all(
                        ec2.call(
                                "CreateSecurityGroup",
                                "GroupName",
                                "f",
                                "GroupDescription",
                                "f",
                                "VpcId",
                                Ec2Query.all(subnets, "vpcId").getFirst()),
                        "groupId")
                .getFirst();
        intrude(VpcConfig.builder()
                .subnetIds(Ec2Query.all(subnets, "subnetId").getFirst())
                .securityGroupIds(group)
                .build());
    }

    private void intrude(VpcConfig network) throws Exception {
        create("neighbour", NEIGHBOUR, network);
        create("intruder", INTRUDER, network);
        String neighbour = call("neighbour", "null");
        try (ServerSocket open = new ServerSocket(0)) {
            String hosts = NetworkInterface.networkInterfaces()
                    .filter(FunctionEscapeTest::up)
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(Inet4Address.class::isInstance)
                    .map(InetAddress::getHostAddress)
                    .limit(16)
                    .map(each -> '"' + each + '"')
                    .collect(Collectors.joining(","));
            String got = call(
                    "intruder",
                    "{\"hosts\":[%s],\"open\":%d,\"server\":%d,\"neighbour\":%s,\"data\":\"%s\"}"
                            .formatted(
                                    hosts,
                                    open.getLocalPort(),
                                    endpoint.getPort(),
                                    neighbour,
                                    System.getProperty("java.io.tmpdir") + "/haneul-trial"));
            assertThat(got).isEqualTo("[]");
        }
        assertThat(call("neighbour", "null")).as("still there").isEqualTo(neighbour);
    }

    private static boolean up(NetworkInterface each) {
        try {
            return each.isUp();
        } catch (SocketException gone) {
            return false;
        }
    }

    private void create(String name, String code, VpcConfig network) {
        lambda.createFunction(request -> request.functionName(name)
                .runtime(HostRuntimes.python())
                .handler("app.handler")
                .role(role)
                .timeout(60)
                .environment(environment ->
                        environment.variables(name.equals("neighbour") ? Map.of("SECRET", SECRET) : Map.of()))
                .vpcConfig(network)
                .code(source -> source.zipFile(Zips.of("app.py", code))));
        lambda.waiter().waitUntilFunctionActiveV2(request -> request.functionName(name));
    }

    private String call(String name, String event) {
        return lambda.invoke(request -> request.functionName(name).payload(SdkBytes.fromUtf8String(event)))
                .payload()
                .asUtf8String();
    }
}
