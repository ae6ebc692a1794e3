package dev.haneul.services.events;

import dev.haneul.api.events.ConnectionHttpParameters;
import dev.haneul.api.events.ConnectionState;
import dev.haneul.api.events.CreateConnectionAuthRequestParameters;
import dev.haneul.api.events.CreateConnectionOAuthRequestParameters;
import dev.haneul.api.runtime.Call;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Outcome;
import dev.haneul.delivery.Outgoing;
import dev.haneul.delivery.Parcel;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.events.EventsTables.ConnectionRow;
import dev.haneul.services.events.EventsTables.DestinationRow;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Calls API destinations over HTTP, as their connection says who calls. See "API destinations". */
final class HttpCarrier implements Targets.Carrier {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    private static final int MOST_KEPT = 1_000;
    /** Answers that may be different next time. */
    private static final Set<Integer> PASSING = Set.of(401, 407, 409, 429);

    private static final String AGENT = "Amazon/EventBridge/ApiDestinations";

    private final EventsContext events;
    private final Connections connections;
    private final Permissions permissions;
    private final Outgoing http = new Outgoing(TIMEOUT);
    private final Map<String, Pace> paces = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, Token> tokens = new LinkedHashMap<>(16, 0.75f, true);

    private record Pace(long second, int calls) {}

    private record Token(String value, Instant until) {}

    private record Route(DestinationRow destination, ConnectionRow connection) {}

    HttpCarrier(EventsContext events, Connections connections, Permissions permissions) {
        this.events = events;
        this.permissions = permissions;
        this.connections = connections;
    }

    @Override
    public Outcome carry(Parcel parcel, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String name = parcel.arn().substring(parcel.arn().indexOf('/') + 1).split("/", 2)[0];
        Route route = events.store()
                .read(tx -> tx.get(EventsTables.DESTINATIONS, scope.key(name))
                        .map(Row::value)
                        .map(row -> new Route(row, ApiDestinations.connection(tx, scope, row.connectionArn())))
                        .orElse(null));
        if (route == null || !parcel.arn().endsWith("/" + route.destination().id())) {
            return new Outcome.Never("ResourceNotFoundException", parcel.arn() + " does not exist");
        }
        permissions.require(call, "events:InvokeApiDestination", parcel.arn(), Map.of());
        if (!route.connection().state().equals(ConnectionState.AUTHORIZED)) {
            return new Outcome.Again("CONNECTION_NOT_AUTHORIZED", "the connection is not authorized");
        }
        if (!mayGo(parcel.arn(), route.destination().perSecond())) {
            return new Outcome.Again("THROTTLING", "the destination's rate limit is reached", false);
        }
        try {
            return call(parcel, scope, route);
        } catch (IOException e) {
            return new Outcome.Again("CONNECTION_FAILURE", String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome.Again("INTERRUPTED", "the region stops");
        } catch (IllegalArgumentException e) {
            return new Outcome.Never("INVALID_REQUEST", String.valueOf(e.getMessage()));
        }
    }

    private synchronized boolean mayGo(String arn, int perSecond) {
        long second = events.now().getEpochSecond();
        Pace pace = paces.get(arn);
        int calls = pace == null || pace.second() != second ? 0 : pace.calls();
        if (calls >= perSecond) {
            return false;
        }
        paces.put(arn, new Pace(second, calls + 1));
        bound(paces);
        return true;
    }

    private static void bound(Map<String, ?> map) {
        if (map.size() > MOST_KEPT) {
            map.remove(map.keySet().iterator().next());
        }
    }

    private Outcome call(Parcel parcel, Scope scope, Route route) throws IOException, InterruptedException {
        CreateConnectionAuthRequestParameters auth = connections.secrets(scope, route.connection());
        Parcel.Request extra = parcel.manner().request();
        Map<String, String> headers = new LinkedHashMap<>();
        Map<String, String> query = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json; charset=utf-8");
        headers.put("User-Agent", AGENT);
        String endpoint = route.destination().endpoint();
        if (extra != null) {
            for (String value : extra.path()) {
                endpoint = endpoint.replaceFirst("\\*", java.util.regex.Matcher.quoteReplacement(encode(value)));
            }
            headers.putAll(extra.headers());
            query.putAll(extra.query());
        }
        String body = with(auth.invocationHttpParameters(), headers, query, parcel.payload());
        String keyOfToken = Connections.arn(scope, route.connection()) + " "
                + route.connection().modified();
        authorize(auth, headers, keyOfToken);
        HttpResponse<String> answer = http.send(
                request(endpoint, route.destination().method(), headers, query, body),
                HttpResponse.BodyHandlers.ofString());
        int status = answer.statusCode();
        if (status == 401) {
            synchronized (this) {
                tokens.remove(keyOfToken);
            }
        }
        if (status < 300) {
            return new Outcome.Done(answer.body());
        }
        String message = "the endpoint answered " + status;
        return PASSING.contains(status) || status >= 500
                ? new Outcome.Again(Integer.toString(status), message)
                : new Outcome.Never(Integer.toString(status), message);
    }

    /** Adds a connection's own parameters; answers the body with them. */
    private static String with(
            @Nullable ConnectionHttpParameters more,
            Map<String, String> headers,
            Map<String, String> query,
            String payload) {
        if (more == null) {
            return payload;
        }
        more.headerParameters().forEach(each -> headers.put(text(each.key()), text(each.value())));
        more.queryStringParameters().forEach(each -> query.put(text(each.key()), text(each.value())));
        Map<String, @Nullable Object> body = Json.object(payload).orElse(null);
        if (body == null || more.bodyParameters().isEmpty()) {
            return payload;
        }
        more.bodyParameters().forEach(each -> body.put(text(each.key()), each.value()));
        return Json.write(body);
    }

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    private void authorize(CreateConnectionAuthRequestParameters auth, Map<String, String> headers, String key)
            throws IOException, InterruptedException {
        if (auth.basicAuthParameters() != null) {
            String pair = auth.basicAuthParameters().username() + ":"
                    + auth.basicAuthParameters().password();
            headers.put(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        } else if (auth.apiKeyAuthParameters() != null) {
            headers.put(
                    auth.apiKeyAuthParameters().apiKeyName(),
                    auth.apiKeyAuthParameters().apiKeyValue());
        } else if (auth.oAuthParameters() != null) {
            headers.put("Authorization", "Bearer " + token(auth.oAuthParameters(), key));
        }
    }

    /** An access token by OAuth's client credentials, kept until shortly before it ends. */
    private String token(CreateConnectionOAuthRequestParameters oauth, String key)
            throws IOException, InterruptedException {
        synchronized (this) {
            Token known = tokens.get(key);
            if (known != null && known.until().isAfter(events.now())) {
                return known.value();
            }
        }
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "client_credentials");
        form.put("client_id", oauth.clientParameters().clientID());
        form.put("client_secret", oauth.clientParameters().clientSecret());
        Map<String, String> headers = new LinkedHashMap<>();
        Map<String, String> query = new LinkedHashMap<>();
        headers.put("Content-Type", "application/x-www-form-urlencoded");
        ConnectionHttpParameters more = oauth.oAuthHttpParameters();
        if (more != null) {
            more.bodyParameters().forEach(each -> form.put(text(each.key()), text(each.value())));
            String unused = with(more, headers, query, "");
        }
        boolean get = "GET".equals(oauth.httpMethod());
        if (get) {
            query.putAll(form);
        }
        HttpResponse<String> answer = http.send(
                request(oauth.authorizationEndpoint(), oauth.httpMethod(), headers, query, get ? "" : encoded(form)),
                HttpResponse.BodyHandlers.ofString());
        Map<String, @Nullable Object> fields = Json.object(answer.body()).orElse(Map.of());
        if (answer.statusCode() >= 300 || !(fields.get("access_token") instanceof String value)) {
            throw new IOException("the authorization endpoint answered " + answer.statusCode());
        }
        long seconds = fields.get("expires_in") instanceof Number number ? number.longValue() : 300;
        synchronized (this) {
            tokens.put(key, new Token(value, events.now().plusSeconds(Math.max(0, seconds - 30))));
            bound(tokens);
        }
        return value;
    }

    private static HttpRequest request(
            String endpoint, String method, Map<String, String> headers, Map<String, String> query, String body) {
        String uri = query.isEmpty() ? endpoint : endpoint + (endpoint.indexOf('?') < 0 ? "?" : "&") + encoded(query);
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri)).timeout(TIMEOUT);
        headers.forEach(request::setHeader);
        boolean bare = method.equals("GET") || method.equals("HEAD");
        return request.method(
                        method, bare ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private static String encoded(Map<String, String> fields) {
        StringBuilder out = new StringBuilder();
        fields.forEach((name, value) -> out.append(out.isEmpty() ? "" : "&")
                .append(encode(name))
                .append('=')
                .append(encode(value)));
        return out.toString();
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
