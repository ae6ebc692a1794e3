package dev.haneul.wire.protocols;

import dev.haneul.api.runtime.Location;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.ServiceShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    private volatile @Nullable Map<String, List<Route>> routesByMethod;

    /** An index over a service; one per service is kept by whoever routes. */
    public OperationIndex(ServiceShape service) {
        this.service = service;
    }

    /** The REST operation for this request, null for none. */
    public @Nullable OperationShape rest(String method, String rawPath, QueryString query, Headers headers) {
        List<Route> routes = routes().get(method);
        if (routes == null) {
            return null;
        }
        String[] parts = UriTemplate.split(rawPath);
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
        return routes().values().stream().flatMap(List::stream).anyMatch(route -> route.template.matchesPath(parts));
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

    private Map<String, List<Route>> routes() {
        Map<String, List<Route>> found = routesByMethod;
        if (found == null) {
            found = compile();
            routesByMethod = found;
        }
        return found;
    }

    private Map<String, List<Route>> compile() {
        Map<String, List<Route>> byMethod = new HashMap<>();
        for (OperationShape operation : service.operations()) {
            byMethod.computeIfAbsent(operation.method(), m -> new ArrayList<>())
                    .add(new Route(operation, new UriTemplate(operation.uri())));
        }
        for (List<Route> routes : byMethod.values()) {
            routes.sort((a, b) -> a.template.compareSpecificity(b.template));
        }
        return byMethod;
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
