package dev.haneul.services.elbv2;

import dev.haneul.delivery.Json;
import dev.haneul.edge.http.Headers;
import dev.haneul.edge.http.Logins;
import dev.haneul.edge.http.RequestHead;
import dev.haneul.edge.table.Action;
import dev.haneul.kernel.Tokens;
import dev.haneul.services.elbv2.IdentityProvider.Failure;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Logs clients in at OpenID Connect providers by the authorization code flow. Nothing is kept here: what a login needs
 * later goes round with the client, sealed. Cognito's user pools are no neighbours yet: such a login answers 501.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html">Authenticate
 *     users</a>
 */
final class OidcLogins implements Logins {
    private static final String NONCE = "AWSALBAuthNonce";
    /** How long somebody may take to log in. */
    private static final Duration LOGIN = Duration.ofMinutes(15);

    private static final int MOST_CLAIM_BYTES = 11 * 1024;
    private static final DateTimeFormatter DATES = DateTimeFormatter.ofPattern(
                    "EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private final Tokens tokens;
    private final InstantSource clock;
    private final ClaimSigner signer;
    private final IdentityProvider provider = new IdentityProvider();
    private final BearerTokens bearers;

    OidcLogins(Tokens tokens, InstantSource clock, ClaimSigner signer) {
        this.tokens = tokens;
        this.clock = clock;
        this.signer = signer;
        this.bearers = new BearerTokens(clock);
    }

    private static String set(Action.Login login, String name) {
        return login.settings().getOrDefault(name, "");
    }

    /** Sessions are with a provider and a client of it: other rules may share them. */
    private static String context(Action.Login login) {
        return "session " + set(login, "Issuer") + " " + set(login, "ClientId");
    }

    @Override
    public Outcome check(Action.Login login, String balancer, RequestHead head) {
        if (login.cognito()) {
            return new Outcome.Answered(501, new Headers(), "AuthUnhandledException");
        }
        Instant now = clock.instant();
        String cookie = set(login, "SessionCookieName");
        Session session =
                Session.of(head.headers(), cookie, tokens, context(login), now).orElse(null);
        if (session == null) {
            return switch (login.unauthenticated()) {
                case "deny" -> new Outcome.Answered(401, new Headers(), null);
                case "allow" -> new Outcome.Known(new Headers(), new Headers());
                default -> toProvider(login, head, now);
            };
        }
        Headers answer = new Headers();
        if (session.stale().isBefore(now) && session.refreshToken() != null) {
            try {
                session = renewed(login, session, now);
                session.keep(answer, cookie, tokens, context(login), DATES.format(session.ends()));
            } catch (Failure e) {
                return toProvider(login, head, now);
            }
        }
        return new Outcome.Known(identity(login, balancer, session, now), answer);
    }

    private Headers identity(Action.Login login, String balancer, Session session, Instant now) {
        Map<String, @Nullable Object> claims = Json.object(session.claims()).orElseGet(LinkedHashMap::new);
        return new Headers()
                .add("x-amzn-oidc-accesstoken", session.accessToken())
                .add("x-amzn-oidc-identity", session.subject())
                .add(
                        "x-amzn-oidc-data",
                        signer.sign(balancer, set(login, "Issuer"), set(login, "ClientId"), claims, now));
    }

    private Outcome.Answered toProvider(Action.Login login, RequestHead head, Instant now) {
        if (head.authority().isEmpty()) {
            return new Outcome.Answered(401, new Headers(), "AuthMissingHostHeader");
        }
        String nonce = UUID.randomUUID().toString();
        Map<String, @Nullable Object> state = new LinkedHashMap<>();
        state.put("until", now.plus(LOGIN).getEpochSecond());
        state.put("nonce", nonce);
        state.put("url", "https://" + head.authority() + head.target());
        Map<String, String> query = new LinkedHashMap<>();
        query.put("client_id", set(login, "ClientId"));
        query.put("redirect_uri", back(head));
        query.put("response_type", "code");
        query.put("scope", set(login, "Scope"));
        query.put("state", tokens.seal(state(login), Json.write(state)));
        login.settings().forEach((name, value) -> {
            if (name.startsWith("Extra.")) {
                query.put(name.substring("Extra.".length()), value);
            }
        });
        String endpoint = set(login, "AuthorizationEndpoint");
        Headers headers = new Headers()
                .add("Location", endpoint + (endpoint.indexOf('?') < 0 ? "?" : "&") + IdentityProvider.form(query))
                .add(
                        "Set-Cookie",
                        NONCE + "=" + nonce + "; Expires=" + DATES.format(now.plus(LOGIN))
                                + "; Path=/; Secure; HttpOnly");
        return new Outcome.Answered(302, headers, null);
    }

    private static String back(RequestHead head) {
        return "https://" + head.authority() + RETURN;
    }

    private static String state(Action.Login login) {
        return "login " + set(login, "Issuer") + " " + set(login, "ClientId") + " " + set(login, "SessionCookieName");
    }

    @Override
    public Optional<Outcome.Answered> returned(List<Action.Login> logins, String balancer, RequestHead head) {
        Map<String, String> query = query(head.query());
        String sealed = query.get("state");
        if (sealed == null) {
            return Optional.of(new Outcome.Answered(401, new Headers(), "AuthMissingStateParam"));
        }
        for (Action.Login login : logins) {
            Optional<Map<String, @Nullable Object>> state =
                    tokens.open(state(login), sealed).flatMap(Json::object);
            if (state.isPresent()) {
                try {
                    return Optional.of(finished(login, state.get(), query, head));
                } catch (Failure e) {
                    return Optional.of(new Outcome.Answered(e.status(), new Headers(), e.code()));
                }
            }
        }
        return Optional.of(new Outcome.Answered(401, new Headers(), "AuthInvalidStateParam"));
    }

    @Override
    public Optional<Outcome.Answered> bearer(Action.Bearer wanted, RequestHead head) {
        return bearers.check(wanted, head);
    }

    private Outcome.Answered finished(
            Action.Login login, Map<String, @Nullable Object> state, Map<String, String> query, RequestHead head)
            throws Failure {
        Instant now = clock.instant();
        if (Long.parseLong(String.valueOf(state.get("until"))) < now.getEpochSecond()) {
            throw new Failure(401, "AuthInvalidStateParam");
        }
        if (!String.valueOf(state.get("nonce")).equals(Session.cookie(head.headers(), NONCE))) {
            throw new Failure(401, "AuthInvalidCookie");
        }
        String error = query.get("error");
        if (error != null) {
            throw new Failure(error.equals("access_denied") ? 401 : 561, "AuthInvalidTokenResponse");
        }
        String code = query.get("code");
        if (code == null) {
            throw new Failure(401, "AuthMissingCodeParam");
        }
        Map<String, @Nullable Object> given = provider.tokens(
                login.settings(), Map.of("grant_type", "authorization_code", "code", code, "redirect_uri", back(head)));
        Session session = session(login, given, null, now);
        Headers headers = new Headers()
                .add("Location", String.valueOf(state.get("url")))
                .add("Set-Cookie", NONCE + "=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/; Secure; HttpOnly");
        String cookie = set(login, "SessionCookieName");
        if (!session.keep(headers, cookie, tokens, context(login), DATES.format(session.ends()))) {
            throw new Failure(401, "AuthUserinfoResponseSizeExceeded");
        }
        return new Outcome.Answered(302, headers, null);
    }

    /** A session from a provider's tokens, the first or later ones. */
    private Session session(
            Action.Login login, Map<String, @Nullable Object> given, @Nullable Session before, Instant now)
            throws Failure {
        if (!(given.get("access_token") instanceof String access)) {
            throw new Failure(500, "AuthInvalidTokenResponse");
        }
        if (before == null) {
            checkIdToken(login, given.get("id_token"), now);
        }
        Map<String, @Nullable Object> claims = provider.claims(login.settings(), access);
        if (!(claims.get("sub") instanceof String subject)) {
            throw new Failure(500, "AuthInvalidUserinfoResponse");
        }
        String text = Json.write(claims);
        if (text.getBytes(StandardCharsets.UTF_8).length > MOST_CLAIM_BYTES) {
            throw new Failure(401, "AuthUserinfoResponseSizeExceeded");
        }
        Instant ends = before == null ? now.plusSeconds(Long.parseLong(set(login, "SessionTimeout"))) : before.ends();
        String refresh = given.get("refresh_token") instanceof String told
                ? told
                : before == null ? null : before.refreshToken();
        Instant stale = given.get("expires_in") instanceof Number seconds && refresh != null
                ? now.plusSeconds(seconds.longValue())
                : ends;
        return new Session(ends, stale, subject, text, access, refresh);
    }

    private Session renewed(Action.Login login, Session before, Instant now) throws Failure {
        Map<String, @Nullable Object> given = provider.tokens(
                login.settings(),
                Map.of("grant_type", "refresh_token", "refresh_token", String.valueOf(before.refreshToken())));
        return session(login, given, before, now);
    }

    /** It came from the provider itself, over a connection of ours: its signature says nothing more (OIDC core 3.1.3.7). */
    private static void checkIdToken(Action.Login login, @Nullable Object token, Instant now) throws Failure {
        String[] parts = token instanceof String text ? text.split("\\.", -1) : new String[0];
        try {
            Map<String, @Nullable Object> claims = parts.length == 3
                    ? Json.object(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8))
                            .orElseGet(Map::of)
                    : Map.of();
            Object audience = claims.get("aud");
            String client = set(login, "ClientId");
            boolean ours = client.equals(audience) || audience instanceof List<?> all && all.contains(client);
            boolean fresh = claims.get("exp") instanceof Number end && end.longValue() > now.getEpochSecond();
            if (!ours || !fresh || !set(login, "Issuer").equals(claims.get("iss"))) {
                throw new Failure(401, "AuthInvalidIdToken");
            }
        } catch (IllegalArgumentException e) {
            throw new Failure(401, "AuthInvalidIdToken");
        }
    }

    private static Map<String, String> query(String text) {
        Map<String, String> all = new LinkedHashMap<>();
        for (String pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                try {
                    all.putIfAbsent(
                            pair.substring(0, equals),
                            URLDecoder.decode(pair.substring(equals + 1), StandardCharsets.UTF_8));
                } catch (IllegalArgumentException e) {
                    continue;
                }
            }
        }
        return all;
    }
}
