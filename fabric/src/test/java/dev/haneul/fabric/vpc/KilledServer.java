package dev.haneul.fabric.vpc;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A server that makes networks, attaches two workloads and is then killed. */
final class KilledServer {
    static final InetSocketAddress METADATA =
            new InetSocketAddress(InetAddress.ofLiteral(VpcFabric.METADATA_ADDRESS), 80);

    private KilledServer() {}

    /** Arguments: the folder, the two workloads' namespaces. */
    public static void main(String[] arguments) throws IOException {
        var fabric = new LinuxVpcFabric(Path.of(arguments[0]));
        fabric.apply(plan());
        serve(fabric);
        fabric.attach("eni-1", Path.of(arguments[1]), 0);
        fabric.attach("eni-2", Path.of(arguments[2]), 0);
        System.out.println("up");
        while (true) {
            LockSupport.park();
        }
    }

    static void serve(VpcFabric fabric) throws IOException {
        fabric.serve(METADATA, (connection, caller) -> {
            try (connection) {
                connection.socket().getOutputStream().write("metadata".getBytes());
            }
        });
    }

    static NetworkPlan plan() {
        return new Plans()
                .vpc("vpc-1", "10.0.0.0/16", Map.of())
                .subnet("subnet-1", "vpc-1", "10.0.1.0/24", "rtb-1")
                .group("sg-1", "vpc-1", Plans.tcp(80, 80, "10.0.0.0/16"))
                .eni("eni-1", "subnet-1", "10.0.1.10", null, "sg-1")
                .eni("eni-2", "subnet-1", "10.0.1.11", null, "sg-1")
                .plan();
    }
}
