package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.Action;
import dev.haneul.api.elbv2.ActionTypeEnum;
import dev.haneul.api.elbv2.JwtValidationActionAdditionalClaim;
import dev.haneul.api.elbv2.JwtValidationActionAdditionalClaimFormatEnum;
import dev.haneul.api.elbv2.JwtValidationActionConfig;
import dev.haneul.api.runtime.Fault;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks actions that validate tokens, and makes of them what the data plane does. */
final class JwtActions {
    private static final int MOST_CLAIMS = 10;
    private static final int MOST_VALUES = 10;
    private static final int MOST_CHARS = 256;
    private static final Set<String> VALIDATED_ANYWAY = Set.of("exp", "iss", "nbf", "iat");
    private static final Map<String, dev.haneul.edge.table.Action.Shape> SHAPES = Map.of(
            JwtValidationActionAdditionalClaimFormatEnum.SINGLE_STRING, dev.haneul.edge.table.Action.Shape.STRING,
            JwtValidationActionAdditionalClaimFormatEnum.STRING_ARRAY, dev.haneul.edge.table.Action.Shape.LIST,
            JwtValidationActionAdditionalClaimFormatEnum.SPACE_SEPARATED_VALUES,
                    dev.haneul.edge.table.Action.Shape.WORDS);

    private JwtActions() {}

    /**
     * An action in its kept form.
     *
     * @throws Fault in AWS's words, where it cannot stand at a listener with this protocol
     */
    static Action checked(Action action, String protocol) {
        if (!protocol.equals("HTTPS")) {
            throw ElbFaults.action("Actions of type 'jwt-validation' are only supported on HTTPS listeners");
        }
        JwtValidationActionConfig config = action.jwtValidationConfig();
        if (config == null) {
            throw ElbFaults.validation("A jwt-validation action requires a JwtValidationConfig");
        }
        length("Issuer", config.issuer());
        length("JwksEndpoint", config.jwksEndpoint());
        Actions.endpoint(config.jwksEndpoint());
        List<JwtValidationActionAdditionalClaim> claims = config.additionalClaims();
        if (claims.size() > MOST_CLAIMS) {
            throw ElbFaults.validation(
                    "'JwtValidationConfig.AdditionalClaims' can have at most " + MOST_CLAIMS + " claims");
        }
        claims.forEach(JwtActions::check);
        return new Action().type(ActionTypeEnum.JWT_VALIDATION).jwtValidationConfig(config);
    }

    private static void check(JwtValidationActionAdditionalClaim claim) {
        length("AdditionalClaims.Name", claim.name());
        if (VALIDATED_ANYWAY.contains(claim.name())) {
            throw ElbFaults.validation("The value '" + claim.name()
                    + "' at 'JwtValidationConfig.AdditionalClaims.Name' is not allowed: exp, iss, nbf and iat are"
                    + " validated by default");
        }
        boolean single = JwtValidationActionAdditionalClaimFormatEnum.SINGLE_STRING.equals(claim.format());
        int most = single ? 1 : MOST_VALUES;
        if (claim.values().isEmpty() || claim.values().size() > most) {
            throw ElbFaults.validation("'JwtValidationConfig.AdditionalClaims.Values' of the format '" + claim.format()
                    + "' must have between 1 and " + most + " values");
        }
        boolean words = JwtValidationActionAdditionalClaimFormatEnum.SPACE_SEPARATED_VALUES.equals(claim.format());
        for (String value : claim.values()) {
            length("AdditionalClaims.Values", value);
            if (words && value.indexOf(' ') >= 0) {
                throw ElbFaults.validation("The value '" + value
                        + "' at 'JwtValidationConfig.AdditionalClaims.Values' can't include spaces, since its format is"
                        + " 'space-separated-values'");
            }
        }
    }

    private static void length(String member, @Nullable String value) {
        if (value == null || value.isEmpty() || value.length() > MOST_CHARS) {
            throw ElbFaults.validation("The length of 'JwtValidationConfig." + member + "' must be between 1 and "
                    + MOST_CHARS + " characters");
        }
    }

    /** What the data plane does by an action that is kept. */
    static dev.haneul.edge.table.Action.Bearer bearer(JwtValidationActionConfig config) {
        return new dev.haneul.edge.table.Action.Bearer(
                config.issuer(),
                config.jwksEndpoint(),
                config.additionalClaims().stream()
                        .map(each -> new dev.haneul.edge.table.Action.Claim(
                                each.name(), Objects.requireNonNull(SHAPES.get(each.format())), each.values()))
                        .toList());
    }
}
