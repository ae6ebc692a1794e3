package dev.haneul.edge.http;

import dev.haneul.edge.facts.Observer;
import dev.haneul.edge.live.LiveGroup;
import dev.haneul.edge.live.LiveTarget;
import dev.haneul.edge.stream.Deadlines;
import dev.haneul.edge.stream.Dialer;
import dev.haneul.edge.table.Action;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.edge.table.TargetGroup;
import dev.haneul.edge.table.Transform;
import dev.haneul.kernel.Tokens;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Serves requests as a table says: finds the rule, does what it says, answers for targets that do not. */
public final class Proxy implements AutoCloseable {
    private final Means means;
    private final Links links;
    private final Sticky sticky;

    /** What a proxy works with. */
    public record Means(
            Dialer dialer,
            Deadlines deadlines,
            Functions functions,
            Logins logins,
            Observer observer,
            Tokens tokens,
            InstantSource clock,
            RandomGenerator random) {}

    /** A proxy of one balancer. */
    public Proxy(Means means) {
        this.means = means;
        this.links = new Links(means.dialer(), means.deadlines());
        this.sticky = new Sticky(means.tokens(), means.clock());
    }

    /** What a request is served by: the table as it was when the request came. */
    public record Route(RoutingTable table, Listener listener, Map<String, LiveGroup> groups) {}

    /** Headers that a login adds: for the target, and for the client. */
    private record Extra(Headers request, Headers answer) {}

    /** Only ever read. */
    private static final Extra NOTHING = new Extra(new Headers(), new Headers());

    /** Serves one request; never throws. What it could not answer is broken off. */
    public void serve(Inbound in, Route route) {
        RequestHead head = in.head();
        Trail trail = new Trail(
                in,
                route,
                Forwarded.trace(
                        head.headers().get("x-amzn-trace-id"),
                        means.clock().instant().getEpochSecond(),
                        means.random()),
                means.clock());
        try {
            answer(in, route, trail);
        } catch (Refused e) {
            refuse(in, trail, e.status(), null);
        } catch (IOException e) {
            trail.failed(e);
            in.abort();
        } catch (RuntimeException e) {
            System.getLogger(Proxy.class.getName()).log(System.Logger.Level.ERROR, "a request failed", e);
            refuse(in, trail, 500, null);
        } finally {
            means.observer().request(trail.fact());
        }
    }

    /** Answers what could not be read as a request. */
    void refused(Inbound in, Route route, int status) {
        Trail trail = new Trail(in, route, "-", means.clock());
        refuse(in, trail, status, null);
        means.observer().request(trail.fact());
    }

    private void answer(Inbound in, Route route, Trail trail) throws IOException {
        RequestHead head = in.head();
        if (head.method().equals("TRACE")) {
            throw new Refused(405, "TRACE");
        }
        if (returned(in, route, trail)) {
            return;
        }
        Routes.Match match =
                Routes.match(route.listener(), head, in.client().address().getAddress());
        trail.matched(match);
        Extra extra = NOTHING;
        for (Action action : match.rule().actions()) {
            switch (action) {
                case Action.Login login -> {
                    trail.did("authenticate");
                    Extra given = login(in, login, route, trail);
                    if (given == null) {
                        return;
                    }
                    extra = given;
                }
                case Action.Bearer bearer -> {
                    trail.did("jwt-validation");
                    Logins.Outcome.Answered refusal =
                            means.logins().bearer(bearer, head).orElse(null);
                    if (refusal != null) {
                        answer(in, refusal, trail);
                        return;
                    }
                }
                case Action.Fixed fixed -> {
                    trail.did("fixed-response");
                    fixed(in, fixed, trail);
                    return;
                }
                case Action.Redirect redirect -> {
                    trail.did("redirect");
                    redirect(in, redirect, route, trail);
                    return;
                }
                case Action.Forward forward -> {
                    trail.did("forward");
                    forward(in, route, forward, match.rule().transforms(), extra, trail);
                    return;
                }
            }
        }
    }

    /** What a login adds; null where the client was answered. */
    private @Nullable Extra login(Inbound in, Action.Login login, Route route, Trail trail) throws IOException {
        return switch (means.logins().check(login, route.table().id(), in.head())) {
            case Logins.Outcome.Known known -> new Extra(known.more(), known.answer());
            case Logins.Outcome.Answered answered -> {
                answer(in, answered, trail);
                yield null;
            }
        };
    }

    private void answer(Inbound in, Logins.Outcome.Answered answered, Trail trail) throws IOException {
        trail.error(answered.reason());
        String location = answered.headers().get("location");
        if (location != null) {
            trail.redirected(location);
        }
        own(in, trail, answered.status(), answered.headers(), Pages.page(answered.status()));
    }

    /** Whether a client came back from an identity provider, and was answered. */
    private boolean returned(Inbound in, Route route, Trail trail) throws IOException {
        if (!in.head().target().startsWith(Logins.RETURN) || !in.head().path().equals(Logins.RETURN)) {
            return false;
        }
        List<Action.Login> logins = route.listener().logins();
        Logins.Outcome.Answered answered = logins.isEmpty()
                ? null
                : means.logins().returned(logins, route.table().id(), in.head()).orElse(null);
        if (answered == null) {
            return false;
        }
        trail.did("authenticate");
        answer(in, answered, trail);
        return true;
    }

    private void fixed(Inbound in, Action.Fixed fixed, Trail trail) throws IOException {
        Headers headers = new Headers();
        byte[] body = fixed.body().getBytes(StandardCharsets.UTF_8);
        if (!fixed.contentType().isEmpty()) {
            headers.add("Content-Type", fixed.contentType() + "; charset=utf-8");
        } else if (body.length > 0) {
            headers.add("Content-Type", "text/plain; charset=utf-8");
        }
        own(in, trail, fixed.status(), headers, body);
    }

    private void redirect(Inbound in, Action.Redirect redirect, Route route, Trail trail) throws IOException {
        int port = route.listener().port();
        String location = Routes.location(redirect, in.head(), in.client().secure(), port);
        trail.redirected(location);
        Headers headers = new Headers().add("Content-Type", "text/html").add("Location", location);
        own(in, trail, redirect.status(), headers, Pages.page(redirect.status()));
    }

    /** Answers a request ourselves. */
    private void own(Inbound in, Trail trail, int status, Headers more, byte[] body) throws IOException {
        trail.answered(status);
        Headers headers = Pages.headers();
        for (int i = 0; i < more.size(); i++) {
            headers.add(more.name(i), more.value(i));
        }
        OutputStream out = in.respond(status, Pages.reason(status), headers, body.length);
        if (!in.head().method().equals("HEAD")) {
            out.write(body);
        }
        out.close();
    }

    private void refuse(Inbound in, Trail trail, int status, @Nullable String reason) {
        trail.error(reason);
        if (trail.begun()) {
            in.abort();
            return;
        }
        try {
            own(in, trail, status, new Headers().add("Content-Type", "text/html"), Pages.page(status));
        } catch (IOException e) {
            trail.failed(e);
            in.abort();
        }
    }

    private void forward(
            Inbound in, Route route, Action.Forward forward, List<Transform> transforms, Extra extra, Trail trail)
            throws IOException {
        RoutingTable.Settings settings = route.table().settings();
        boolean upgrade = in.upgradable();
        RequestHead head = rewritten(in.head(), transforms);
        Headers headers =
                Forwarded.request(head, in.client(), settings, trail.trace(), upgrade, verifies(route.listener()));
        Headers more = extra.request();
        for (int i = 0; i < more.size(); i++) {
            headers.set(more.name(i), more.value(i));
        }
        LiveGroup group = group(in, route, forward);
        String own = in.client().zone();
        String zone = near(route.table(), group.group()) && !own.isEmpty() ? own : null;
        LiveTarget target = sticky.target(group, in.head().headers()).orElseGet(() -> group.next(zone));
        trail.group(group.group().id());
        if (target == null) {
            throw new Refused(503, "no targets");
        }
        RequestHead sent = new RequestHead(head.method(), head.target(), head.authority(), head.version(), headers);
        target.begun();
        try {
            trail.target(target);
            Exchange exchange = new Exchange(in, route, forward, group, target, sent, extra.answer(), trail);
            if (group.group().kind() == TargetGroup.Kind.FUNCTION) {
                exchange.function(means.functions());
            } else {
                versions(in, group.group());
                exchange.run(upgrade && group.group().version() == TargetGroup.Version.HTTP1);
            }
        } finally {
            target.ended();
        }
    }

    private static boolean verifies(Listener listener) {
        Listener.Tls tls = listener.tls();
        Listener.ClientCertificates clients = tls == null ? null : tls.clients();
        return clients != null && clients.verify();
    }

    /** HTTP/2 groups do not take HTTP/1.1 with upgrades; gRPC ones take POST over HTTP/2 only. */
    private static void versions(Inbound in, TargetGroup group) throws IOException {
        boolean two = in.type().equals("h2") || in.type().equals("grpcs");
        if (group.version() == TargetGroup.Version.GRPC
                && !(two && in.head().method().equals("POST"))) {
            throw new Refused(464, "the group speaks gRPC");
        }
        if (group.version() == TargetGroup.Version.HTTP2 && !two) {
            throw new Refused(464, "the group speaks HTTP/2");
        }
    }

    private static boolean near(RoutingTable table, TargetGroup group) {
        Boolean own = group.crossZone();
        return !(own == null ? table.settings().crossZone() : own);
    }

    private static RequestHead rewritten(RequestHead head, List<Transform> transforms) {
        String target = head.target();
        String authority = head.authority();
        for (Transform each : transforms) {
            switch (each) {
                case Transform.Host host -> authority = tidy(host.apply(authority), authority);
                case Transform.Url url -> {
                    String changed = tidy(url.apply(target), target);
                    target = changed.startsWith("/") ? changed : "/" + changed;
                }
            }
        }
        return transforms.isEmpty() ? head : head.with(target, authority);
    }

    /** A rewritten text must fit into a line still. */
    private static String tidy(String text, String before) {
        return text.chars().anyMatch(c -> c <= ' ' || c == 0x7f) ? before : text;
    }

    private LiveGroup group(Inbound in, Route route, Action.Forward forward) throws IOException {
        String chosen =
                sticky.group(forward, route.table().id(), in.head().headers()).orElseGet(() -> weighted(forward));
        if (chosen.isEmpty()) {
            throw new Refused(503, "no group has a weight");
        }
        LiveGroup group = route.groups().get(chosen);
        if (group == null) {
            throw new IllegalStateException(chosen + " is not at work");
        }
        return group;
    }

    private String weighted(Action.Forward forward) {
        List<Action.Weighted> groups = forward.groups();
        if (groups.size() == 1) {
            return groups.getFirst().weight() == 0 ? "" : groups.getFirst().group();
        }
        int sum = groups.stream().mapToInt(Action.Weighted::weight).sum();
        int left = sum == 0 ? 0 : means.random().nextInt(sum);
        for (Action.Weighted each : groups) {
            left -= each.weight();
            if (left < 0) {
                return each.group();
            }
        }
        return "";
    }

    /** One request at its target. */
    private final class Exchange {
        private final Inbound in;
        private final Route route;
        private final Action.Forward forward;
        private final LiveGroup group;
        private final LiveTarget target;
        private final RequestHead head;
        private final Headers more;
        private final Trail trail;

        Exchange(
                Inbound in,
                Route route,
                Action.Forward forward,
                LiveGroup group,
                LiveTarget target,
                RequestHead head,
                Headers more,
                Trail trail) {
            this.in = in;
            this.route = route;
            this.forward = forward;
            this.group = group;
            this.target = target;
            this.head = head;
            this.more = more;
            this.trail = trail;
        }

        void function(Functions functions) throws IOException {
            byte[] body = in.content().readNBytes(FunctionCall.MOST_BYTES + 1);
            if (body.length > FunctionCall.MOST_BYTES) {
                throw new Refused(413, "more than a function takes");
            }
            trail.sent();
            try {
                byte[] event = FunctionCall.event(group.group(), head, body);
                Answer answer = FunctionCall.answer(
                        functions.invoke(group.group().id(), target.target().address(), event));
                relay(answer);
            } catch (IOException e) {
                if (trail.begun()) {
                    throw e;
                }
                trail.failed(e);
                refuse(in, trail, 502, e instanceof Functions.Failed known ? known.code() : "LambdaInvalidResponse");
            }
        }

        void run(boolean upgrade) throws IOException {
            boolean nothing = in.content().length() == 0;
            for (int attempt = 0; ; attempt++) {
                Link link;
                try {
                    link = links.open(group.group(), target, in.client().node(), attempt > 0);
                } catch (java.net.SocketTimeoutException e) {
                    throw new Refused(504, "the target did not accept a connection in time");
                } catch (IOException e) {
                    trail.failed(e);
                    throw new Refused(502, "the target did not accept a connection");
                }
                boolean stale = link.used() && nothing && attempt == 0;
                Passage passage = new Passage(
                        in, link, target, trail, route.table().settings().idle());
                if (passage.pass(head, upgrade, stale, this::relay)) {
                    return;
                }
            }
        }

        /** Hands the answer on to the client. */
        void relay(Answer answer) throws IOException {
            trail.targetAnswered(answer.status());
            Headers headers = Forwarded.answer(answer.headers());
            decorated(headers);
            boolean bodiless = head.method().equals("HEAD") || answer.status() == 204 || answer.status() == 304;
            long length = bodiless ? told(answer.headers()) : answer.content().length();
            trail.answered(answer.status());
            OutputStream out = in.respond(answer.status(), answer.reason(), headers, length);
            trail.clientHasHead();
            if (!bodiless) {
                byte[] buffer = new byte[(int) (length >= 0 ? Math.clamp(length, 1, 32 * 1024) : 32 * 1024)];
                int count;
                while ((count = answer.content().read(buffer, 0, buffer.length)) >= 0) {
                    out.write(buffer, 0, count);
                    if (!answer.content().ended() && !answer.content().ready()) {
                        out.flush();
                    }
                }
                Headers trailers = answer.content().trailers();
                if (trailers != null) {
                    in.trailers(trailers);
                }
            }
            out.close();
        }

        private static long told(Headers headers) throws IOException {
            return Lengths.of(headers);
        }

        private void decorated(Headers headers) {
            more.addTo(headers);
            sticky.keep(
                    headers,
                    forward,
                    route.table().id(),
                    target,
                    group,
                    in.client().secure());
            Map<String, String> wishes = route.listener().headers();
            if (wishes.isEmpty()) {
                return;
            }
            if ("false".equals(wishes.get("routing.http.response.server.enabled"))) {
                headers.remove("server");
            }
            wishes.forEach((key, value) -> {
                String prefix = "routing.http.response.";
                if (key.startsWith(prefix) && key.endsWith(".header_value") && !value.isEmpty()) {
                    String name = key.substring(prefix.length(), key.length() - ".header_value".length());
                    headers.set(name.replace('_', '-').toLowerCase(Locale.ROOT), value);
                }
            });
        }
    }

    @Override
    public void close() {
        links.close();
    }
}
