package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.CreateTargetGroupInput;
import dev.haneul.api.elbv2.Matcher;
import dev.haneul.api.elbv2.ModifyTargetGroupInput;
import dev.haneul.services.elbv2.ElbTables.CheckRow;
import dev.haneul.services.elbv2.ElbTables.GroupRow;
import org.jspecify.annotations.Nullable;

/**
 * How targets are checked: AWS's defaults and limits.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html">CreateTargetGroup</a>
 */
final class Checking {
    private Checking() {}

    static CheckRow made(CreateTargetGroupInput in, String type, @Nullable String protocol, @Nullable String version) {
        boolean lambda = type.equals("lambda");
        boolean http = protocol != null && protocol.startsWith("HTTP");
        boolean enabled = in.healthCheckEnabled() == null ? !lambda : in.healthCheckEnabled();
        if (!enabled && !lambda) {
            throw ElbFaults.configuration(
                    "Health check enabled must be true for target groups with target type '" + type + "'");
        }
        String own = lambda
                ? "HTTP"
                : in.healthCheckProtocol() != null
                        ? in.healthCheckProtocol()
                        : http ? "HTTP" : type.equals("alb") ? "HTTP" : "TCP";
        boolean asks = own.startsWith("HTTP");
        int interval = in.healthCheckIntervalSeconds() != null ? in.healthCheckIntervalSeconds() : lambda ? 35 : 30;
        int timeout = in.healthCheckTimeoutSeconds() != null
                ? in.healthCheckTimeoutSeconds()
                : lambda ? 30 : http ? 5 : asks ? 6 : 10;
        return checked(
                new CheckRow(
                        enabled,
                        own,
                        in.healthCheckPort() == null ? "traffic-port" : in.healthCheckPort(),
                        path(in.healthCheckPath(), asks, version),
                        interval,
                        timeout,
                        in.healthyThresholdCount() == null ? 5 : in.healthyThresholdCount(),
                        in.unhealthyThresholdCount() == null ? 2 : in.unhealthyThresholdCount(),
                        matcher(in.matcher(), asks, http || lambda, version, null)),
                http || lambda,
                type);
    }

    private static @Nullable String path(@Nullable String wanted, boolean asks, @Nullable String version) {
        if (!asks) {
            if (wanted != null) {
                throw ElbFaults.configuration(
                        "Health check path is not supported for health checks with the protocol TCP");
            }
            return null;
        }
        if (wanted == null) {
            return "GRPC".equals(version) ? "/AWS.ALB/healthcheck" : "/";
        }
        if (!wanted.startsWith("/") || wanted.chars().anyMatch(c -> c <= ' ' || c > '~')) {
            throw ElbFaults.validation("Health check path '" + wanted + "' must begin with a '/' character");
        }
        return wanted;
    }

    private static @Nullable String matcher(
            @Nullable Matcher wanted, boolean asks, boolean http, @Nullable String version, @Nullable String before) {
        if (!asks) {
            return null;
        }
        boolean grpc = "GRPC".equals(version);
        String codes = wanted == null ? null : grpc ? wanted.grpcCode() : wanted.httpCode();
        if (codes == null) {
            return before != null ? before : grpc ? "12" : http ? "200" : "200-399";
        }
        int least = grpc ? 0 : 200;
        int most = grpc ? 99 : http ? 499 : 599;
        for (String part : codes.split(",", -1)) {
            String[] ends = part.trim().split("-", -1);
            for (String end : ends) {
                boolean good =
                        end.matches("[0-9]{1,3}") && Integer.parseInt(end) >= least && Integer.parseInt(end) <= most;
                if (!good || ends.length > 2) {
                    throw ElbFaults.validation("Health check matcher HTTP code '" + codes + "' must be within '" + least
                            + "-" + most + "' inclusive");
                }
            }
        }
        return codes;
    }

    static CheckRow changed(GroupRow row, ModifyTargetGroupInput in) {
        CheckRow old = row.check();
        boolean http = row.lambda() || String.valueOf(row.protocol()).startsWith("HTTP");
        boolean enabled = in.healthCheckEnabled() == null ? old.enabled() : in.healthCheckEnabled();
        if (!enabled && !row.lambda()) {
            throw ElbFaults.configuration(
                    "Health check enabled must be true for target groups with target type '" + row.type() + "'");
        }
        String protocol = in.healthCheckProtocol() == null ? old.protocol() : in.healthCheckProtocol();
        boolean asks = protocol.startsWith("HTTP");
        return checked(
                new CheckRow(
                        enabled,
                        protocol,
                        in.healthCheckPort() == null ? old.port() : in.healthCheckPort(),
                        in.healthCheckPath() == null && asks && old.path() != null
                                ? old.path()
                                : path(in.healthCheckPath(), asks, row.version()),
                        in.healthCheckIntervalSeconds() == null ? old.interval() : in.healthCheckIntervalSeconds(),
                        in.healthCheckTimeoutSeconds() == null ? old.timeout() : in.healthCheckTimeoutSeconds(),
                        in.healthyThresholdCount() == null ? old.healthy() : in.healthyThresholdCount(),
                        in.unhealthyThresholdCount() == null ? old.unhealthy() : in.unhealthyThresholdCount(),
                        matcher(in.matcher(), asks, http, row.version(), old.matcher())),
                http,
                row.type());
    }

    private static CheckRow checked(CheckRow row, boolean http, String type) {
        boolean asks = http || type.equals("alb");
        if (!row.protocol().matches(asks ? "HTTPS?" : "HTTPS?|TCP")) {
            throw ElbFaults.configuration(
                    "Health check protocol '" + row.protocol() + "' is not supported for this target group");
        }
        boolean port = row.port().equals("traffic-port")
                || row.port().matches("[0-9]{1,5}")
                        && Integer.parseInt(row.port()) >= 1
                        && Integer.parseInt(row.port()) <= 65_535;
        if (!port) {
            throw ElbFaults.validation(
                    "Health check port '" + row.port() + "' must be 'traffic-port' or a number from 1 to 65535");
        }
        range("interval", row.interval(), 5, 300);
        range("timeout", row.timeout(), 2, 120);
        range("healthy threshold count", row.healthy(), 2, 10);
        range("unhealthy threshold count", row.unhealthy(), 2, 10);
        if (row.timeout() >= row.interval() && http) {
            throw ElbFaults.validation("Health check interval must be greater than the timeout");
        }
        return row;
    }

    private static void range(String what, int value, int from, int to) {
        if (value < from || value > to) {
            throw ElbFaults.validation(
                    "Health check " + what + " must be between " + from + " and " + to + ", inclusive");
        }
    }
}
