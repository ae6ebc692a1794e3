package dev.haneul.services.ecs.express;

import dev.haneul.fabric.vpc.NameSource;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.express.ExpressTables.ExpressRow;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The names of Express services' endpoints: each stands for its balancer's. */
public final class ExpressNames implements DataPlane, NameSource {
    private static final Pattern NAME =
            Pattern.compile("([a-z0-9-]{1,63})\\.ecs\\.([a-z0-9-]{1,63})\\.(localhost|on\\.aws)");
    private static final int FEW = 10;

    private final EcsRoom room;
    private final DataPlane balancers;

    /**
     * Names.
     *
     * @param balancers answers what is asked of balancers' own names
     */
    ExpressNames(EcsRoom room, DataPlane balancers) {
        this.room = room;
        this.balancers = balancers;
    }

    /** An endpoint's names: AWS's, and the one that this machine resolves. */
    static List<String> of(String label, String region) {
        return List.of(label + ".ecs." + region + ".on.aws", label + ".ecs." + region + ".localhost");
    }

    /** The DNS name of the balancer behind a name. */
    private Optional<String> balancer(String host) {
        Matcher matcher = NAME.matcher(host.toLowerCase(Locale.ROOT));
        return !matcher.matches()
                ? Optional.empty()
                : room
                        .read(tx -> tx.findAnywhere(
                                ExpressTables.EXPRESS, ExpressTables.LABEL, matcher.group(1), null, FEW))
                        .stream()
                        .filter(row -> row.key().region().equals(matcher.group(2)))
                        .map(Row::value)
                        .map(ExpressRow::balancer)
                        .filter(name -> !name.isEmpty())
                        .findFirst();
    }

    @Override
    public boolean claims(Exchange exchange) {
        return exchange.host().contains(".ecs.") && balancer(exchange.host()).isPresent();
    }

    @Override
    public void serve(Exchange exchange) throws IOException {
        Exchange there = new There(exchange, balancer(exchange.host()).orElse(""));
        if (balancers.claims(there)) {
            balancers.serve(there);
            return;
        }
        exchange.answer(503, "text/plain", "The load balancer of this service is not there.\n");
    }

    @Override
    public Optional<Answer> find(@Nullable String vpcId, String name) {
        return balancer(name).map(balancer -> new Answer(name, true, List.of(new Entry(Entry.ALIAS, 60, balancer))));
    }

    /** The same request, at the balancer's name; its Host header stays, for the rules. */
    private record There(Exchange exchange, String host) implements Exchange {
        @Override
        public String method() {
            return exchange.method();
        }

        @Override
        public String path() {
            return exchange.path();
        }

        @Override
        public String query() {
            return exchange.query();
        }

        @Override
        public @Nullable String header(String name) {
            String value = exchange.header(name);
            // HTTP/2 has no Host header, and the listener is the one at port 80 whichever way the request came.
            return switch (name) {
                case "host" -> value == null ? exchange.host() : value;
                case "x-forwarded-port" -> "80";
                default -> value;
            };
        }

        @Override
        public Map<String, List<String>> headers() {
            return exchange.headers();
        }

        @Override
        public String remoteAddress() {
            return exchange.remoteAddress();
        }

        @Override
        public boolean secure() {
            return exchange.secure();
        }

        @Override
        public String endpoint() {
            return exchange.endpoint();
        }

        @Override
        public String requestId() {
            return exchange.requestId();
        }

        @Override
        public InputStream body() throws IOException {
            return exchange.body();
        }

        @Override
        public OutputStream respond(int status, Map<String, List<String>> headers, long length) throws IOException {
            return exchange.respond(status, headers, length);
        }
    }
}
