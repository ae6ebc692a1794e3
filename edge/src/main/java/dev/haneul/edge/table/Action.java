package dev.haneul.edge.table;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a rule does with a request. */
public sealed interface Action {
    /**
     * Sends it to a target of one of the groups.
     *
     * @param sticky how long a client stays with the group it was given, null where it does not
     */
    record Forward(List<Weighted> groups, @Nullable Duration sticky) implements Action {
        public Forward {
            groups = List.copyOf(groups);
            if (groups.isEmpty()) {
                throw new IllegalArgumentException("no target group");
            }
        }
    }

    /** A share of the requests: its weight by the sum of all. */
    record Weighted(String group, int weight) {}

    /**
     * Sends the client elsewhere; {@code #{protocol}}, {@code #{host}}, {@code #{port}}, {@code #{path}} and {@code
     * #{query}} stand for the request's own.
     */
    record Redirect(String protocol, String host, String port, String path, String query, int status)
            implements Action {}

    /** Answers by itself. */
    record Fixed(int status, String contentType, String body) implements Action {}

    /**
     * Lets only those on who are known to an identity provider.
     *
     * @param settings by AWS's names
     * @param unauthenticated {@code deny}, {@code allow} or {@code authenticate}
     */
    record Login(boolean cognito, String unauthenticated, Map<String, String> settings) implements Action {
        public Login {
            settings = Map.copyOf(settings);
        }
    }

    /**
     * Lets only requests on that bear a JSON web token of an issuer's.
     *
     * @param keys where the issuer publishes what its tokens are signed by
     * @param claims what a token must say besides
     */
    record Bearer(String issuer, String keys, List<Claim> claims) implements Action {
        public Bearer {
            claims = List.copyOf(claims);
        }
    }

    /**
     * What a token says by a name.
     *
     * @param values all of which it must have
     */
    record Claim(String name, Shape shape, List<String> values) {
        public Claim {
            values = List.copyOf(values);
        }
    }

    /** How a token tells values: as one text, as a list of texts, or as one text with spaces between. */
    enum Shape {
        STRING,
        LIST,
        WORDS
    }

    /** Whether it answers; others only let a request on, or not. */
    default boolean answers() {
        return !(this instanceof Login || this instanceof Bearer);
    }
}
