package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.AuthenticateCognitoActionConfig;
import dev.haneul.api.elbv2.AuthenticateOidcActionConfig;
import dev.haneul.api.elbv2.FixedResponseActionConfig;
import dev.haneul.api.elbv2.ForwardActionConfig;
import dev.haneul.api.elbv2.JwtValidationActionConfig;
import dev.haneul.api.elbv2.MutualAuthenticationAttributes;
import dev.haneul.api.elbv2.RedirectActionConfig;
import dev.haneul.api.elbv2.TargetGroupStickinessConfig;
import dev.haneul.edge.table.Action;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.edge.table.Rule;
import dev.haneul.edge.table.TargetGroup;
import dev.haneul.edge.table.TargetGroup.Health;
import dev.haneul.edge.table.TargetGroup.How;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import dev.haneul.services.elbv2.ElbTables.GroupRow;
import dev.haneul.services.elbv2.ElbTables.HealthRow;
import dev.haneul.services.elbv2.ElbTables.ListenerRow;
import dev.haneul.services.elbv2.ElbTables.RuleRow;
import dev.haneul.services.elbv2.ElbTables.StoreRow;
import dev.haneul.services.elbv2.ElbTables.TargetRow;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** From rows to what the data plane does. Pure. */
final class Tables {
    private final Scope scope;
    private final View view;

    private Tables(Scope scope, View view) {
        this.scope = scope;
        this.view = view;
    }

    /**
     * All that one load balancer is made of.
     *
     * @param rules by listener, in order
     * @param groups by id
     * @param targets by group
     * @param health by target
     * @param stores by ARN
     * @param identities certificates by ARN
     * @param instances by id
     * @param balancers addresses of load balancers that are targets, by ARN
     */
    record View(
            BalancerRow balancer,
            List<ListenerRow> listeners,
            Map<String, List<RuleRow>> rules,
            Map<String, GroupRow> groups,
            Map<String, List<TargetRow>> targets,
            Map<String, HealthRow> health,
            Map<String, StoreRow> stores,
            Map<String, Listener.Identity> identities,
            Map<String, Neighbours.Found> instances,
            Map<String, String> balancers) {}

    /** The table of a load balancer. Listeners without a usable certificate are left out. */
    static RoutingTable of(Scope scope, View view) {
        return new Tables(scope, view).table();
    }

    private RoutingTable table() {
        BalancerRow balancer = view.balancer();
        List<RoutingTable.Node> nodes = balancer.places().stream()
                .filter(each -> each.eni() != null && !each.leaving())
                .map(each -> new RoutingTable.Node(String.valueOf(each.eni()), each.zone()))
                .toList();
        List<Listener> listeners = new ArrayList<>();
        Set<String> wanted = new LinkedHashSet<>();
        for (ListenerRow row : view.listeners()) {
            Listener made = listener(row);
            if (made != null) {
                listeners.add(made);
                made.rules().forEach(rule -> wanted.addAll(rule.groups()));
            }
        }
        Map<String, TargetGroup> groups = new LinkedHashMap<>();
        wanted.forEach(arn -> groups.put(arn, group(arn)));
        return new RoutingTable(
                ElbTables.balancerArn(scope, balancer.id()),
                balancer.application(),
                nodes,
                settings(balancer),
                listeners,
                groups);
    }

    private static RoutingTable.Settings settings(BalancerRow row) {
        Map<String, String> all = Settings.of(row).all(row.attributes());
        if (!row.application()) {
            RoutingTable.Settings base = RoutingTable.Settings.NETWORK;
            boolean cross = "true".equals(all.get("load_balancing.cross_zone.enabled"));
            return new RoutingTable.Settings(
                    base.idle(),
                    base.clientKeepAlive(),
                    base.forwardedFor(),
                    base.clientPort(),
                    base.dropInvalidHeaders(),
                    base.preserveHost(),
                    base.http2(),
                    base.desync(),
                    base.tlsHeaders(),
                    cross);
        }
        return new RoutingTable.Settings(
                Duration.ofSeconds(Long.parseLong(all.get("idle_timeout.timeout_seconds"))),
                Duration.ofSeconds(Long.parseLong(all.get("client_keep_alive.seconds"))),
                RoutingTable.ForwardedFor.valueOf(upper(all.get("routing.http.xff_header_processing.mode"))),
                "true".equals(all.get("routing.http.xff_client_port.enabled")),
                "true".equals(all.get("routing.http.drop_invalid_header_fields.enabled")),
                "true".equals(all.get("routing.http.preserve_host_header.enabled")),
                "true".equals(all.get("routing.http2.enabled")),
                RoutingTable.Desync.valueOf(upper(all.get("routing.http.desync_mitigation_mode"))),
                "true".equals(all.get("routing.http.x_amzn_tls_version_and_cipher_suite.enabled")),
                true);
    }

    private static String upper(@Nullable String text) {
        return String.valueOf(text).toUpperCase(Locale.ROOT);
    }

    private @Nullable Listener listener(ListenerRow row) {
        Listener.Protocol protocol = Listener.Protocol.valueOf(row.protocol());
        Listener.Tls tls = null;
        if (protocol.encrypted()) {
            tls = tls(row);
            if (tls == null) {
                return null;
            }
        }
        List<Rule> rules = new ArrayList<>();
        for (RuleRow rule : view.rules().getOrDefault(row.id(), List.of())) {
            rules.add(new Rule(
                    ElbTables.ruleArn(scope, rule.id()),
                    rule.priority(),
                    rule.conditions().stream().map(Conditions::toTable).toList(),
                    rule.actions().stream().map(Tables::action).toList(),
                    rule.transforms().stream().map(Conditions::toTable).toList()));
        }
        if (rules.isEmpty() || !rules.getLast().isDefault()) {
            return null;
        }
        String idle = Settings.of(row).get(row.attributes(), "tcp.idle_timeout.seconds");
        return new Listener(
                ElbTables.listenerArn(scope, row.id()),
                row.port(),
                protocol,
                tls,
                rules,
                Duration.ofSeconds(idle.isEmpty() ? 350 : Long.parseLong(idle)),
                row.attributes());
    }

    private Listener.@Nullable Tls tls(ListenerRow row) {
        List<Listener.Identity> identities = new ArrayList<>();
        for (String arn : row.certificates()) {
            Listener.Identity found = view.identities().get(arn);
            if (found != null) {
                identities.add(found);
            }
        }
        SslPolicies.Policy policy = SslPolicies.find(row.sslPolicy() == null ? SslPolicies.DEFAULT : row.sslPolicy())
                .orElse(null);
        if (identities.isEmpty() || policy == null) {
            return null;
        }
        Listener.ClientCertificates clients;
        try {
            clients = clients(row);
        } catch (CertificateException | CRLException e) {
            return null;
        }
        return new Listener.Tls(identities, policy.versions(), policy.javaCiphers(), alpn(row), clients);
    }

    private List<String> alpn(ListenerRow row) {
        if (row.protocol().equals("HTTPS")) {
            boolean two = Settings.APPLICATION
                    .get(view.balancer().attributes(), "routing.http2.enabled")
                    .equals("true");
            return two ? List.of("h2", "http/1.1") : List.of("http/1.1");
        }
        return switch (String.valueOf(row.alpn())) {
            case "HTTP1Only" -> List.of("http/1.1", "http/1.0");
            case "HTTP2Only" -> List.of("h2");
            case "HTTP2Optional" -> List.of("http/1.1", "http/1.0", "h2");
            case "HTTP2Preferred" -> List.of("h2", "http/1.1", "http/1.0");
            default -> List.of();
        };
    }

    private Listener.@Nullable ClientCertificates clients(ListenerRow row) throws CertificateException, CRLException {
        MutualAuthenticationAttributes mutual = row.mutual();
        String mode = mutual == null ? "off" : String.valueOf(mutual.mode());
        if (mutual == null || mode.equals("off")) {
            return null;
        }
        StoreRow store = mutual.trustStoreArn() == null ? null : view.stores().get(mutual.trustStoreArn());
        List<X509Certificate> trusted = store == null ? List.of() : TrustStores.certificates(store.bundle());
        List<X509CRL> revoked = store == null ? List.of() : TrustStores.revoked(store);
        return new Listener.ClientCertificates(
                mode.equals("verify"),
                trusted,
                revoked,
                Boolean.TRUE.equals(mutual.ignoreClientCertificateExpiry()),
                "on".equals(mutual.advertiseTrustStoreCaNames()));
    }

    private static Action action(dev.haneul.api.elbv2.Action row) {
        ForwardActionConfig forward = row.forwardConfig();
        RedirectActionConfig redirect = row.redirectConfig();
        FixedResponseActionConfig fixed = row.fixedResponseConfig();
        AuthenticateOidcActionConfig oidc = row.authenticateOidcConfig();
        AuthenticateCognitoActionConfig cognito = row.authenticateCognitoConfig();
        if (forward != null) {
            TargetGroupStickinessConfig sticky = forward.targetGroupStickinessConfig();
            Integer keeps = sticky != null && Boolean.TRUE.equals(sticky.enabled()) ? sticky.durationSeconds() : null;
            return new Action.Forward(
                    forward.targetGroups().stream()
                            .map(each -> new Action.Weighted(
                                    String.valueOf(each.targetGroupArn()), each.weight() == null ? 1 : each.weight()))
                            .toList(),
                    keeps == null ? null : Duration.ofSeconds(keeps));
        }
        if (redirect != null) {
            return new Action.Redirect(
                    String.valueOf(redirect.protocol()),
                    String.valueOf(redirect.host()),
                    String.valueOf(redirect.port()),
                    String.valueOf(redirect.path()),
                    String.valueOf(redirect.query()),
                    "HTTP_301".equals(redirect.statusCode()) ? 301 : 302);
        }
        if (fixed != null) {
            return new Action.Fixed(
                    Integer.parseInt(fixed.statusCode()),
                    fixed.contentType() == null ? "" : fixed.contentType(),
                    fixed.messageBody() == null ? "" : fixed.messageBody());
        }
        JwtValidationActionConfig jwt = row.jwtValidationConfig();
        if (jwt != null) {
            return JwtActions.bearer(jwt);
        }
        Map<String, String> settings = new HashMap<>();
        if (oidc != null) {
            settings.put("Issuer", oidc.issuer());
            settings.put("AuthorizationEndpoint", oidc.authorizationEndpoint());
            settings.put("TokenEndpoint", oidc.tokenEndpoint());
            settings.put("UserInfoEndpoint", oidc.userInfoEndpoint());
            settings.put("ClientId", oidc.clientId());
            settings.put("ClientSecret", String.valueOf(oidc.clientSecret()));
            settings.put("SessionCookieName", String.valueOf(oidc.sessionCookieName()));
            settings.put("Scope", String.valueOf(oidc.scope()));
            settings.put("SessionTimeout", String.valueOf(oidc.sessionTimeout()));
            oidc.authenticationRequestExtraParams().forEach((name, value) -> settings.put("Extra." + name, value));
            return new Action.Login(false, String.valueOf(oidc.onUnauthenticatedRequest()), settings);
        }
        if (cognito != null) {
            settings.put("UserPoolArn", cognito.userPoolArn());
            settings.put("UserPoolClientId", cognito.userPoolClientId());
            settings.put("UserPoolDomain", cognito.userPoolDomain());
            settings.put("SessionCookieName", String.valueOf(cognito.sessionCookieName()));
            settings.put("Scope", String.valueOf(cognito.scope()));
            settings.put("SessionTimeout", String.valueOf(cognito.sessionTimeout()));
            return new Action.Login(true, String.valueOf(cognito.onUnauthenticatedRequest()), settings);
        }
        throw new IllegalArgumentException("an action of the kind " + row.type());
    }

    private TargetGroup group(String arn) {
        GroupRow row = view.groups().get(Rows.idOf(arn));
        if (row == null) {
            throw new IllegalStateException(arn + " is named and not there");
        }
        Map<String, String> all = Settings.of(row).all(row.attributes());
        String cross = all.get("load_balancing.cross_zone.enabled");
        return new TargetGroup(
                arn,
                row.lambda() ? TargetGroup.Kind.FUNCTION : TargetGroup.Kind.ADDRESS,
                row.protocol() == null ? Listener.Protocol.HTTP : Listener.Protocol.valueOf(row.protocol()),
                row.version() == null ? TargetGroup.Version.HTTP1 : TargetGroup.Version.valueOf(row.version()),
                TargetGroup.Algorithm.valueOf(upper(all.getOrDefault("load_balancing.algorithm.type", "round_robin"))),
                Duration.ofSeconds(Long.parseLong(all.getOrDefault("slow_start.duration_seconds", "0"))),
                stickiness(row, all),
                check(row),
                "true".equals(cross) ? Boolean.TRUE : "false".equals(cross) ? Boolean.FALSE : null,
                "true".equals(all.get("proxy_protocol_v2.enabled")),
                "true".equals(Settings.preserving(row, all.get(Settings.PRESERVE))),
                "true".equals(all.get("deregistration_delay.connection_termination.enabled")),
                "true".equals(all.get("lambda.multi_value_headers.enabled")),
                view.targets().getOrDefault(row.id(), List.of()).stream()
                        .map(each -> target(row, each))
                        .toList());
    }

    private static TargetGroup.Stickiness stickiness(GroupRow row, Map<String, String> all) {
        if (!"true".equals(all.get("stickiness.enabled"))) {
            return TargetGroup.Stickiness.NONE;
        }
        String type = String.valueOf(all.get("stickiness.type"));
        if (type.startsWith("source_ip")) {
            return new TargetGroup.Stickiness(How.SOURCE_ADDRESS, Duration.ofDays(1), null);
        }
        boolean app = type.equals("app_cookie");
        String life = all.get("stickiness." + type + ".duration_seconds");
        return new TargetGroup.Stickiness(
                app ? How.APPLICATION_COOKIE : How.BALANCER_COOKIE,
                Duration.ofSeconds(Long.parseLong(life)),
                app ? all.get("stickiness.app_cookie.cookie_name") : null);
    }

    private static TargetGroup.HealthCheck check(GroupRow row) {
        ElbTables.CheckRow check = row.check();
        return new TargetGroup.HealthCheck(
                check.enabled(),
                Listener.Protocol.valueOf(check.protocol()),
                check.port().equals("traffic-port") ? 0 : Integer.parseInt(check.port()),
                check.path() == null ? "/" : check.path(),
                Duration.ofSeconds(check.interval()),
                Duration.ofSeconds(check.timeout()),
                check.healthy(),
                check.unhealthy(),
                check.matcher() == null ? "200" : check.matcher());
    }

    private static final Pattern FOUR = Pattern.compile("[0-9.]+");

    private TargetGroup.Target target(GroupRow group, TargetRow row) {
        Neighbours.Found instance = view.instances().get(row.target());
        HealthRow found = view.health().get(row.id());
        HealthRow state = Targets.state(group, List.of(view.balancer()), row, found, instance);
        boolean usable = !state.state().equals("unused");
        String address = switch (group.type()) {
            case "instance" -> instance == null ? "" : instance.address();
            case "ip" -> FOUR.matcher(row.target()).matches() ? row.target() : "";
            case "alb" -> view.balancers().getOrDefault(row.target(), "");
            default -> row.target();
        };
        String zone = !row.zone().isEmpty() ? row.zone() : instance == null ? "" : instance.zone();
        return new TargetGroup.Target(
                row.key(),
                row.target(),
                usable ? address : "",
                row.port(),
                zone,
                row.drainedAt() != null,
                new Health(state.state(), state.reason(), state.description()),
                found == null ? null : found.since());
    }
}
