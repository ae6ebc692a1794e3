package dev.haneul.edge.http;

import dev.haneul.edge.h2.H2Client;
import dev.haneul.edge.stream.Deadlines;
import dev.haneul.edge.stream.Dialer;
import dev.haneul.edge.stream.Expired;
import dev.haneul.edge.stream.PlainWire;
import dev.haneul.edge.stream.TargetTls;
import dev.haneul.edge.stream.TlsWire;
import dev.haneul.edge.stream.Wire;
import dev.haneul.edge.table.Listener.Protocol;
import dev.haneul.edge.table.TargetGroup;
import dev.haneul.edge.table.TargetGroup.Health;
import dev.haneul.edge.table.TargetGroup.HealthCheck;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.channels.SocketChannel;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.http.MetaData;
import org.jspecify.annotations.Nullable;

/** Looks once whether a target is well. */
public final class Probe {
    private static final String AGENT = "ELB-HealthChecker/2.0";
    private static final String GRPC_STATUS = "grpc-status";

    private final Dialer dialer;
    private final Deadlines deadlines;
    private final Functions functions;
    private final SSLContext tls = TargetTls.context();

    /** A probe that reaches targets as the balancer does. */
    public Probe(Dialer dialer, Deadlines deadlines, Functions functions) {
        this.dialer = dialer;
        this.deadlines = deadlines;
        this.functions = functions;
    }

    /** Looks; what is not well has a reason. */
    public Health look(TargetGroup group, TargetGroup.Target target, String node) {
        HealthCheck check = group.check();
        try {
            Integer code = group.kind() == TargetGroup.Kind.FUNCTION
                    ? Integer.valueOf(called(group, target))
                    : code(group, target, node);
            if (code == null || check.accepts(code)) {
                return Health.HEALTHY;
            }
            return new Health(
                    "unhealthy",
                    "Target.ResponseCodeMismatch",
                    "Health checks failed with these codes: [" + code + "]");
        } catch (Expired | SocketTimeoutException e) {
            return new Health("unhealthy", "Target.Timeout", "Request timed out");
        } catch (IOException e) {
            return new Health("unhealthy", "Target.FailedHealthChecks", "Health checks failed");
        }
    }

    private int called(TargetGroup group, TargetGroup.Target target) throws IOException {
        Headers headers = new Headers().add("user-agent", AGENT);
        RequestHead head = new RequestHead("GET", group.check().path(), "", "HTTP/1.1", headers);
        byte[] event = FunctionCall.event(group, head, new byte[0]);
        return FunctionCall.answer(functions.invoke(group.id(), target.address(), event))
                .status();
    }

    /** What it answered; null where a connection is all that is asked for. */
    private @Nullable Integer code(TargetGroup group, TargetGroup.Target target, String node) throws IOException {
        HealthCheck check = group.check();
        int port = check.port() == 0 ? target.port() : check.port();
        InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(target.address()), port);
        long nanos = check.timeout().toNanos();
        SocketChannel channel =
                dialer.connect(node, address, Math.toIntExact(check.timeout().toMillis()));
        if (!check.protocol().http()) {
            channel.close();
            return null;
        }
        boolean two = group.version() != TargetGroup.Version.HTTP1;
        Wire wire = wire(channel, check.protocol(), two, nanos);
        try {
            wire.readWithin(nanos);
            return two ? streamed(group, wire, target, port, nanos) : plain(check, wire, target, port);
        } finally {
            wire.close();
        }
    }

    private Wire wire(SocketChannel channel, Protocol protocol, boolean two, long nanos) throws IOException {
        boolean done = false;
        try {
            Wire wire = protocol.encrypted()
                    ? TlsWire.client(channel, deadlines, tls, two ? List.of("h2") : List.of(), nanos)
                    : new PlainWire(channel, deadlines);
            done = true;
            return wire;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    private static int plain(HealthCheck check, Wire wire, TargetGroup.Target target, int port) throws IOException {
        H1Output out = new H1Output(wire);
        out.text("GET ").text(check.path()).text(" HTTP/1.1\r\n");
        out.header("Host", target.address() + ":" + port);
        out.header("Connection", "close");
        out.header("User-Agent", AGENT);
        out.header("Accept-Encoding", "gzip, compressed");
        out.text("\r\n").flush();
        String line = new H1Input(wire).startLine(502);
        boolean right = line.startsWith("HTTP/1.") && line.length() >= 12;
        if (!right) {
            throw new IOException("no HTTP");
        }
        try {
            return Integer.parseInt(line.substring(9, 12));
        } catch (NumberFormatException e) {
            throw new IOException("no HTTP", e);
        }
    }

    private static int streamed(TargetGroup group, Wire wire, TargetGroup.Target target, int port, long nanos)
            throws IOException {
        boolean grpc = group.version() == TargetGroup.Version.GRPC;
        H2Client.Exchange exchange = new H2Client(wire).begin();
        try {
            exchange.within(nanos);
            Headers headers = new Headers().add("user-agent", AGENT);
            if (grpc) {
                headers.add("content-type", "application/grpc").add("te", "trailers");
            }
            RequestHead head = new RequestHead(
                    grpc ? "POST" : "GET", group.check().path(), target.address() + ":" + port, "HTTP/2.0", headers);
            exchange.send(head, Content.none());
            MetaData.Response answer = exchange.head();
            if (!grpc) {
                return answer.getStatus();
            }
            String status = answer.getHttpFields().get(GRPC_STATUS);
            Content body = exchange.content();
            while (status == null && body.readNBytes(4096).length > 0) {
                continue;
            }
            Headers trailers = body.trailers();
            String last = status == null && trailers != null ? trailers.get(GRPC_STATUS) : status;
            if (last == null) {
                throw new IOException("no gRPC status");
            }
            return Integer.parseInt(last);
        } catch (NumberFormatException e) {
            throw new IOException("no gRPC status", e);
        } finally {
            exchange.close();
        }
    }
}
