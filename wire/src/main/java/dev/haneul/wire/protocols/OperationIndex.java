package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Location;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.ServiceShape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the operation a request means, per service and built once, when first asked.
 *
 * <p>REST services are matched by method, path and query. Where several templates match, the most specific path wins;
 * among equal paths the operation with most literal parameters, then the one whose required query and header members
 * are all there, and most of them (so {@code ?partNumber=1&uploadId=x} is UploadPart and not PutObject, and with
 * {@code x-amz-copy-source} UploadPartCopy). RPC services are matched by the operation's name in target, action or
 * path.
 */
public final class OperationIndex {
    private final ServiceShape service;
    private volatile @Nullable Map<String, Bucket> byMethod;

    /** An index over a service; one per service is kept by whoever routes. */
    public OperationIndex(ServiceShape service) {
        this.service = service;
    }

    /** The REST operation for this request, null for none. */
    public @Nullable OperationShape rest(String method, String rawPath, QueryString query, Headers headers) {
        Bucket bucket = buckets().get(method);
        if (bucket == null) {
            return null;
        }
        String[] parts = UriTemplate.split(rawPath);
        // A literal first segment goes before a label there, so its bucket is asked first.
        List<Route> literal = bucket.byFirstLiteral.getOrDefault(parts.length == 0 ? "" : parts[0], List.of());
        OperationShape found = best(literal, parts, query, headers);
        return found != null ? found : best(bucket.others, parts, query, headers);
    }

    private static @Nullable OperationShape best(
            List<Route> routes, String[] parts, QueryString query, Headers headers) {
        Route best = null;
        int bestScore = Integer.MIN_VALUE;
        for (Route route : routes) {
            if (best != null && best.template.compareSpecificity(route.template) != 0) {
                break;
            }
            if (route.template.matchesPath(parts) && route.template.matchesQuery(query)) {
                int score = route.score(query, headers);
                if (score > bestScore) {
                    best = route;
                    bestScore = score;
                }
            }
        }
        return best == null ? null : best.operation;
    }

    /** Whether another method would find an operation at this path: 405 instead of 404. */
    public boolean knowsPath(String rawPath) {
        String[] parts = UriTemplate.split(rawPath);
        return buckets().values().stream().flatMap(Bucket::all).anyMatch(route -> route.template.matchesPath(parts));
    }

    /** The awsJson operation of an {@code X-Amz-Target} such as {@code Logs_20140328.PutLogEvents}; null for none. */
    public @Nullable OperationShape target(String target) {
        int dot = target.lastIndexOf('.');
        String prefix = service.facts().targetPrefix();
        if (dot < 0 || (prefix != null && !prefix.equals(target.substring(0, dot)))) {
            return null;
        }
        return service.operation(target.substring(dot + 1));
    }

    /** The Query operation of an {@code Action} parameter, null for none. */
    public @Nullable OperationShape action(String action) {
        return service.operation(action);
    }

    /** The rpcv2Cbor operation of a path such as {@code /service/GraniteService/operation/PutMetricData}. */
    public @Nullable OperationShape rpc(String rawPath) {
        String[] parts = UriTemplate.split(rawPath);
        int at = parts.length - 4;
        boolean wellFormed = at >= 0 && parts[at].equals("service") && parts[at + 2].equals("operation");
        return wellFormed ? service.operation(parts[at + 3]) : null;
    }

    private Map<String, Bucket> buckets() {
        Map<String, Bucket> found = byMethod;
        if (found == null) {
            found = compile();
            byMethod = found;
        }
        return found;
    }

    private Map<String, Bucket> compile() {
        Map<String, Bucket> buckets = new HashMap<>();
        for (OperationShape operation : service.operations()) {
            UriTemplate template = new UriTemplate(operation.uri());
            Bucket bucket = buckets.computeIfAbsent(operation.method(), m -> new Bucket());
            String literal = template.firstLiteral();
            List<Route> routes = literal == null
                    ? bucket.others
                    : bucket.byFirstLiteral.computeIfAbsent(literal, l -> new ArrayList<>());
            routes.add(new Route(operation, template));
        }
        Comparator<Route> order = (one, other) -> one.template.compareSpecificity(other.template);
        for (Bucket bucket : buckets.values()) {
            bucket.others.sort(order);
            bucket.byFirstLiteral.values().forEach(routes -> routes.sort(order));
        }
        return buckets;
    }

    /** The routes of one method: by the first segment where that is a literal, and the others; most specific first. */
    private static final class Bucket {
        private final Map<String, List<Route>> byFirstLiteral = new HashMap<>();
        private final List<Route> others = new ArrayList<>();

        Stream<Route> all() {
            return Stream.concat(byFirstLiteral.values().stream().flatMap(List::stream), others.stream());
        }
    }

    /** An operation and what tells it from its neighbours at the same path; found when they first compete. */
    private static final class Route {
        private static final int LITERAL = 1_000_000;
        private static final int MISSING = -1_000;

        private final OperationShape operation;
        private final UriTemplate template;
        private @Nullable List<Member> required;

        Route(OperationShape operation, UriTemplate template) {
            this.operation = operation;
            this.template = template;
        }

        /**
         * Literals weigh most, then whether required members are missing, then how many are there. Of two operations at
         * the same place (S3's GetBucketLifecycle and GetBucketLifecycleConfiguration) the deprecated one gives way.
         */
        int score(QueryString query, Headers headers) {
            int score = LITERAL * template.literalCount() + (template.hinted(query) ? 1 : 0);
            score -= operation.is(OperationShape.Trait.DEPRECATED) ? 1 : 0;
            for (Member member : required()) {
                boolean there = member.location() == Location.QUERY
                        ? query.has(member.wireName())
                        : headers.has(member.wireName());
                score += there ? 2 : MISSING;
            }
            return score;
        }

        private List<Member> required() {
            List<Member> found = required;
            if (found == null) {
                found = operation.inputShape().members().stream()
                        .filter(Member::required)
                        .filter(m -> m.location() == Location.QUERY || m.location() == Location.HEADER)
                        .toList();
                required = found;
            }
            return found;
        }
    }
}
