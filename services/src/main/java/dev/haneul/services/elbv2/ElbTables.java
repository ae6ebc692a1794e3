package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.Action;
import dev.haneul.api.elbv2.MutualAuthenticationAttributes;
import dev.haneul.api.elbv2.RuleCondition;
import dev.haneul.api.elbv2.RuleTransform;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Durable state. Ids are what stands in an ARN behind the kind: {@code app/NAME/ID} for a load balancer, that and an id
 * more for its listener, and one more for a rule; {@code NAME/ID} for target groups and trust stores.
 */
final class ElbTables {
    /** How ids of Classic Load Balancers begin; their ARNs have the name only. */
    static final String CLASSIC = "elb/";

    static final String PROVISIONING = "provisioning";
    static final String ACTIVE = "active";
    static final String FAILED = "failed";
    static final String DELETING = "deleting";

    static final Table<BalancerRow> BALANCERS = Table.of(
            "elbv2.balancer",
            RecordCodecs.of(BalancerRow.class),
            new Table.Index<>("name", row -> List.of(row.name())),
            new Table.Index<>("dns", row -> List.of(row.dnsLabel())));
    static final Table<ListenerRow> LISTENERS = Table.of(
            "elbv2.listener",
            RecordCodecs.of(ListenerRow.class),
            new Table.Index<>("balancer", row -> List.of(row.balancer())));
    static final Table<RuleRow> RULES = Table.of(
            "elbv2.rule",
            RecordCodecs.of(RuleRow.class),
            new Table.Index<>("listener", row -> List.of(row.listener())));
    static final Table<GroupRow> GROUPS = Table.of(
            "elbv2.group", RecordCodecs.of(GroupRow.class), new Table.Index<>("name", row -> List.of(row.name())));
    static final Table<TargetRow> TARGETS = Table.of(
            "elbv2.target", RecordCodecs.of(TargetRow.class), new Table.Index<>("group", row -> List.of(row.group())));
    /** Beside the targets, by their ids: it changes often and nobody needs to hear of it. */
    static final Table<HealthRow> HEALTH = Table.of("elbv2.health", RecordCodecs.of(HealthRow.class));

    static final Table<StoreRow> STORES = Table.of(
            "elbv2.store", RecordCodecs.of(StoreRow.class), new Table.Index<>("name", row -> List.of(row.name())));

    static final Table<SignerRow> SIGNERS = Table.of("elbv2.signer", RecordCodecs.of(SignerRow.class));

    static final List<Table<?>> ALL =
            List.of(BALANCERS, LISTENERS, RULES, GROUPS, TARGETS, HEALTH, STORES, SIGNERS, ClassicTables.CLASSICS);
    /** What balancers are made of. */
    static final Set<String> SOURCES = Set.of(
            "elbv2.balancer",
            "elbv2.listener",
            "elbv2.rule",
            "elbv2.group",
            "elbv2.target",
            "elbv2.store",
            "elbv2.classic");

    private ElbTables() {}

    /**
     * A load balancer.
     *
     * @param id {@code app/NAME/ID} or {@code net/NAME/ID}
     * @param dnsLabel the first label of its DNS name
     * @param attributes those that were set
     */
    record BalancerRow(
            String id,
            String name,
            String scheme,
            String vpc,
            String addressType,
            List<Place> places,
            List<String> securityGroups,
            String dnsLabel,
            Instant created,
            String state,
            @Nullable String reason,
            Map<String, String> attributes,
            Map<String, String> tags,
            @Nullable String enforcePrivateLink) {
        boolean application() {
            return id.startsWith("app/");
        }

        boolean network() {
            return id.startsWith("net/");
        }

        boolean classic() {
            return id.startsWith(CLASSIC);
        }

        boolean internal() {
            return scheme.equals("internal");
        }

        /** Whether anybody may see it still. */
        boolean alive() {
            return !state.equals(DELETING);
        }

        BalancerRow in(String now, @Nullable String why) {
            return with(places, securityGroups, addressType, now, why, attributes, tags);
        }

        BalancerRow at(List<Place> now) {
            return with(now, securityGroups, addressType, state, reason, attributes, tags);
        }

        BalancerRow attributes(Map<String, String> now) {
            return with(places, securityGroups, addressType, state, reason, now, tags);
        }

        BalancerRow tagged(Map<String, String> now) {
            return with(places, securityGroups, addressType, state, reason, attributes, now);
        }

        BalancerRow grouped(List<String> now, @Nullable String enforce) {
            return new BalancerRow(
                    id,
                    name,
                    scheme,
                    vpc,
                    addressType,
                    places,
                    now,
                    dnsLabel,
                    created,
                    state,
                    reason,
                    attributes,
                    tags,
                    enforce);
        }

        BalancerRow addressed(String type) {
            return with(places, securityGroups, type, state, reason, attributes, tags);
        }

        private BalancerRow with(
                List<Place> at,
                List<String> groups,
                String type,
                String now,
                @Nullable String why,
                Map<String, String> settings,
                Map<String, String> labels) {
            return new BalancerRow(
                    id,
                    name,
                    scheme,
                    vpc,
                    type,
                    at,
                    groups,
                    dnsLabel,
                    created,
                    now,
                    why,
                    settings,
                    labels,
                    enforcePrivateLink);
        }
    }

    /**
     * A zone that a load balancer is in.
     *
     * @param wanted the private address it was given by the account, null for any
     * @param eni its network interface, null while it is not made
     */
    record Place(
            String subnet,
            String zone,
            @Nullable String allocation,
            @Nullable String wanted,
            @Nullable String eni,
            @Nullable String address,
            @Nullable String publicAddress,
            boolean leaving) {
        static Place of(String subnet, String zone, @Nullable String allocation, @Nullable String wanted) {
            return new Place(subnet, zone, allocation, wanted, null, null, null, false);
        }

        Place made(String interfaceId, String privateAddress, @Nullable String outside) {
            return new Place(subnet, zone, allocation, wanted, interfaceId, privateAddress, outside, leaving);
        }

        Place left() {
            return new Place(subnet, zone, allocation, wanted, eni, address, publicAddress, true);
        }
    }

    /**
     * A listener.
     *
     * @param certificates ARNs; the default one first
     */
    record ListenerRow(
            String id,
            String balancer,
            int port,
            String protocol,
            @Nullable String sslPolicy,
            List<String> certificates,
            @Nullable String alpn,
            @Nullable MutualAuthenticationAttributes mutual,
            Map<String, String> attributes,
            Map<String, String> tags) {
        ListenerRow certified(List<String> now) {
            return new ListenerRow(id, balancer, port, protocol, sslPolicy, now, alpn, mutual, attributes, tags);
        }

        ListenerRow attributes(Map<String, String> now) {
            return new ListenerRow(id, balancer, port, protocol, sslPolicy, certificates, alpn, mutual, now, tags);
        }

        ListenerRow tagged(Map<String, String> now) {
            return new ListenerRow(
                    id, balancer, port, protocol, sslPolicy, certificates, alpn, mutual, attributes, now);
        }
    }

    /**
     * A rule.
     *
     * @param priority 0 for a listener's default one
     */
    record RuleRow(
            String id,
            String listener,
            int priority,
            List<RuleCondition> conditions,
            List<Action> actions,
            List<RuleTransform> transforms,
            Map<String, String> tags) {
        boolean isDefault() {
            return priority == 0;
        }

        RuleRow at(int other) {
            return new RuleRow(id, listener, other, conditions, actions, transforms, tags);
        }

        RuleRow doing(List<Action> now) {
            return new RuleRow(id, listener, priority, conditions, now, transforms, tags);
        }

        RuleRow tagged(Map<String, String> now) {
            return new RuleRow(id, listener, priority, conditions, actions, transforms, now);
        }
    }

    /**
     * How targets are checked.
     *
     * @param port a number or {@code traffic-port}
     * @param path null for TCP
     * @param matcher HTTP or gRPC codes; null for TCP
     */
    record CheckRow(
            boolean enabled,
            String protocol,
            String port,
            @Nullable String path,
            int interval,
            int timeout,
            int healthy,
            int unhealthy,
            @Nullable String matcher) {}

    /** A target group. */
    record GroupRow(
            String id,
            String name,
            String type,
            @Nullable String protocol,
            @Nullable String version,
            int port,
            @Nullable String vpc,
            String addressType,
            CheckRow check,
            Map<String, String> attributes,
            Map<String, String> tags,
            Instant created) {
        boolean lambda() {
            return type.equals("lambda");
        }

        GroupRow checked(CheckRow now) {
            return new GroupRow(
                    id, name, type, protocol, version, port, vpc, addressType, now, attributes, tags, created);
        }

        GroupRow attributes(Map<String, String> now) {
            return new GroupRow(id, name, type, protocol, version, port, vpc, addressType, check, now, tags, created);
        }

        GroupRow tagged(Map<String, String> now) {
            return new GroupRow(
                    id, name, type, protocol, version, port, vpc, addressType, check, attributes, now, created);
        }
    }

    /**
     * A target that is registered, or was and is draining.
     *
     * @param port 0 for functions
     * @param zone as it was registered; empty for none
     * @param drainedAt when it is forgotten; null while it is registered
     */
    record TargetRow(
            String group,
            String target,
            int port,
            String zone,
            Instant registered,
            @Nullable Instant drainedAt) {
        /** Its id within its group. */
        String key() {
            return target + ":" + port;
        }

        /** Its id in the table. */
        String id() {
            return group + "|" + key();
        }
    }

    /** What checks found out. */
    record HealthRow(
            String state,
            @Nullable String reason,
            @Nullable String description,
            @Nullable Instant since) {}

    /**
     * A trust store.
     *
     * @param bundle certificates in PEM
     */
    record StoreRow(
            String id,
            String name,
            String bucket,
            String key,
            String bundle,
            int count,
            List<Revocation> revocations,
            long nextRevocation,
            Map<String, String> tags) {
        StoreRow revoking(List<Revocation> now, long next) {
            return new StoreRow(id, name, bucket, key, bundle, count, now, next, tags);
        }

        StoreRow tagged(Map<String, String> now) {
            return new StoreRow(id, name, bucket, key, bundle, count, revocations, nextRevocation, now);
        }
    }

    /** A list of certificates that are good no more, in PEM or DER as base64. */
    record Revocation(long id, String type, long entries, String bucket, String key, String content) {}

    /**
     * The key that signs what targets are told of users.
     *
     * @param sealed the private half
     * @param published the public half, in PEM
     */
    record SignerRow(String id, String sealed, String published) {}

    private static String arn(Scope scope, String resource) {
        return Arn.of("elasticloadbalancing", scope.region(), scope.account(), resource)
                .toString();
    }

    static String balancerArn(Scope scope, String id) {
        return arn(scope, "loadbalancer/" + (id.startsWith(CLASSIC) ? id.substring(CLASSIC.length()) : id));
    }

    static String listenerArn(Scope scope, String id) {
        return arn(scope, "listener/" + id);
    }

    static String ruleArn(Scope scope, String id) {
        return arn(scope, "listener-rule/" + id);
    }

    static String groupArn(Scope scope, String id) {
        return arn(scope, "targetgroup/" + id);
    }

    static String storeArn(Scope scope, String id) {
        return arn(scope, "truststore/" + id);
    }
}
