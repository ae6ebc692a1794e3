package dev.haneul.services.sns;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sns.*;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.sns.SnsTables.EndpointRow;
import dev.haneul.services.sns.SnsTables.PlatformRow;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Platform applications and their endpoints, the apps on devices. What they are sent leaves AWS, so here it is a file.
 *
 * @see <a href="https://docs.aws.amazon.com/sns/latest/dg/sns-mobile-application-as-subscriber.html">Mobile push
 *     notifications</a>
 */
final class Platforms {
    private static final int PAGE = 100;
    private static final int LONGEST_USER_DATA = 2048;
    private static final Set<String> KINDS = Set.of(
            "ADM",
            "APNS",
            "APNS_SANDBOX",
            "APNS_VOIP",
            "APNS_VOIP_SANDBOX",
            "BAIDU",
            "GCM",
            "MACOS",
            "MACOS_SANDBOX",
            "MPNS",
            "WNS");
    private static final Set<String> SECRETS = Set.of("PlatformCredential", "PlatformPrincipal");
    private static final Set<String> SETTABLE = Set.of(
            "ApplePlatformBundleID",
            "ApplePlatformTeamID",
            "Enabled",
            "EventDeliveryFailure",
            "EventEndpointCreated",
            "EventEndpointDeleted",
            "EventEndpointUpdated",
            "FailureFeedbackRoleArn",
            "PlatformCredential",
            "PlatformPrincipal",
            "SuccessFeedbackRoleArn",
            "SuccessFeedbackSampleRate");
    private static final Set<String> OF_ENDPOINTS = Set.of("CustomUserData", "Enabled", "Token");

    private final Store store;
    private final Tokens tokens;

    Platforms(Store store, Tokens tokens) {
        this.store = store;
        this.tokens = tokens;
    }

    CreatePlatformApplicationResponse create(CreatePlatformApplicationInput in, Call call) {
        if (!in.name().matches("[A-Za-z0-9_.-]{1,256}")) {
            throw SnsFaults.invalid("Name");
        }
        if (!KINDS.contains(in.platform())) {
            throw SnsFaults.invalid("Platform Reason: " + in.platform() + " is not supported");
        }
        check(in.attributes(), SETTABLE);
        if (in.attributes().getOrDefault("PlatformCredential", "").isEmpty()) {
            throw SnsFaults.invalid("Attributes Reason: PlatformCredential is required");
        }
        Key key = new Key(call.account(), call.region(), in.platform() + "/" + in.name());
        PlatformRow fresh = new PlatformRow(new LinkedHashMap<>(in.attributes()));
        store.write(tx -> {
            PlatformRow there = tx.get(SnsTables.PLATFORMS, key).map(Row::value).orElse(fresh);
            if (!there.attributes().entrySet().containsAll(in.attributes().entrySet())) {
                throw SnsFaults.invalid(
                        "Attributes Reason: An application with the same name and different attributes exists");
            }
            tx.put(SnsTables.PLATFORMS, key, there);
        });
        return new CreatePlatformApplicationResponse().platformApplicationArn(arn("app", key));
    }

    private static void check(Map<String, String> attributes, Set<String> known) {
        attributes.forEach((name, value) -> {
            if (!known.contains(name)) {
                throw SnsFaults.invalid("Attributes Reason: Invalid attribute name: " + name);
            }
            boolean sound = switch (name) {
                case "Enabled" -> value.equals("true") || value.equals("false");
                case "Token" -> !value.isEmpty();
                case "CustomUserData" -> value.getBytes(StandardCharsets.UTF_8).length <= LONGEST_USER_DATA;
                case "SuccessFeedbackSampleRate" -> value.matches("[0-9]|[1-9][0-9]|100");
                default -> true;
            };
            if (!sound) {
                throw SnsFaults.invalid("Attributes Reason: Invalid value for attribute: " + name);
            }
        });
    }

    /** Deleting one that is not there succeeds; its endpoints go with it. */
    void delete(String arn) {
        Key key = key("app", arn, "PlatformApplicationArn");
        store.write(tx -> {
            tx.delete(SnsTables.PLATFORMS, key);
            List<Row<EndpointRow>> page;
            do {
                page = tx.find(SnsTables.ENDPOINTS, key.scope(), "application", key.id(), "", PAGE);
                page.forEach(each -> tx.delete(SnsTables.ENDPOINTS, each.key()));
            } while (page.size() == PAGE);
        });
    }

    Map<String, String> attributes(String arn) {
        Key key = key("app", arn, "PlatformApplicationArn");
        return told(store.read(tx -> application(tx, key)));
    }

    /** Credentials are never told again. */
    private static Map<String, String> told(PlatformRow row) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("Enabled", "true");
        all.putAll(row.attributes());
        all.keySet().removeAll(SECRETS);
        return all;
    }

    private static PlatformRow application(ReadTx tx, Key key) {
        return tx.get(SnsTables.PLATFORMS, key)
                .map(Row::value)
                .orElseThrow(() -> Fault.of(new NotFoundException(), "PlatformApplication does not exist"));
    }

    void set(SetPlatformApplicationAttributesInput in) {
        Key key = key("app", in.platformApplicationArn(), "PlatformApplicationArn");
        check(in.attributes(), SETTABLE);
        store.write(tx -> {
            Map<String, String> all = new LinkedHashMap<>(application(tx, key).attributes());
            all.putAll(in.attributes());
            tx.put(SnsTables.PLATFORMS, key, new PlatformRow(all));
        });
    }

    ListPlatformApplicationsResponse list(@Nullable String token, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String context = "ListPlatformApplications/" + scope;
        String from = token == null ? "" : opened(context, token);
        List<Row<PlatformRow>> rows = store.read(tx -> tx.range(SnsTables.PLATFORMS, scope, from, null, PAGE + 1));
        List<PlatformApplication> page = new ArrayList<>();
        rows.stream()
                .limit(PAGE)
                .forEach(row -> page.add(new PlatformApplication()
                        .platformApplicationArn(arn("app", row.key()))
                        .attributes(told(row.value()))));
        String next = rows.size() <= PAGE
                ? null
                : tokens.seal(context, rows.getLast().key().id());
        return new ListPlatformApplicationsResponse().platformApplications(page).nextToken(next);
    }

    private String opened(String context, String token) {
        return tokens.open(context, token).orElseThrow(() -> SnsFaults.invalid("NextToken"));
    }

    /** A device's app again: the same token gives the same endpoint, if nothing else about it differs. */
    CreateEndpointResponse register(CreatePlatformEndpointInput in) {
        Key application = key("app", in.platformApplicationArn(), "PlatformApplicationArn");
        Map<String, String> asked = new LinkedHashMap<>(in.attributes());
        asked.put("Token", in.token());
        if (in.customUserData() != null) {
            asked.put("CustomUserData", in.customUserData());
        }
        check(asked, OF_ENDPOINTS);
        Key fresh = application.scope().key(application.id() + "/" + UUID.randomUUID());
        return new CreateEndpointResponse().endpointArn(store.<String>transact(tx -> {
            PlatformRow unused = application(tx, application);
            String place = application.id() + "\n" + in.token();
            for (Row<EndpointRow> each : tx.find(SnsTables.ENDPOINTS, application.scope(), "token", place, "", 1)) {
                if (!each.value().attributes().entrySet().containsAll(asked.entrySet())) {
                    throw SnsFaults.invalid("Token Reason: Endpoint " + arn("endpoint", each.key())
                            + " already exists with the same Token, but different attributes.");
                }
                return arn("endpoint", each.key());
            }
            asked.putIfAbsent("Enabled", "true");
            tx.put(SnsTables.ENDPOINTS, fresh, new EndpointRow(application.id(), asked));
            return arn("endpoint", fresh);
        }));
    }

    /** Deleting one that is not there succeeds. */
    void unregister(String arn) {
        Key key = key("endpoint", arn, "EndpointArn");
        store.write(tx -> tx.delete(SnsTables.ENDPOINTS, key));
    }

    Map<String, String> endpoint(String arn) {
        Key key = key("endpoint", arn, "EndpointArn");
        return store.read(tx -> endpoint(tx, key)).attributes();
    }

    private static EndpointRow endpoint(ReadTx tx, Key key) {
        return tx.get(SnsTables.ENDPOINTS, key)
                .map(Row::value)
                .orElseThrow(() -> Fault.of(new NotFoundException(), "Endpoint does not exist"));
    }

    void set(SetEndpointAttributesInput in) {
        Key key = key("endpoint", in.endpointArn(), "EndpointArn");
        check(in.attributes(), OF_ENDPOINTS);
        store.write(tx -> {
            EndpointRow row = endpoint(tx, key);
            Map<String, String> all = new LinkedHashMap<>(row.attributes());
            all.putAll(in.attributes());
            tx.put(SnsTables.ENDPOINTS, key, new EndpointRow(row.application(), all));
        });
    }

    ListEndpointsByPlatformApplicationResponse endpoints(ListEndpointsByPlatformApplicationInput in) {
        Key application = key("app", in.platformApplicationArn(), "PlatformApplicationArn");
        String context = "endpoints/" + application;
        String after = in.nextToken() == null ? "" : opened(context, in.nextToken());
        List<Row<EndpointRow>> rows = store.read(tx -> {
            PlatformRow unused = application(tx, application);
            return tx.find(SnsTables.ENDPOINTS, application.scope(), "application", application.id(), after, PAGE + 1);
        });
        List<Row<EndpointRow>> page = rows.subList(0, Math.min(PAGE, rows.size()));
        String next = rows.size() <= PAGE
                ? null
                : tokens.seal(context, page.getLast().key().id());
        return new ListEndpointsByPlatformApplicationResponse()
                .endpoints(page.stream()
                        .map(row -> new Endpoint()
                                .endpointArn(arn("endpoint", row.key()))
                                .attributes(row.value().attributes()))
                        .toList())
                .nextToken(next);
    }

    static boolean names(String arn) {
        return Arn.parse(arn)
                .filter(found -> found.service().equals("sns")
                        && found.resource().matches("endpoint/[^/]+/[^/]+/[^/]+")
                        && found.account().length() == 12)
                .isPresent();
    }

    /** The platform of an endpoint, by which a message of several texts says what it gets. */
    static String kind(String arn) {
        return arn.split("/", -1)[1];
    }

    /**
     * Asks whether an endpoint takes messages now.
     *
     * @throws Fault InvalidParameter where it is gone, EndpointDisabled or PlatformApplicationDisabled
     */
    static EndpointRow open(ReadTx tx, String arn) {
        Key key = key("endpoint", arn, "TargetArn");
        EndpointRow row = tx.get(SnsTables.ENDPOINTS, key)
                .map(Row::value)
                .orElseThrow(
                        () -> SnsFaults.invalid("TargetArn Reason: No endpoint found for the target arn specified"));
        if ("false".equals(row.attributes().get("Enabled"))) {
            throw Fault.of(new EndpointDisabledException(), "Endpoint is disabled");
        }
        PlatformRow application = tx.get(SnsTables.PLATFORMS, key.scope().key(row.application()))
                .map(Row::value)
                .orElse(new PlatformRow(Map.of()));
        if ("false".equals(application.attributes().get("Enabled"))) {
            throw Fault.of(new PlatformApplicationDisabledException(), "Platform application is disabled");
        }
        return row;
    }

    /** What is kept of a message to an endpoint. */
    static String pushed(String arn, EndpointRow endpoint, @Nullable String subject, String body) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        tree.put("EndpointArn", arn);
        tree.put("Platform", kind(arn));
        tree.put("Token", endpoint.attributes().get("Token"));
        if (subject != null) {
            tree.put("Subject", subject);
        }
        tree.put("Message", body);
        return Json.write(tree);
    }

    private static String arn(String type, Key key) {
        return Arn.of("sns", key.region(), key.account(), type + "/" + key.id()).toString();
    }

    private static Key key(String type, String arn, String parameter) {
        int steps = type.equals("app") ? 3 : 4;
        return Arn.parse(arn)
                .filter(found -> found.service().equals("sns")
                        && found.resource().startsWith(type + "/")
                        && found.resource().split("/", -1).length == steps)
                .map(found -> new Key(
                        found.account(), found.region(), found.resource().substring(type.length() + 1)))
                .orElseThrow(() -> SnsFaults.invalid(parameter + " Reason: Wrong ARN: " + arn));
    }
}
