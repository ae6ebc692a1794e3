package dev.haneul.services.sts;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.haneul.api.iam.GetOpenIDConnectProviderRequest;
import dev.haneul.api.iam.GetOpenIDConnectProviderResponse;
import dev.haneul.api.iam.IamClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.sts.AssumeRoleWithWebIdentityRequest;
import dev.haneul.api.sts.Tag;
import java.text.ParseException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks JSON web tokens: signed by a key its issuer publishes, in time, from a provider the role's account knows, for
 * one of its client ids. See "AssumeRoleWithWebIdentity" in the STS API reference.
 */
final class WebIdentity {
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);
    private static final String TAGS = "https://aws.amazon.com/tags";
    private static final String SOURCE_IDENTITY = "https://aws.amazon.com/source_identity";

    private final IamClient iam;
    private final IssuerKeys keys;

    WebIdentity(IamClient iam, IssuerKeys keys) {
        this.iam = iam;
        this.keys = keys;
    }

    /** A checked token. */
    record Token(String provider, String issuer, String audience, String subject, FederatedRole.Stranger stranger) {}

    Token check(AssumeRoleWithWebIdentityRequest in, Instant now, Call call) {
        SignedJWT jwt = parse(in.webIdentityToken());
        JWTClaimsSet claims = claims(jwt);
        String issuer = claims.getIssuer();
        if (issuer == null || claims.getSubject() == null || claims.getExpirationTime() == null) {
            throw StsFaults.invalidIdentity("The ID Token provided lacks iss, sub or exp.");
        }
        String[] role = in.roleArn().split(":", 6);
        String account = role.length == 6 ? role[4] : "";
        String url = issuer.substring(issuer.indexOf("://") + (issuer.contains("://") ? 3 : 1));
        String arn = "arn:aws:iam::" + account + ":oidc-provider/" + url;
        GetOpenIDConnectProviderResponse provider = provider(arn, issuer, account, call);
        requireTime(claims, now);
        verify(jwt, issuer, provider.thumbprintList(), now);
        String audience = audience(claims, provider.clientIDList());
        Map<String, List<String>> facts = new LinkedHashMap<>();
        facts.put(url + ":sub", List.of(claims.getSubject()));
        facts.put(url + ":aud", List.of(audience));
        facts.put(url + ":oaud", claims.getAudience());
        List<String> methods = strings(claims.getClaim("amr"));
        if (!methods.isEmpty()) {
            facts.put(url + ":amr", methods);
        }
        FederatedRole.Stranger stranger = new FederatedRole.Stranger(
                arn,
                "AssumeRoleWithWebIdentity",
                in.roleSessionName(),
                tags(claims),
                transitive(claims),
                claims.getClaim(SOURCE_IDENTITY) instanceof String source ? source : null,
                facts);
        return new Token(arn, issuer, audience, claims.getSubject(), stranger);
    }

    private static SignedJWT parse(String token) {
        try {
            return SignedJWT.parse(token);
        } catch (ParseException e) {
            throw StsFaults.invalidIdentity("The ID Token provided is not a valid JWT. (You may see this error if you"
                    + " sent an Access Token)");
        }
    }

    private static JWTClaimsSet claims(SignedJWT jwt) {
        try {
            return jwt.getJWTClaimsSet();
        } catch (ParseException e) {
            throw StsFaults.invalidIdentity("The ID Token provided is not a valid JWT.");
        }
    }

    private GetOpenIDConnectProviderResponse provider(String arn, String issuer, String account, Call call) {
        try {
            return iam.getOpenIDConnectProvider(
                    new GetOpenIDConnectProviderRequest().openIDConnectProviderArn(arn),
                    call.as(Principal.service("sts.amazonaws.com")).in(account, call.region()));
        } catch (Fault fault) {
            if (!fault.code().equals("NoSuchEntity")) {
                throw fault;
            }
            throw StsFaults.invalidIdentity("No OpenIDConnect provider found in your account for " + issuer);
        }
    }

    private static void requireTime(JWTClaimsSet claims, Instant now) {
        Date until = claims.getExpirationTime();
        if (!now.isBefore(until.toInstant())) {
            throw StsFaults.expired("Token expired: current date/time " + now.getEpochSecond()
                    + " must be before the expiration date/time "
                    + until.toInstant().getEpochSecond());
        }
        Date from = claims.getNotBeforeTime();
        if (from != null && now.isBefore(from.toInstant())) {
            throw StsFaults.invalidIdentity("The ID Token provided is not valid yet.");
        }
    }

    private void verify(SignedJWT jwt, String issuer, List<String> thumbprints, Instant now) {
        JWSAlgorithm algorithm = jwt.getHeader().getAlgorithm();
        if (!ALGORITHMS.contains(algorithm)) {
            throw StsFaults.invalidIdentity("Unsupported signing algorithm: " + algorithm);
        }
        String id = jwt.getHeader().getKeyID();
        if (signedByOne(jwt, keys.of(issuer, thumbprints, id, now), id)) {
            return;
        }
        throw StsFaults.invalidIdentity("Couldn't retrieve verification key from your identity provider, please"
                + " reference AssumeRoleWithWebIdentity documentation for requirements");
    }

    private static boolean signedByOne(SignedJWT jwt, JWKSet known, @Nullable String id) {
        for (JWK key : known.getKeys()) {
            boolean named = id == null || id.equals(key.getKeyID());
            try {
                if (named
                        && key instanceof RSAKey rsa
                        && JWSAlgorithm.Family.RSA.contains(jwt.getHeader().getAlgorithm())) {
                    if (jwt.verify(new RSASSAVerifier(rsa.toRSAPublicKey()))) {
                        return true;
                    }
                } else if (named
                        && key instanceof ECKey ec
                        && JWSAlgorithm.Family.EC.contains(jwt.getHeader().getAlgorithm())
                        && jwt.verify(new ECDSAVerifier(ec.toECPublicKey()))) {
                    return true;
                }
            } catch (JOSEException e) {
                // A key of another kind or curve than the token's: the next one may fit.
                continue;
            }
        }
        return false;
    }

    /** Who the token is for: its azp where it has one, else its aud. */
    private static String audience(JWTClaimsSet claims, List<String> clientIds) {
        List<String> meant = claims.getClaim("azp") instanceof String azp ? List.of(azp) : claims.getAudience();
        return meant.stream()
                .filter(clientIds::contains)
                .findFirst()
                .orElseThrow(() -> StsFaults.invalidIdentity("Incorrect token audience"));
    }

    private static List<Tag> tags(JWTClaimsSet claims) {
        List<Tag> found = new ArrayList<>();
        if (claims.getClaim(TAGS) instanceof Map<?, ?> told && told.get("principal_tags") instanceof Map<?, ?> tags) {
            tags.forEach((key, values) -> {
                List<String> several = strings(values);
                if (several.size() != 1) {
                    throw StsFaults.invalidIdentity("Principal tags must have one value each.");
                }
                found.add(new Tag().key(String.valueOf(key)).value(several.getFirst()));
            });
        }
        return found;
    }

    private static List<String> transitive(JWTClaimsSet claims) {
        return claims.getClaim(TAGS) instanceof Map<?, ?> told ? strings(told.get("transitive_tag_keys")) : List.of();
    }

    private static List<String> strings(@Nullable Object value) {
        if (value instanceof String one) {
            return List.of(one);
        }
        return value instanceof List<?> several
                ? several.stream().map(String::valueOf).toList()
                : List.of();
    }
}
