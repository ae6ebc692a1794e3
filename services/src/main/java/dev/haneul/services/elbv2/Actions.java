package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.*;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import dev.haneul.services.elbv2.ElbTables.GroupRow;
import dev.haneul.services.elbv2.ElbTables.ListenerRow;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks actions, and brings them into the form in which they are kept and told. */
final class Actions {
    private static final Pattern ENDPOINT = Pattern.compile(
            "(https://[^\\s/?#@]+|http://(localhost|127\\.0\\.0\\.1|[a-z0-9.-]+\\.localhost)(:[0-9]{1,5})?)(/\\S*)?");

    private static final int MOST_ACTIONS = 2;
    private static final int MOST_GROUPS = 5;
    private static final int MOST_WEIGHT = 999;
    private static final int MOST_STICKY_SECONDS = 604_800;
    private static final int MOST_BODY_CHARS = 1024;
    private static final Set<String> TYPES =
            Set.of("text/plain", "text/css", "text/html", "application/javascript", "application/json");
    private static final Set<String> FINAL =
            Set.of(ActionTypeEnum.FORWARD, ActionTypeEnum.REDIRECT, ActionTypeEnum.FIXED_RESPONSE);

    private Actions() {}

    /** The ARNs of the target groups that actions forward to. */
    static Set<String> groups(List<Action> actions) {
        Set<String> groups = new LinkedHashSet<>();
        for (Action action : actions) {
            if (action.targetGroupArn() != null) {
                groups.add(action.targetGroupArn());
            }
            if (action.forwardConfig() != null) {
                action.forwardConfig()
                        .targetGroups()
                        .forEach(each -> groups.add(String.valueOf(each.targetGroupArn())));
            }
        }
        return groups;
    }

    /**
     * The actions in their kept form, in order.
     *
     * @throws Fault in AWS's words, where they cannot stand at this listener
     */
    static List<Action> checked(
            ReadTx tx, Scope scope, BalancerRow balancer, String protocol, List<Action> wanted, List<Action> before) {
        if (wanted.isEmpty()) {
            throw ElbFaults.validation("At least one action must be specified");
        }
        List<Action> sorted = new ArrayList<>(wanted);
        sorted.sort(Comparator.comparingInt(action -> action.order() == null ? Integer.MAX_VALUE : action.order()));
        long answers =
                sorted.stream().filter(each -> FINAL.contains(each.type())).count();
        if (answers != 1) {
            throw ElbFaults.action(
                    "A rule must contain exactly one of the following actions: forward, redirect, or fixed-response");
        }
        if (!FINAL.contains(sorted.getLast().type())) {
            throw ElbFaults.action(
                    "An action of type '" + sorted.getLast().type() + "' must not be the last action to be performed");
        }
        if (sorted.size() > MOST_ACTIONS) {
            throw Fault.of(
                    new TooManyActionsException(),
                    "A rule can have at most one action that authenticates or validates before the one that answers");
        }
        List<Action> kept = new ArrayList<>();
        for (Action action : sorted) {
            kept.add(one(tx, scope, balancer, protocol, action, before));
        }
        if (kept.size() > 1) {
            for (int i = 0; i < kept.size(); i++) {
                kept.get(i).order(i + 1);
            }
        }
        return kept;
    }

    private static Action one(
            ReadTx tx, Scope scope, BalancerRow balancer, String protocol, Action action, List<Action> before) {
        String type = String.valueOf(action.type());
        if (!balancer.application() && !type.equals(ActionTypeEnum.FORWARD)) {
            throw ElbFaults.action("Action type '" + type + "' is not supported by Network Load Balancers");
        }
        return switch (type) {
            case ActionTypeEnum.FORWARD -> forward(tx, scope, balancer, protocol, action);
            case ActionTypeEnum.REDIRECT -> redirect(action);
            case ActionTypeEnum.FIXED_RESPONSE -> fixed(action);
            case ActionTypeEnum.AUTHENTICATE_OIDC -> login(action, protocol, before);
            case ActionTypeEnum.AUTHENTICATE_COGNITO ->
                throw ElbFaults.action(
                        "Actions of type 'authenticate-cognito' are not implemented by Haneul yet: it has"
                                + " no Cognito user pools; 'authenticate-oidc' is");
            case ActionTypeEnum.JWT_VALIDATION -> JwtActions.checked(action, protocol);
            default ->
                throw ElbFaults.validation(
                        "Value '" + type + "' at 'actions' failed to satisfy constraint: unknown action type");
        };
    }

    private static Action forward(ReadTx tx, Scope scope, BalancerRow balancer, String protocol, Action action) {
        List<TargetGroupTuple> tuples = new ArrayList<>();
        ForwardActionConfig config = action.forwardConfig();
        if (config != null && !config.targetGroups().isEmpty()) {
            config.targetGroups()
                    .forEach(each -> tuples.add(new TargetGroupTuple()
                            .targetGroupArn(each.targetGroupArn())
                            .weight(each.weight() == null ? 1 : each.weight())));
            String alone = action.targetGroupArn();
            if (alone != null
                    && (tuples.size() > 1 || !alone.equals(tuples.getFirst().targetGroupArn()))) {
                throw ElbFaults.action(
                        "You cannot specify both a target group ARN and a different list of target groups");
            }
        } else if (action.targetGroupArn() != null) {
            tuples.add(new TargetGroupTuple()
                    .targetGroupArn(action.targetGroupArn())
                    .weight(1));
        } else {
            throw ElbFaults.validation("A target group must be specified for a forward action");
        }
        if (tuples.size() > MOST_GROUPS) {
            throw Fault.of(
                    new TooManyTargetGroupsException(),
                    "A forward action can have at most " + MOST_GROUPS + " target groups");
        }
        Set<String> seen = new LinkedHashSet<>();
        for (TargetGroupTuple tuple : tuples) {
            int weight = tuple.weight() == null ? 1 : tuple.weight();
            if (weight < 0 || weight > MOST_WEIGHT) {
                throw ElbFaults.validation("Target group weight must be between 0 and " + MOST_WEIGHT + ", inclusive");
            }
            if (!seen.add(String.valueOf(tuple.targetGroupArn()))) {
                throw ElbFaults.validation("A target group can only be specified once in a forward action");
            }
            suits(tx, scope, balancer, protocol, Rows.group(tx, scope, String.valueOf(tuple.targetGroupArn())));
        }
        Action kept = new Action().type(ActionTypeEnum.FORWARD);
        if (tuples.size() == 1) {
            kept.targetGroupArn(tuples.getFirst().targetGroupArn());
        }
        ForwardActionConfig told = new ForwardActionConfig().targetGroups(tuples);
        if (balancer.application()) {
            told.targetGroupStickinessConfig(sticky(config == null ? null : config.targetGroupStickinessConfig()));
        }
        return kept.forwardConfig(told);
    }

    private static TargetGroupStickinessConfig sticky(@Nullable TargetGroupStickinessConfig wanted) {
        boolean enabled = wanted != null && Boolean.TRUE.equals(wanted.enabled());
        TargetGroupStickinessConfig kept = new TargetGroupStickinessConfig().enabled(enabled);
        Integer seconds = wanted == null ? null : wanted.durationSeconds();
        if (enabled && (seconds == null || seconds < 1 || seconds > MOST_STICKY_SECONDS)) {
            throw ElbFaults.validation("Target group stickiness duration must be between 1 and " + MOST_STICKY_SECONDS
                    + " seconds, inclusive");
        }
        return seconds == null ? kept : kept.durationSeconds(seconds);
    }

    /** Whether a target group can stand behind a listener. */
    private static void suits(ReadTx tx, Scope scope, BalancerRow balancer, String protocol, GroupRow group) {
        String arn = ElbTables.groupArn(scope, group.id());
        String theirs = group.protocol();
        boolean fits = group.lambda()
                ? balancer.application()
                : theirs != null
                        && switch (protocol) {
                            case "HTTP", "HTTPS" -> theirs.startsWith("HTTP");
                            case "TCP" -> theirs.equals("TCP");
                            case "TLS" ->
                                theirs.equals("TLS")
                                        || theirs.equals("TCP") && !group.type().equals("alb");
                            default -> theirs.equals(protocol);
                        };
        if (!fits) {
            throw Fault.of(
                    new IncompatibleProtocolsException(),
                    "Listener protocol '" + protocol + "' is not supported with a target group with the protocol '"
                            + theirs + "'");
        }
        if (group.vpc() != null && !group.vpc().equals(balancer.vpc())) {
            throw ElbFaults.validation("The target group '" + arn + "' is not in the same VPC as the load balancer");
        }
        Set<String> users = Rows.users(tx, scope, group.id());
        users.remove(balancer.id());
        if (!users.isEmpty()) {
            throw Fault.of(
                    new TargetGroupAssociationLimitException(),
                    "The following target groups cannot be associated with more than one load balancer: " + arn);
        }
    }

    private static Action redirect(Action action) {
        RedirectActionConfig in = action.redirectConfig();
        if (in == null) {
            throw ElbFaults.validation("A redirect action requires a RedirectConfig");
        }
        String protocol = or(in.protocol(), "#{protocol}");
        String host = or(in.host(), "#{host}");
        String port = or(in.port(), "#{port}");
        String path = or(in.path(), "/#{path}");
        String query = or(in.query(), "#{query}");
        if (!protocol.matches("HTTPS?|#\\{protocol\\}")) {
            throw ElbFaults.validation("The value of 'Protocol' must be 'HTTP', 'HTTPS', or '#{protocol}'");
        }
        if (!port.equals("#{port}")
                && !(port.matches("[0-9]{1,5}") && Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= 65_535)) {
            throw ElbFaults.validation("The value of 'Port' must be a value from 1 to 65535 or '#{port}'");
        }
        if (!path.startsWith("/")) {
            throw ElbFaults.validation("The path must start with a leading '/'");
        }
        if (control(host) || control(path) || control(query)) {
            throw ElbFaults.validation("The redirect has characters that a URL cannot have");
        }
        boolean same = protocol.equals("#{protocol}")
                && host.equals("#{host}")
                && port.equals("#{port}")
                && path.equals("/#{path}");
        if (same) {
            throw ElbFaults.action(
                    "The specified redirect action would result in a redirect loop: at least one of protocol, host, port, or path must be modified");
        }
        return new Action()
                .type(ActionTypeEnum.REDIRECT)
                .redirectConfig(new RedirectActionConfig()
                        .protocol(protocol)
                        .host(host)
                        .port(port)
                        .path(path)
                        .query(query)
                        .statusCode(in.statusCode()));
    }

    private static boolean control(String text) {
        return text.chars().anyMatch(c -> c <= ' ' || c == 0x7f);
    }

    private static String or(@Nullable String value, String other) {
        return value == null ? other : value;
    }

    private static Action fixed(Action action) {
        FixedResponseActionConfig in = action.fixedResponseConfig();
        if (in == null) {
            throw ElbFaults.validation("A fixed-response action requires a FixedResponseConfig");
        }
        if (!String.valueOf(in.statusCode()).matches("[245][0-9]{2}")) {
            throw ElbFaults.validation("The status code must be 2XX, 4XX, or 5XX");
        }
        if (in.contentType() != null && !TYPES.contains(in.contentType())) {
            throw ElbFaults.validation("Content type '" + in.contentType() + "' is not supported");
        }
        if (in.messageBody() != null && in.messageBody().length() > MOST_BODY_CHARS) {
            throw ElbFaults.validation("The message body can have at most " + MOST_BODY_CHARS + " characters");
        }
        return new Action().type(ActionTypeEnum.FIXED_RESPONSE).fixedResponseConfig(in);
    }

    private static Action login(Action action, String protocol, List<Action> before) {
        if (!protocol.equals("HTTPS")) {
            throw ElbFaults.action("Authentication actions are only supported on HTTPS listeners");
        }
        AuthenticateOidcActionConfig oidc = action.authenticateOidcConfig();
        if (oidc == null) {
            throw ElbFaults.validation("An authentication action requires its configuration");
        }
        if (Boolean.TRUE.equals(oidc.useExistingClientSecret())) {
            before.stream()
                    .map(Action::authenticateOidcConfig)
                    .filter(each -> each != null && oidc.clientId().equals(each.clientId()))
                    .findFirst()
                    .ifPresent(each -> oidc.clientSecret(each.clientSecret()));
        }
        endpoints(oidc);
        if (oidc.clientSecret() == null) {
            throw ElbFaults.validation("A client secret must be specified");
        }
        return new Action()
                .type(action.type())
                .authenticateOidcConfig(oidc.useExistingClientSecret(null)
                        .sessionCookieName(or(oidc.sessionCookieName(), "AWSELBAuthSessionCookie"))
                        .scope(or(oidc.scope(), "openid"))
                        .sessionTimeout(oidc.sessionTimeout() == null ? Long.valueOf(604_800) : oidc.sessionTimeout())
                        .onUnauthenticatedRequest(or(oidc.onUnauthenticatedRequest(), "authenticate")));
    }

    private static void endpoints(AuthenticateOidcActionConfig oidc) {
        List.of(oidc.issuer(), oidc.authorizationEndpoint(), oidc.tokenEndpoint(), oidc.userInfoEndpoint())
                .forEach(Actions::endpoint);
    }

    /** Providers are spoken to by HTTPS, but for those on this machine, which nobody listens in on. */
    static void endpoint(String address) {
        if (!ENDPOINT.matcher(address).matches()) {
            throw ElbFaults.action("The endpoint '" + address + "' must be a full URL, including the HTTPS protocol");
        }
    }

    /** As they are told: secrets are kept back. */
    static List<Action> told(List<Action> kept) {
        return kept.stream()
                .map(action -> {
                    AuthenticateOidcActionConfig oidc = action.authenticateOidcConfig();
                    if (oidc != null) {
                        oidc.clientSecret(null);
                    }
                    return action;
                })
                .toList();
    }

    /** Whether a listener's protocol goes with rules. */
    static boolean hasRules(ListenerRow listener) {
        return listener.protocol().startsWith("HTTP");
    }
}
