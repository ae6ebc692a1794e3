package dev.haneul.services.elbv2;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import dev.haneul.delivery.Json;
import dev.haneul.edge.http.Headers;
import dev.haneul.edge.http.Logins.Outcome;
import dev.haneul.edge.http.RequestHead;
import dev.haneul.edge.table.Action;
import dev.haneul.services.elbv2.IdentityProvider.Failure;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Checks the JSON web tokens that requests bear: signed with RS256, by a key that is published where the listener says,
 * from its issuer, in time, and with the claims it asks for. Targets see the token as it came.
 *
 * @see <a href="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html">Verify
 *     JWTs</a>
 */
final class BearerTokens {
    private static final String SCHEME = "Bearer ";
    private static final int MOST_CHARS = 16 * 1024;
    private static final String MALFORMED = "JWTRequestFormatInvalid";
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final InstantSource clock;
    private final PublishedKeys published = new PublishedKeys(PATIENCE);

    BearerTokens(InstantSource clock) {
        this.clock = clock;
    }

    /** How a request is turned away; empty where it may go on. */
    Optional<Outcome.Answered> check(Action.Bearer wanted, RequestHead head) {
        try {
            Instant now = clock.instant();
            SignedJWT token = token(head.headers());
            requireSignature(
                    token, published.of(wanted.keys(), token.getHeader().getKeyID(), now));
            requireClaims(wanted, token, now);
            return Optional.empty();
        } catch (Failure e) {
            return Optional.of(new Outcome.Answered(e.status(), new Headers(), e.code()));
        }
    }

    private static SignedJWT token(Headers headers) throws Failure {
        List<String> given = headers.all("authorization");
        if (given.isEmpty()) {
            throw refusal("JWTHeaderNotPresent");
        }
        String value = given.getFirst();
        boolean bearer = value.regionMatches(true, 0, SCHEME, 0, SCHEME.length());
        if (given.size() > 1 || !bearer || value.length() > MOST_CHARS) {
            throw refusal(MALFORMED);
        }
        try {
            SignedJWT token = SignedJWT.parse(value.substring(SCHEME.length()).strip());
            JWSHeader header = token.getHeader();
            // What a token calls critical is nothing we know of, and the key it may bring along is never looked at.
            if (!header.getAlgorithm().equals(JWSAlgorithm.RS256) || header.getCriticalParams() != null) {
                throw refusal(MALFORMED);
            }
            return token;
        } catch (ParseException | IllegalArgumentException e) {
            throw refusal(MALFORMED);
        }
    }

    private static void requireSignature(SignedJWT token, List<PublishedKeys.Key> keys) throws Failure {
        for (PublishedKeys.Key each : keys) {
            try {
                if (token.verify(new RSASSAVerifier(each.key()))) {
                    return;
                }
            } catch (JOSEException e) {
                // This key cannot have signed it: the next one may have.
                continue;
            }
        }
        throw refusal("JWTSignatureValidationError");
    }

    private static void requireClaims(Action.Bearer wanted, SignedJWT token, Instant now) throws Failure {
        Map<String, @Nullable Object> claims =
                Json.object(token.getPayload().toString()).orElseThrow(() -> refusal(MALFORMED));
        double second = now.toEpochMilli() / 1000.0;
        require(second < time(present(claims, "exp")));
        require(claims.get("nbf") == null || time(present(claims, "nbf")) <= second);
        require(claims.get("iat") == null || time(present(claims, "iat")) <= second);
        requireAll(new Action.Claim("iss", Action.Shape.STRING, List.of(wanted.issuer())), present(claims, "iss"));
        for (Action.Claim each : wanted.claims()) {
            requireAll(each, present(claims, each.name()));
        }
    }

    private static Object present(Map<String, @Nullable Object> claims, String name) throws Failure {
        Object value = claims.get(name);
        if (value == null) {
            throw refusal("JWTClaimNotPresent");
        }
        return value;
    }

    private static double time(Object claim) throws Failure {
        if (!(claim instanceof Number seconds)) {
            throw refusal("JWTClaimFormatInvalid");
        }
        return seconds.doubleValue();
    }

    /** AWS does not tell whether one value of many is enough: all are asked for here. */
    private static void requireAll(Action.Claim wanted, Object value) throws Failure {
        boolean list = value instanceof List<?> all && all.stream().allMatch(String.class::isInstance);
        if (wanted.shape() == Action.Shape.LIST ? !list : !(value instanceof String)) {
            throw refusal("JWTClaimFormatInvalid");
        }
        List<?> told = switch (wanted.shape()) {
            case STRING -> List.of(value);
            case LIST -> (List<?>) value;
            case WORDS -> Arrays.asList(((String) value).split(" "));
        };
        require(told.containsAll(wanted.values()));
    }

    private static void require(boolean met) throws Failure {
        if (!met) {
            throw refusal("JWTClaimValueInvalid");
        }
    }

    private static Failure refusal(String code) {
        return new Failure(401, code);
    }
}
