package dev.haneul.edge.http;

import dev.haneul.edge.live.LiveGroup;
import dev.haneul.edge.live.LiveTarget;
import dev.haneul.edge.table.Action;
import dev.haneul.edge.table.TargetGroup.How;
import dev.haneul.edge.table.TargetGroup.Stickiness;
import dev.haneul.kernel.Tokens;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The cookies by which clients stay with a target, and with a target group: AWSALB, AWSALBAPP-0, AWSALBTG and their twins
 * for other sites. Their values are sealed; one that is over, changed or of another balancer counts for nothing.
 */
final class Sticky {
    static final String TARGET = "AWSALB";
    static final String GROUP = "AWSALBTG";
    static final String APPLICATION = "AWSALBAPP-0";

    /** How long browsers keep the cookies; what is inside may be over before. */
    private static final Duration BROWSER = Duration.ofDays(7);

    private final Tokens tokens;
    private final InstantSource clock;

    Sticky(Tokens tokens, InstantSource clock) {
        this.tokens = tokens;
        this.clock = clock;
    }

    /** The group a client was given before, where the action still has it. */
    Optional<String> group(Action.Forward forward, String balancer, Headers headers) {
        if (forward.sticky() == null) {
            return Optional.empty();
        }
        return opened(headers, GROUP, balancer)
                .filter(group ->
                        forward.groups().stream().anyMatch(each -> each.group().equals(group) && each.weight() > 0));
    }

    /** The target a client was given before, where it may be chosen. */
    Optional<LiveTarget> target(LiveGroup group, Headers headers) {
        Stickiness sticky = group.group().stickiness();
        String cookie = sticky.cookie();
        String name = switch (sticky.how()) {
            case BALANCER_COOKIE -> TARGET;
            case APPLICATION_COOKIE -> cookie != null && value(headers, cookie) != null ? APPLICATION : null;
            case NOT, SOURCE_ADDRESS -> null;
        };
        return name == null
                ? Optional.empty()
                : opened(headers, name, group.group().id()).flatMap(group::ready);
    }

    private Optional<String> opened(Headers headers, String cookie, String context) {
        String value = value(headers, cookie);
        if (value == null) {
            value = value(headers, cookie.startsWith(APPLICATION) ? cookie : cookie + "CORS");
        }
        if (value == null) {
            return Optional.empty();
        }
        return tokens.open(cookie + " " + context, value).flatMap(text -> {
            int bar = text.indexOf('|');
            boolean good =
                    Instant.ofEpochMilli(Long.parseLong(text.substring(0, bar))).isAfter(clock.instant());
            return good ? Optional.of(text.substring(bar + 1)) : Optional.empty();
        });
    }

    /** A cookie's value, null where the request has none of that name. */
    static @Nullable String value(Headers headers, String cookie) {
        for (String line : headers.all("cookie")) {
            for (String part : line.split(";", -1)) {
                String pair = part.trim();
                if (pair.startsWith(cookie) && pair.length() > cookie.length() && pair.charAt(cookie.length()) == '=') {
                    return pair.substring(cookie.length() + 1);
                }
            }
        }
        return null;
    }

    /** Adds the cookies that keep a client where it is now. */
    void keep(
            Headers answer, Action.Forward forward, String balancer, LiveTarget target, LiveGroup group, boolean tls) {
        Duration life = forward.sticky();
        if (life != null) {
            add(answer, GROUP, balancer, group.group().id(), life, tls, true);
        }
        Stickiness sticky = group.group().stickiness();
        String key = target.target().key();
        String id = group.group().id();
        if (sticky.how() == How.BALANCER_COOKIE) {
            add(answer, TARGET, id, key, sticky.life(), tls, true);
        } else if (sticky.how() == How.APPLICATION_COOKIE && sets(answer, String.valueOf(sticky.cookie()))) {
            add(answer, APPLICATION, id, key, sticky.life(), tls, false);
        }
    }

    private static boolean sets(Headers answer, String cookie) {
        return answer.all("set-cookie").stream().anyMatch(line -> line.startsWith(cookie + "="));
    }

    private void add(
            Headers answer, String cookie, String context, String what, Duration life, boolean tls, boolean twin) {
        Instant now = clock.instant();
        String value = tokens.seal(cookie + " " + context, now.plus(life).toEpochMilli() + "|" + what);
        String rest = value + "; Expires=" + Dates.of(now.plus(BROWSER)) + "; Path=/";
        answer.add("Set-Cookie", cookie + "=" + rest);
        if (twin) {
            answer.add("Set-Cookie", cookie + "CORS=" + rest + "; SameSite=None" + (tls ? "; Secure" : ""));
        }
    }
}
