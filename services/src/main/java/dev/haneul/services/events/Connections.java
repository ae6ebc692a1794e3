package dev.haneul.services.events;

import dev.haneul.api.events.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Faults;
import dev.haneul.api.runtime.Struct;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.JsonStructs;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.events.EventsContext.Page;
import dev.haneul.services.events.EventsTables.ConnectionRow;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Connections: how API destinations prove who calls. Secrets are kept in Secrets Manager and never told. */
final class Connections {
    private static final int MOST = 3_000;
    /** What Secrets Manager takes. */
    private static final int MOST_SECRET_CHARS = 65_536;

    private final EventsContext events;
    private final ConnectionSecrets kept;

    Connections(EventsContext events, ConnectionSecrets kept) {
        this.events = events;
        this.kept = kept;
    }

    CreateConnectionResponse create(CreateConnectionRequest in, Call call) {
        if (in.invocationConnectivityParameters() != null) {
            throw Faults.notImplemented("events", "CreateConnection to private APIs");
        }
        CreateConnectionAuthRequestParameters auth = in.authParameters();
        check(in.authorizationType(), auth);
        Scope scope = EventsContext.scope(call);
        Key key = scope.key(in.name());
        Instant now = events.now();
        String value = checked(auth);
        events.store().read(tx -> requireFree(tx, key));
        String id = UUID.randomUUID().toString();
        String arn = arn(scope, in.name(), id);
        ConnectionRow row = new ConnectionRow(
                in.name(),
                id,
                in.description(),
                in.authorizationType(),
                ConnectionState.AUTHORIZED,
                kept.create(scope, arn, in.name(), value, call),
                now,
                now,
                now);
        boolean made = false;
        try {
            events.store().write(tx -> {
                boolean free = requireFree(tx, key);
                if (free) {
                    tx.put(EventsTables.CONNECTIONS, key, row);
                }
            });
            made = true;
        } finally {
            if (!made) {
                kept.remove(scope, arn, row.secretArn());
            }
        }
        return new CreateConnectionResponse()
                .connectionArn(arn(scope, row))
                .connectionState(row.state())
                .creationTime(now)
                .lastModifiedTime(now);
    }

    private static void check(String type, CreateConnectionAuthRequestParameters auth) {
        Struct wanted = switch (type) {
            case ConnectionAuthorizationType.BASIC -> auth.basicAuthParameters();
            case ConnectionAuthorizationType.API_KEY -> auth.apiKeyAuthParameters();
            default -> auth.oAuthParameters();
        };
        if (wanted == null) {
            throw EventsFaults.validation("Parameter AuthParameters does not fit authorization type " + type + ".");
        }
    }

    private static boolean requireFree(ReadTx tx, Key key) {
        if (tx.get(EventsTables.CONNECTIONS, key).isPresent()) {
            throw EventsFaults.exists("Connection " + key.id() + " already exists.");
        }
        if (tx.range(EventsTables.CONNECTIONS, key.scope(), "", null, MOST).size() == MOST) {
            throw EventsFaults.limit();
        }
        return true;
    }

    static String arn(Scope scope, ConnectionRow row) {
        return arn(scope, row.name(), row.id());
    }

    private static String arn(Scope scope, String name, String id) {
        return EventsTables.arn(scope, "connection/" + name + "/" + id);
    }

    private static String checked(CreateConnectionAuthRequestParameters auth) {
        String json = json(auth);
        if (json.length() > MOST_SECRET_CHARS) {
            throw EventsFaults.limit("The connection's parameters are too large.");
        }
        return json;
    }

    private static <S extends Struct> String json(S struct) {
        return new String(RecordCodecs.struct(struct).encode(struct), StandardCharsets.UTF_8);
    }

    /** What a connection's calls are signed with. */
    CreateConnectionAuthRequestParameters secrets(Scope scope, ConnectionRow row) {
        String json = kept.read(scope, arn(scope, row), row.secretArn());
        return RecordCodecs.struct(new CreateConnectionAuthRequestParameters())
                .decode(1, json.getBytes(StandardCharsets.UTF_8));
    }

    static ConnectionRow require(ReadTx tx, Scope scope, String name) {
        return tx.get(EventsTables.CONNECTIONS, scope.key(name))
                .map(Row::value)
                .orElseThrow(() -> EventsFaults.notFound(
                        "Failed to describe the connection(s). Connection '" + name + "' does not exist."));
    }

    UpdateConnectionResponse update(UpdateConnectionRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        ConnectionRow before = events.store().read(tx -> require(tx, scope, in.name()));
        CreateConnectionAuthRequestParameters auth = secrets(scope, before);
        UpdateConnectionAuthRequestParameters changes = in.authParameters();
        if (changes != null) {
            auth = merged(auth, changes);
        }
        String type = in.authorizationType() == null ? before.type() : in.authorizationType();
        check(type, auth);
        kept.change(scope, arn(scope, before), before.secretArn(), checked(auth), call);
        Instant now = events.now();
        ConnectionRow row = new ConnectionRow(
                before.name(),
                before.id(),
                in.description() == null ? before.description() : in.description(),
                type,
                ConnectionState.AUTHORIZED,
                before.secretArn(),
                before.created(),
                now,
                now);
        events.store().write(tx -> {
            require(tx, scope, in.name());
            tx.put(EventsTables.CONNECTIONS, scope.key(in.name()), row);
        });
        return new UpdateConnectionResponse()
                .connectionArn(arn(scope, row))
                .connectionState(row.state())
                .creationTime(row.created())
                .lastModifiedTime(now)
                .lastAuthorizedTime(now);
    }

    /** The parameters as they were, with those that are given anew. */
    private static CreateConnectionAuthRequestParameters merged(
            CreateConnectionAuthRequestParameters before, UpdateConnectionAuthRequestParameters changes) {
        Map<String, @Nullable Object> tree =
                new LinkedHashMap<>(Json.object(json(before)).orElse(Map.of()));
        merge(tree, Json.object(json(changes)).orElse(Map.of()));
        return (CreateConnectionAuthRequestParameters)
                JsonStructs.read(new CreateConnectionAuthRequestParameters().shape(), tree);
    }

    private static void merge(Map<String, @Nullable Object> into, Map<String, @Nullable Object> changes) {
        changes.forEach((name, value) -> {
            if (value instanceof Map<?, ?> map && into.get(name) instanceof Map<?, ?> old) {
                Map<String, @Nullable Object> both = new LinkedHashMap<>();
                old.forEach((key, each) -> both.put(String.valueOf(key), each));
                Map<String, @Nullable Object> more = new LinkedHashMap<>();
                map.forEach((key, each) -> more.put(String.valueOf(key), each));
                merge(both, more);
                into.put(name, both);
            } else {
                into.put(name, value);
            }
        });
    }

    DeauthorizeConnectionResponse deauthorize(DeauthorizeConnectionRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        ConnectionRow row = events.store().transact(tx -> {
            ConnectionRow now = require(tx, scope, in.name());
            ConnectionRow changed = new ConnectionRow(
                    now.name(),
                    now.id(),
                    now.description(),
                    now.type(),
                    ConnectionState.DEAUTHORIZED,
                    now.secretArn(),
                    now.created(),
                    events.now(),
                    now.authorized());
            tx.put(EventsTables.CONNECTIONS, scope.key(in.name()), changed);
            return changed;
        });
        return new DeauthorizeConnectionResponse()
                .connectionArn(arn(scope, row))
                .connectionState(row.state())
                .creationTime(row.created())
                .lastModifiedTime(row.modified())
                .lastAuthorizedTime(row.authorized());
    }

    DeleteConnectionResponse delete(DeleteConnectionRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        ConnectionRow row = events.store().transact(tx -> {
            ConnectionRow now = require(tx, scope, in.name());
            tx.delete(EventsTables.CONNECTIONS, scope.key(in.name()));
            return now;
        });
        kept.remove(scope, arn(scope, row), row.secretArn());
        return new DeleteConnectionResponse()
                .connectionArn(arn(scope, row))
                .connectionState(ConnectionState.DELETING)
                .creationTime(row.created())
                .lastModifiedTime(row.modified())
                .lastAuthorizedTime(row.authorized());
    }

    DescribeConnectionResponse describe(DescribeConnectionRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        ConnectionRow row = events.store().read(tx -> require(tx, scope, in.name()));
        return new DescribeConnectionResponse()
                .connectionArn(arn(scope, row))
                .name(row.name())
                .description(row.description())
                .connectionState(row.state())
                .authorizationType(row.type())
                .secretArn(row.secretArn())
                .authParameters(told(secrets(scope, row)))
                .creationTime(row.created())
                .lastModifiedTime(row.modified())
                .lastAuthorizedTime(row.authorized());
    }

    private static ConnectionAuthResponseParameters told(CreateConnectionAuthRequestParameters auth) {
        ConnectionAuthResponseParameters out = new ConnectionAuthResponseParameters();
        if (auth.basicAuthParameters() != null) {
            out.basicAuthParameters(new ConnectionBasicAuthResponseParameters()
                    .username(auth.basicAuthParameters().username()));
        }
        if (auth.apiKeyAuthParameters() != null) {
            out.apiKeyAuthParameters(new ConnectionApiKeyAuthResponseParameters()
                    .apiKeyName(auth.apiKeyAuthParameters().apiKeyName()));
        }
        CreateConnectionOAuthRequestParameters oauth = auth.oAuthParameters();
        if (oauth != null) {
            out.oAuthParameters(new ConnectionOAuthResponseParameters()
                    .clientParameters(new ConnectionOAuthClientResponseParameters()
                            .clientID(oauth.clientParameters().clientID()))
                    .authorizationEndpoint(oauth.authorizationEndpoint())
                    .httpMethod(oauth.httpMethod())
                    .oAuthHttpParameters(hidden(oauth.oAuthHttpParameters())));
        }
        return out.invocationHttpParameters(hidden(auth.invocationHttpParameters()));
    }

    /** Parameters without the values that are secret. */
    private static @Nullable ConnectionHttpParameters hidden(@Nullable ConnectionHttpParameters in) {
        if (in == null) {
            return null;
        }
        List<ConnectionHeaderParameter> headers = in.headerParameters().stream()
                .map(each -> new ConnectionHeaderParameter()
                        .key(each.key())
                        .isValueSecret(each.isValueSecret())
                        .value(Boolean.TRUE.equals(each.isValueSecret()) ? null : each.value()))
                .toList();
        List<ConnectionQueryStringParameter> query = in.queryStringParameters().stream()
                .map(each -> new ConnectionQueryStringParameter()
                        .key(each.key())
                        .isValueSecret(each.isValueSecret())
                        .value(Boolean.TRUE.equals(each.isValueSecret()) ? null : each.value()))
                .toList();
        List<ConnectionBodyParameter> body = in.bodyParameters().stream()
                .map(each -> new ConnectionBodyParameter()
                        .key(each.key())
                        .isValueSecret(each.isValueSecret())
                        .value(Boolean.TRUE.equals(each.isValueSecret()) ? null : each.value()))
                .toList();
        return new ConnectionHttpParameters()
                .headerParameters(headers)
                .queryStringParameters(query)
                .bodyParameters(body);
    }

    ListConnectionsResponse list(ListConnectionsRequest in, Call call) {
        Scope scope = EventsContext.scope(call);
        Page<ConnectionRow> page = events.page(
                "connections",
                EventsTables.CONNECTIONS,
                scope,
                in.namePrefix() == null ? "" : in.namePrefix(),
                row -> in.connectionState() == null || in.connectionState().equals(row.state()),
                in.limit(),
                in.nextToken());
        return new ListConnectionsResponse()
                .connections(page.rows().stream()
                        .map(row -> new Connection()
                                .connectionArn(arn(scope, row))
                                .name(row.name())
                                .connectionState(row.state())
                                .authorizationType(row.type())
                                .creationTime(row.created())
                                .lastModifiedTime(row.modified())
                                .lastAuthorizedTime(row.authorized()))
                        .toList())
                .nextToken(page.nextToken());
    }
}
