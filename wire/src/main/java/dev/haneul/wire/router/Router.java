package dev.haneul.wire.router;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.kernel.Regions;
import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.OperationIndex;
import dev.haneul.wire.protocols.QueryString;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the operation a request means. Built once from the services that are here; safe for all threads.
 *
 * <p>Host name and signature scope narrow the services; then the protocol's mark decides. Services that share a signing
 * name or an endpoint are told apart by their target prefix, by the Query API's version, or by which of them has such
 * a path.
 */
public final class Router {
    private static final List<Protocol> JSON = List.of(Protocol.AWS_JSON_1_0, Protocol.AWS_JSON_1_1);
    private static final List<Protocol> QUERY = List.of(Protocol.AWS_QUERY, Protocol.EC2_QUERY);
    private static final List<Protocol> REST = List.of(Protocol.REST_JSON_1, Protocol.REST_XML);
    private static final List<Protocol> CBOR = List.of(Protocol.RPC_V2_CBOR);

    private final List<Entry> entries;
    private final Map<String, List<Entry>> byEndpoint = new LinkedHashMap<>();
    private final Map<String, List<Entry>> bySigningName = new HashMap<>();
    private final @Nullable Entry objects;
    private final HostNames hostNames;

    private record Entry(ServiceShape shape, OperationIndex index) {
        @Nullable
        Protocol speaks(List<Protocol> family) {
            return shape.facts().protocols().stream()
                    .filter(family::contains)
                    .findFirst()
                    .orElse(null);
        }
    }

    /** What host and scope say before the protocol is asked. */
    private record Narrowed(List<Entry> candidates, HostNames.Meaning host, RoutingInput in) {}

    /**
     * A router.
     *
     * @param services every service of the region
     * @param hosting the one that is an object store, null for none
     */
    public Router(Collection<ServiceShape> services, @Nullable VirtualHosting hosting) {
        Entry found = null;
        List<Entry> all = new ArrayList<>();
        for (ServiceShape service : services) {
            Entry entry = new Entry(service, new OperationIndex(service));
            all.add(entry);
            byEndpoint
                    .computeIfAbsent(service.facts().endpointPrefix(), prefix -> new ArrayList<>())
                    .add(entry);
            found = hosting != null && hosting.serviceId().equals(service.id()) ? entry : found;
        }
        Entry last = found;
        // The object store's templates match nearly every path, so it is asked after the others.
        all.sort(Comparator.comparing((Entry entry) -> entry == last));
        entries = List.copyOf(all);
        for (Entry entry : entries) {
            bySigningName
                    .computeIfAbsent(entry.shape.facts().signingName(), name -> new ArrayList<>())
                    .add(entry);
        }
        objects = found;
        hostNames = new HostNames(byEndpoint, hosting == null || found == null ? null : hosting.label());
    }

    /**
     * Routes a request.
     *
     * @throws Fault where its form cannot be read
     */
    public Route route(RoutingInput in) throws IOException {
        Narrowed narrowed = narrow(in);
        String target = in.headers().first("x-amz-target");
        if (in.path().contains("/operation/")
                && "rpc-v2-cbor".equals(in.headers().first("smithy-protocol"))) {
            return rpc(narrowed);
        }
        if (target != null && in.method().equals("POST")) {
            return json(narrowed, target);
        }
        QueryString parameters = action(narrowed);
        if (parameters != null) {
            return query(narrowed, parameters);
        }
        return rest(narrowed);
    }

    /** Where a request goes that cannot even be read: to whom its client seems to speak, with a refusal. */
    public Route.Refused unreadable(Headers headers, Fault fault) {
        if (headers.has("x-amz-target")) {
            return standIn("", asked(headers.first("content-type")), fault);
        }
        return objects == null
                ? standIn("", Protocol.REST_XML, fault)
                : new Route.Refused(objects.shape, first(objects, REST), fault, true);
    }

    /**
     * Whether a browser that asks before it sends this method here means the object store, whose buckets answer for
     * themselves. Where neither host nor signature tells, whatever is no other service's path is a bucket's.
     */
    public boolean belongsToObjects(RoutingInput in, String method) {
        Entry store = objects;
        if (store == null) {
            return false;
        }
        HostNames.Meaning host = hostNames.read(in.host());
        if (host.endpoint() != null) {
            return byEndpoint.getOrDefault(host.endpoint(), List.of()).contains(store);
        }
        if (in.scope() != null) {
            return store.shape.facts().signingName().equals(in.scope().service());
        }
        if (in.path().isEmpty() || in.path().equals("/")) {
            return false;
        }
        for (Entry entry : entries) {
            boolean rest = entry != store && entry.speaks(REST) != null;
            if (entry.speaks(CBOR) != null && entry.index.rpc(in.path()) != null
                    || rest && entry.index.rest(method, in.path(), in.query(), in.headers()) != null) {
                return false;
            }
        }
        return true;
    }

    private Narrowed narrow(RoutingInput in) {
        HostNames.Meaning host = hostNames.read(in.host());
        List<Entry> candidates = host.endpoint() == null ? entries : byEndpoint.getOrDefault(host.endpoint(), entries);
        if (in.scope() != null) {
            String signingName = in.scope().service();
            List<Entry> signed = bySigningName.getOrDefault(signingName, List.of());
            signed = host.endpoint() == null ? signed : keep(signed, candidates::contains);
            // A host that contradicts the scope wins: the signature check then says which service was expected.
            candidates = signed.isEmpty() && host.endpoint() != null ? candidates : signed;
        }
        return new Narrowed(candidates, host, in);
    }

    private Route rpc(Narrowed narrowed) {
        String[] parts = narrowed.in.path().split("/", -1);
        int at = List.of(parts).indexOf("operation");
        String name = at > 0 ? parts[at - 1] : "";
        List<Entry> speaking = keep(narrowed.candidates, entry -> entry.speaks(CBOR) != null);
        List<Entry> named =
                keep(speaking, entry -> name.equals(entry.shape.facts().targetPrefix()));
        for (Entry entry : named.isEmpty() ? speaking : named) {
            OperationShape operation = entry.index.rpc(narrowed.in.path());
            if (operation != null) {
                return found(narrowed, entry, Protocol.RPC_V2_CBOR, operation);
            }
        }
        return unknownOperation(narrowed, speaking, Protocol.RPC_V2_CBOR, 404);
    }

    private Route json(Narrowed narrowed, String target) {
        Protocol asked = asked(narrowed.in.headers().first("content-type"));
        List<Entry> speaking = keep(narrowed.candidates, entry -> entry.speaks(JSON) != null);
        for (Entry entry : speaking) {
            OperationShape operation = entry.index.target(target);
            if (operation != null) {
                return found(narrowed, entry, spoken(entry, asked), operation);
            }
        }
        return unknownOperation(narrowed, speaking, asked, 400);
    }

    private static Protocol asked(@Nullable String contentType) {
        return contentType != null && contentType.contains("x-amz-json-1.0")
                ? Protocol.AWS_JSON_1_0
                : Protocol.AWS_JSON_1_1;
    }

    /** The JSON version asked for, or the one the service has. */
    private static Protocol spoken(Entry entry, Protocol asked) {
        Protocol own = entry.speaks(JSON);
        return own == null || entry.shape.facts().speaks(asked) ? asked : own;
    }

    /** The parameters of a Query call, null where the request is none. */
    private static @Nullable QueryString action(Narrowed narrowed) throws IOException {
        RoutingInput in = narrowed.in;
        boolean root = in.path().isEmpty() || in.path().equals("/");
        // Where nobody who could be meant has paths, any will do: older clients POST to the URL of the resource itself.
        boolean elsewhere = !root && !none(narrowed.candidates, REST);
        if (elsewhere || narrowed.host.bucket() != null || none(narrowed.candidates, QUERY)) {
            return null;
        }
        if (in.query().has("Action")) {
            return in.query();
        }
        QueryString form = in.method().equals("POST") ? in.form().read() : QueryString.EMPTY;
        boolean queryOnly = none(narrowed.candidates, REST) && none(narrowed.candidates, JSON);
        return form.has("Action") || queryOnly ? form : null;
    }

    private Route query(Narrowed narrowed, QueryString parameters) {
        String action = parameters.first("Action");
        String version = parameters.first("Version");
        List<Entry> speaking = keep(narrowed.candidates, entry -> entry.speaks(QUERY) != null);
        List<Entry> versioned = version == null
                ? speaking
                : keep(speaking, entry -> version.equals(entry.shape.facts().apiVersion()));
        if (action != null) {
            for (Entry entry : versioned) {
                OperationShape operation = entry.index.action(action);
                if (operation != null) {
                    return found(narrowed, entry, first(entry, QUERY), operation);
                }
            }
        }
        Entry blamed = first(versioned.isEmpty() ? speaking : versioned);
        if (blamed == null) {
            return unknownService(narrowed, Protocol.AWS_QUERY);
        }
        Fault fault = action == null
                ? Fault.client("MissingAction", 400, "Missing Action")
                : Fault.client(
                        "InvalidAction",
                        400,
                        "Could not find operation " + action + " for version "
                                + (version == null ? "NO_VERSION_SPECIFIED" : version));
        return new Route.Refused(blamed.shape, first(blamed, QUERY), fault, false);
    }

    private Route rest(Narrowed narrowed) {
        RoutingInput in = narrowed.in;
        List<Entry> speaking = keep(narrowed.candidates, entry -> entry.speaks(REST) != null);
        if (in.scope() == null && narrowed.host.endpoint() == null && objects != null) {
            speaking = List.of(objects);
        }
        for (Entry entry : speaking) {
            OperationShape operation = entry.index.rest(in.method(), path(narrowed, entry), in.query(), in.headers());
            if (operation != null) {
                return found(narrowed, entry, first(entry, REST), operation);
            }
        }
        Entry blamed = first(speaking);
        if (blamed == null) {
            return none(narrowed.candidates, JSON)
                    ? unknownService(narrowed, guessed(in))
                    : unknownOperation(narrowed, narrowed.candidates, Protocol.AWS_JSON_1_1, 400);
        }
        return new Route.Refused(blamed.shape, first(blamed, REST), noSuchPath(narrowed, blamed), blamed == objects);
    }

    /** What the client of a service that is not here speaks. */
    private static Protocol guessed(RoutingInput in) {
        String type = in.headers().first("content-type");
        boolean form = type != null && type.startsWith("application/x-www-form-urlencoded");
        return form || in.query().has("Action") ? Protocol.AWS_QUERY : Protocol.REST_JSON_1;
    }

    private Fault noSuchPath(Narrowed narrowed, Entry entry) {
        String method = narrowed.in.method();
        if (entry == objects) {
            return Fault.client("MethodNotAllowed", 405, "The specified method is not allowed against this resource.")
                    .with("Method", method)
                    .with("ResourceType", path(narrowed, entry).lastIndexOf('/') > 0 ? "OBJECT" : "BUCKET");
        }
        boolean known = entry.index.knowsPath(path(narrowed, entry));
        return known
                ? Fault.client("MethodNotAllowedException", 405, "The method " + method + " is not allowed here.")
                : Fault.client("UnknownOperationException", 404, "");
    }

    private Route found(Narrowed narrowed, Entry entry, Protocol protocol, OperationShape operation) {
        RoutingInput in = narrowed.in;
        String hostRegion = entry.shape.facts().global() ? null : narrowed.host.region();
        String region = hostRegion == null ? Regions.DEFAULT : hostRegion;
        if (in.scope() != null && !in.scope().region().isEmpty()) {
            region = in.scope().region();
        }
        return new Route.Found(
                entry.shape, protocol, operation, path(narrowed, entry), entry == objects, region, hostRegion);
    }

    private String path(Narrowed narrowed, Entry entry) {
        String bucket = narrowed.host.bucket();
        return entry == objects && bucket != null ? "/" + bucket + narrowed.in.path() : narrowed.in.path();
    }

    private static Route unknownOperation(Narrowed narrowed, List<Entry> speaking, Protocol asked, int status) {
        Entry blamed = first(speaking);
        if (blamed == null) {
            return unknownService(narrowed, asked);
        }
        Protocol spoken = JSON.contains(asked) ? spoken(blamed, asked) : asked;
        return new Route.Refused(blamed.shape, spoken, Fault.client("UnknownOperationException", status, ""), false);
    }

    /** The client means a service that is not here; it gets an answer in the protocol it speaks. */
    private static Route unknownService(Narrowed narrowed, Protocol protocol) {
        String name = narrowed.in.scope() == null ? "" : narrowed.in.scope().service();
        Fault fault = name.isEmpty()
                ? Fault.client("UnknownOperationException", 404, "The request names no service that is here.")
                : Fault.server(
                        "NotImplemented", 501, name + " is not implemented by Haneul yet. See docs/coverage.md.");
        return standIn(name, protocol, fault);
    }

    private static Route.Refused standIn(String name, Protocol protocol, Fault fault) {
        ServiceShape.Facts facts =
                new ServiceShape.Facts(name, name, name, name, "", List.of(protocol), null, null, false, false);
        ServiceShape standIn = new ServiceShape(facts, index -> {
            throw new IllegalArgumentException("a service that is not here has no shape " + index);
        });
        return new Route.Refused(standIn, protocol, fault, false);
    }

    private static List<Entry> keep(List<Entry> entries, Predicate<Entry> condition) {
        return entries.stream().filter(condition).toList();
    }

    private static boolean none(List<Entry> entries, List<Protocol> family) {
        return entries.stream().allMatch(entry -> entry.speaks(family) == null);
    }

    private static Protocol first(Entry entry, List<Protocol> family) {
        Protocol spoken = entry.speaks(family);
        if (spoken == null) {
            throw new IllegalStateException(entry.shape.id() + " speaks none of " + family);
        }
        return spoken;
    }

    private static @Nullable Entry first(List<Entry> entries) {
        return entries.isEmpty() ? null : entries.getFirst();
    }
}
