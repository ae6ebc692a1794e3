package dev.haneul.services.elbv2;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Attributes: which there are, what they are while nobody sets them, and what they may be.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html">LoadBalancerAttribute</a>
 * @see <a
 *     href="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html">TargetGroupAttribute</a>
 * @see <a href="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html">ListenerAttribute</a>
 */
final class Settings {
    private static final Predicate<String> BOOL = value -> value.equals("true") || value.equals("false");
    private static final Predicate<String> ANY = value -> value.length() <= 1024;

    static final String PRESERVE = "preserve_client_ip.enabled";

    private final Map<String, Rule> rules = new LinkedHashMap<>();

    private record Rule(String initial, Predicate<String> good) {}

    private Settings() {}

    private Settings is(String key, String initial, Predicate<String> good) {
        rules.put(key, new Rule(initial, good));
        return this;
    }

    private static Predicate<String> between(long from, long to) {
        return value -> {
            if (!value.matches("[0-9]{1,9}")) {
                return false;
            }
            long number = Long.parseLong(value);
            return number >= from && number <= to;
        };
    }

    private static Predicate<String> of(String... values) {
        return value -> java.util.Arrays.asList(values).contains(value);
    }

    /** All, with their values. */
    Map<String, String> all(Map<String, String> set) {
        Map<String, String> all = new LinkedHashMap<>();
        rules.forEach((key, rule) -> all.put(key, set.getOrDefault(key, rule.initial())));
        return all;
    }

    String get(Map<String, String> set, String key) {
        String value = set.get(key);
        if (value != null) {
            return value;
        }
        Rule rule = rules.get(key);
        return rule == null ? "" : rule.initial();
    }

    /** What was set before with the changes; each is looked at. */
    Map<String, String> changed(Map<String, String> before, Map<String, String> changes, String what) {
        Map<String, String> after = new LinkedHashMap<>(before);
        changes.forEach((key, value) -> {
            Rule rule = rules.get(key);
            if (rule == null) {
                throw ElbFaults.configuration(what + " attribute key '" + key + "' is not recognized");
            }
            if (!rule.good().test(value)) {
                throw ElbFaults.configuration(what + " attribute value '" + value + "' is not valid for '" + key + "'");
            }
            after.put(key, value);
        });
        return after;
    }

    private static Settings common() {
        return new Settings()
                .is("deletion_protection.enabled", "false", BOOL)
                .is("access_logs.s3.enabled", "false", BOOL)
                .is("access_logs.s3.bucket", "", ANY)
                .is("access_logs.s3.prefix", "", ANY)
                .is("zonal_shift.config.enabled", "false", BOOL);
    }

    static final Settings APPLICATION = common().is("idle_timeout.timeout_seconds", "60", between(1, 4000))
            .is("client_keep_alive.seconds", "3600", between(60, 604_800))
            .is("connection_logs.s3.enabled", "false", BOOL)
            .is("connection_logs.s3.bucket", "", ANY)
            .is("connection_logs.s3.prefix", "", ANY)
            .is("health_check_logs.s3.enabled", "false", BOOL)
            .is("health_check_logs.s3.bucket", "", ANY)
            .is("health_check_logs.s3.prefix", "", ANY)
            .is("ipv6.deny_all_igw_traffic", "false", BOOL)
            .is("load_balancing.cross_zone.enabled", "true", of("true"))
            .is("routing.http.desync_mitigation_mode", "defensive", of("monitor", "defensive", "strictest"))
            .is("routing.http.drop_invalid_header_fields.enabled", "false", BOOL)
            .is("routing.http.preserve_host_header.enabled", "false", BOOL)
            .is("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", BOOL)
            .is("routing.http.xff_client_port.enabled", "false", BOOL)
            .is("routing.http.xff_header_processing.mode", "append", of("append", "preserve", "remove"))
            .is("routing.http2.enabled", "true", BOOL)
            .is("waf.fail_open.enabled", "false", BOOL);

    static final Settings NETWORK = common().is("load_balancing.cross_zone.enabled", "false", BOOL)
            .is("ipv6.deny_all_igw_traffic", "false", BOOL)
            .is("secondary_ips.auto_assigned.per_subnet", "0", between(0, 7))
            .is(
                    "dns_record.client_routing_policy",
                    "any_availability_zone",
                    of("any_availability_zone", "availability_zone_affinity", "partial_availability_zone_affinity"));

    private static Settings group() {
        String least = "target_group_health.";
        Predicate<String> count =
                value -> value.equals("off") || between(1, 1000).test(value);
        Predicate<String> share =
                value -> value.equals("off") || between(1, 100).test(value);
        return new Settings()
                .is("deregistration_delay.timeout_seconds", "300", between(0, 3600))
                .is("stickiness.enabled", "false", BOOL)
                .is(
                        "load_balancing.cross_zone.enabled",
                        "use_load_balancer_configuration",
                        of("true", "false", "use_load_balancer_configuration"))
                .is(least + "dns_failover.minimum_healthy_targets.count", "1", count)
                .is(least + "dns_failover.minimum_healthy_targets.percentage", "off", share)
                .is(least + "unhealthy_state_routing.minimum_healthy_targets.count", "1", between(1, 1000))
                .is(least + "unhealthy_state_routing.minimum_healthy_targets.percentage", "off", share);
    }

    static final Settings HTTP_GROUP = group().is("stickiness.type", "lb_cookie", of("lb_cookie", "app_cookie"))
            .is("stickiness.lb_cookie.duration_seconds", "86400", between(1, 604_800))
            .is("stickiness.app_cookie.duration_seconds", "86400", between(1, 604_800))
            .is("stickiness.app_cookie.cookie_name", "", Settings::cookie)
            .is(
                    "slow_start.duration_seconds",
                    "0",
                    value -> value.equals("0") || between(30, 900).test(value))
            .is(
                    "load_balancing.algorithm.type",
                    "round_robin",
                    of("round_robin", "least_outstanding_requests", "weighted_random"))
            .is("load_balancing.algorithm.anomaly_mitigation", "off", of("on", "off"));

    static final Settings FLOW_GROUP = group().is(
                    "stickiness.type", "source_ip", of("source_ip", "source_ip_dest_ip", "source_ip_dest_ip_proto"))
            .is("deregistration_delay.connection_termination.enabled", "false", BOOL)
            .is(PRESERVE, "", BOOL)
            .is("proxy_protocol_v2.enabled", "false", BOOL)
            .is("target_health_state.unhealthy.connection_termination.enabled", "true", BOOL)
            .is("target_health_state.unhealthy.draining_interval_seconds", "0", between(0, 360_000));

    static final Settings LAMBDA_GROUP = new Settings()
            .is("lambda.multi_value_headers.enabled", "false", BOOL)
            .is(
                    "load_balancing.cross_zone.enabled",
                    "use_load_balancer_configuration",
                    of("true", "false", "use_load_balancer_configuration"))
            .is("stickiness.enabled", "false", BOOL)
            .is("stickiness.type", "lb_cookie", of("lb_cookie"))
            .is("stickiness.lb_cookie.duration_seconds", "86400", between(1, 604_800));

    private static boolean cookie(String name) {
        return !name.isEmpty()
                && name.length() <= 4096
                && !name.startsWith("AWSALB")
                && name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    }

    static final Settings TCP_LISTENER = new Settings().is("tcp.idle_timeout.seconds", "350", between(60, 6000));

    static final Settings UDP_LISTENER = new Settings();

    static final Settings HTTP_LISTENER = listener();

    private static Settings listener() {
        Settings made = new Settings().is("routing.http.response.server.enabled", "true", BOOL);
        for (String each : new String[] {
            "strict_transport_security",
            "access_control_allow_origin",
            "access_control_allow_methods",
            "access_control_allow_headers",
            "access_control_allow_credentials",
            "access_control_expose_headers",
            "access_control_max_age",
            "content_security_policy",
            "x_content_type_options",
            "x_frame_options"
        }) {
            made.is("routing.http.response." + each + ".header_value", "", Settings::line);
        }
        return made;
    }

    static final Settings HTTPS_LISTENER = https();

    private static Settings https() {
        Settings made = listener();
        for (String each : new String[] {
            "x_amzn_mtls_clientcert_serial_number",
            "x_amzn_mtls_clientcert_issuer",
            "x_amzn_mtls_clientcert_subject",
            "x_amzn_mtls_clientcert_validity",
            "x_amzn_mtls_clientcert_leaf",
            "x_amzn_mtls_clientcert",
            "x_amzn_tls_version",
            "x_amzn_tls_cipher_suite"
        }) {
            made.is(
                    "routing.http.request." + each + ".header_name",
                    "",
                    value -> value.matches("[A-Za-z0-9_-]{0,128}"));
        }
        return made;
    }

    private static boolean line(String value) {
        return value.length() <= 1024 && value.chars().noneMatch(c -> c < ' ' || c > '~');
    }

    static Settings of(ElbTables.BalancerRow balancer) {
        return balancer.application() ? APPLICATION : NETWORK;
    }

    static Settings of(ElbTables.GroupRow group) {
        return group.lambda()
                ? LAMBDA_GROUP
                : String.valueOf(group.protocol()).startsWith("HTTP") ? HTTP_GROUP : FLOW_GROUP;
    }

    /**
     * Whether a group's targets see their clients' addresses. AWS's default: all do, but for addresses where the protocol
     * is TCP or TLS.
     *
     * @param set the attribute's value; empty or null for the default
     */
    static @Nullable String preserving(ElbTables.GroupRow row, @Nullable String set) {
        if (set == null || !set.isEmpty()) {
            return set;
        }
        boolean flows = String.valueOf(row.protocol()).contains("UDP");
        return String.valueOf(flows || !row.type().equals("ip"));
    }

    static Settings of(ElbTables.ListenerRow listener) {
        return switch (listener.protocol()) {
            case "HTTP" -> HTTP_LISTENER;
            case "HTTPS" -> HTTPS_LISTENER;
            case "TCP", "TCP_UDP" -> TCP_LISTENER;
            default -> UDP_LISTENER;
        };
    }
}
