package dev.haneul.services.sts;

import dev.haneul.api.iam.GetSAMLProviderRequest;
import dev.haneul.api.iam.IamClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.sts.AssumeRoleWithSAMLRequest;
import dev.haneul.api.sts.Tag;
import dev.haneul.saml.SamlAssertion;
import dev.haneul.saml.SamlException;
import dev.haneul.saml.SamlMetadata;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Checks SAML assertions. See "Configure SAML assertions for the authentication response" in the User Guide. */
final class SamlIdentity {
    private static final String ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/";
    private static final Set<String> AUDIENCE = Set.of("https://signin.aws.amazon.com/saml", "urn:amazon:webservices");
    private static final Predicate<String> RECIPIENT = Pattern.compile(
                    "https://([a-z0-9-]+\\.)?signin\\.aws\\.amazon\\.com/saml(/acs/.+)?")
            .asMatchPredicate();
    private static final Pattern SESSION_NAME = Pattern.compile("[\\w+=,.@-]{2,64}");

    private final IamClient iam;

    SamlIdentity(IamClient iam) {
        this.iam = iam;
    }

    /**
     * A checked assertion.
     *
     * @param seconds how long the provider wants the session to be, null where it does not say
     */
    record Checked(
            SamlAssertion assertion,
            String nameQualifier,
            @Nullable Integer seconds,
            FederatedRole.Stranger stranger) {}

    Checked check(AssumeRoleWithSAMLRequest in, Instant now, Call call) {
        SamlAssertion assertion = assertion(in, now, call);
        Map<String, List<String>> told = assertion.attributes();
        boolean named = values(told, "Role").stream()
                .map(pair -> List.of(pair.replace(" ", "").split(",")))
                .anyMatch(pair -> pair.size() == 2 && pair.contains(in.roleArn()) && pair.contains(in.principalArn()));
        if (!named) {
            throw StsFaults.denied("Not authorized to perform sts:AssumeRoleWithSAML");
        }
        String sessionName = first(told, "RoleSessionName");
        if (sessionName == null) {
            throw StsFaults.invalidIdentity("RoleSessionName is required in AuthnResponse");
        }
        if (!SESSION_NAME.matcher(sessionName).matches()) {
            throw StsFaults.invalidIdentity("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}");
        }
        String source = first(told, "SourceIdentity");
        if (source != null && (!SESSION_NAME.matcher(source).matches() || source.startsWith("aws:"))) {
            throw StsFaults.invalidIdentity(
                    "Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with \"aws:\"");
        }
        List<Tag> tags = new ArrayList<>();
        told.forEach((name, values) -> {
            if (name.startsWith(ATTRIBUTES + "PrincipalTag:") && values.size() == 1) {
                tags.add(new Tag()
                        .key(name.substring((ATTRIBUTES + "PrincipalTag:").length()))
                        .value(values.getFirst()));
            }
        });
        String account = in.principalArn().split(":", 6)[4];
        String provider = in.principalArn().substring(in.principalArn().indexOf('/') + 1);
        String qualifier = qualifier(assertion.issuer() + account + "/" + provider);
        Map<String, List<String>> keys = new LinkedHashMap<>();
        keys.put("saml:aud", List.of(assertion.recipient()));
        keys.put("saml:iss", List.of(assertion.issuer()));
        keys.put("saml:sub", List.of(assertion.name()));
        keys.put("saml:sub_type", List.of(assertion.format()));
        keys.put("saml:namequalifier", List.of(qualifier));
        keys.put("saml:doc", List.of(account + "/" + provider));
        FederatedRole.Stranger stranger = new FederatedRole.Stranger(
                in.principalArn(),
                "AssumeRoleWithSAML",
                sessionName,
                tags,
                values(told, "TransitiveTagKeys"),
                source,
                keys);
        return new Checked(assertion, qualifier, seconds(first(told, "SessionDuration")), stranger);
    }

    private SamlAssertion assertion(AssumeRoleWithSAMLRequest in, Instant now, Call call) {
        String[] parts = in.principalArn().split(":", 6);
        String account = parts.length == 6 ? parts[4] : "";
        try {
            String document = iam.getSAMLProvider(
                            new GetSAMLProviderRequest().samlProviderArn(in.principalArn()),
                            call.as(Principal.service("sts.amazonaws.com")).in(account, call.region()))
                    .samlMetadataDocument();
            SamlMetadata metadata = SamlMetadata.parse(document == null ? "" : document);
            return SamlAssertion.verify(in.samlAssertion(), metadata, AUDIENCE, RECIPIENT, now);
        } catch (SamlException e) {
            if (e.reason().startsWith("Token must be redeemed")) {
                throw StsFaults.expired(e.reason());
            }
            throw StsFaults.invalidIdentity(e.reason());
        } catch (Fault fault) {
            if (!fault.code().equals("NoSuchEntity")) {
                throw fault;
            }
            throw StsFaults.invalidIdentity("Specified provider doesn't exist");
        }
    }

    private static @Nullable Integer seconds(@Nullable String text) {
        try {
            return text == null ? null : Integer.valueOf(text);
        } catch (NumberFormatException e) {
            throw StsFaults.invalidIdentity("SessionDuration must be a number of seconds");
        }
    }

    private static List<String> values(Map<String, List<String>> told, String name) {
        return told.getOrDefault(ATTRIBUTES + name, List.of());
    }

    private static @Nullable String first(Map<String, List<String>> told, String name) {
        List<String> values = values(told, name);
        return values.isEmpty() ? null : values.getFirst();
    }

    /** Tells users of different providers apart who have the same name. */
    private static String qualifier(String text) {
        try {
            byte[] sha1 = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(sha1);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-1", e);
        }
    }
}
