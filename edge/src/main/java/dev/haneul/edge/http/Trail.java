package dev.haneul.edge.http;

import dev.haneul.edge.facts.RequestFact;
import dev.haneul.edge.live.LiveTarget;
import dev.haneul.edge.table.TargetGroup;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What one request came through, for logs and counts. */
final class Trail {
    private final Inbound in;
    private final Proxy.Route route;
    private final String trace;
    private final InstantSource clock;
    private final Instant began;
    private final long start = System.nanoTime();
    private final List<String> actions = new ArrayList<>(1);
    private long sentAt = -1;
    private long targetAt = -1;
    private long headAt = -1;
    private int status;
    private int targetStatus;
    private int rule = -1;
    private int tried;
    private boolean answered;
    private @Nullable LiveTarget target;
    private @Nullable String group;
    private @Nullable String redirect;
    private @Nullable String error;

    Trail(Inbound in, Proxy.Route route, String trace, InstantSource clock) {
        this.in = in;
        this.route = route;
        this.trace = trace;
        this.clock = clock;
        this.began = clock.instant();
    }

    String trace() {
        return trace;
    }

    void matched(Routes.Match match) {
        rule = match.rule().priority();
        tried = match.tried();
    }

    void did(String action) {
        actions.add(action);
    }

    void group(String id) {
        group = id;
    }

    void target(LiveTarget chosen) {
        target = chosen;
    }

    void redirected(String location) {
        redirect = location;
    }

    /** The request has gone to the target. */
    void sent() {
        sentAt = System.nanoTime();
    }

    void targetAnswered(int code) {
        targetAt = System.nanoTime();
        targetStatus = code;
    }

    /** The client is being told this status: nothing else can be told any more. */
    void answered(int code) {
        status = code;
        answered = true;
    }

    void clientHasHead() {
        headAt = System.nanoTime();
    }

    boolean begun() {
        return answered;
    }

    void error(@Nullable String code) {
        if (code != null) {
            error = code;
        }
    }

    void failed(IOException why) {
        System.getLogger(Proxy.class.getName())
                .log(System.Logger.Level.DEBUG, () -> route.table().id() + ": " + why);
        if (!answered && in.gone()) {
            status = 460;
        }
    }

    /** The client left before it was answered. */
    void left() {
        status = 460;
    }

    RequestFact fact() {
        RequestHead head = in.head();
        Client client = in.client();
        Client.Secured tls = client.tls();
        LiveTarget chosen = target;
        TargetGroup.Target at = chosen == null ? null : chosen.target();
        String address = at == null || at.address().startsWith("arn:") ? null : at.address() + ":" + at.port();
        String agent = head.headers().get("user-agent");
        return new RequestFact(
                route.table().id(),
                client.zone(),
                client.connection(),
                type(),
                began,
                clock.instant(),
                client.ip() + ":" + client.address().getPort(),
                address,
                sentAt < 0 ? -1 : sentAt - start,
                targetAt < 0 || sentAt < 0 ? -1 : targetAt - sentAt,
                headAt < 0 || targetAt < 0 ? -1 : headAt - targetAt,
                status,
                targetStatus,
                in.received(),
                in.sent(),
                head.method() + " " + url(head, client) + " " + head.version(),
                agent == null ? "-" : agent,
                tls == null ? null : tls.cipher(),
                tls == null ? null : tls.version(),
                group,
                at == null ? null : at.zone(),
                trace,
                tls == null ? null : tls.serverName(),
                tls == null ? null : tls.certificate(),
                rule,
                actions,
                redirect,
                error,
                tried);
    }

    /** What is a WebSocket by the answer is one in logs. */
    private String type() {
        boolean upgraded = status == 101;
        return upgraded && in.type().equals("http")
                ? "ws"
                : upgraded && in.type().equals("https") ? "wss" : in.type();
    }

    private static String url(RequestHead head, Client client) {
        String scheme = client.secure() ? "https" : "http";
        String host = head.host();
        return scheme + "://" + (host.isEmpty() ? "-" : host) + ":" + client.port() + head.target();
    }
}
