package dev.haneul.services.lambda;

import dev.haneul.api.kms.CreateGrantRequest;
import dev.haneul.api.kms.DecryptRequest;
import dev.haneul.api.kms.EncryptRequest;
import dev.haneul.api.kms.GrantConstraints;
import dev.haneul.api.kms.KmsClient;
import dev.haneul.api.lambda.EnvironmentError;
import dev.haneul.api.lambda.EnvironmentResponse;
import dev.haneul.api.lambda.KMSAccessDeniedException;
import dev.haneul.api.lambda.KMSDisabledException;
import dev.haneul.api.lambda.KMSInvalidStateException;
import dev.haneul.api.lambda.KMSNotFoundException;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.run.RoleSessions;
import dev.haneul.services.lambda.run.Target;
import dev.haneul.services.lambda.run.Unsealing;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Environment variables that are encrypted with a key of the customer's. Whoever sets them must be allowed to use the
 * key; a grant lets the execution role decrypt them when the function starts.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html">Securing Lambda
 *     environment variables</a>
 */
final class SealedVariables implements Unsealing {
    private static final String CONTEXT = "aws:lambda:FunctionArn";
    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);

    private final KmsClient kms;
    private final Clock clock;

    SealedVariables(Caller neighbours, Clock clock) {
        this.kms = new KmsClient(neighbours);
        this.clock = clock;
    }

    /** Encrypts variables in the caller's name, and lets the role decrypt them. */
    String seal(Map<String, String> variables, String keyArn, String role, FunctionRef ref, Call call) {
        Call via = via(call.principal(), call.account(), call.region());
        Map<String, String> context = Map.of(CONTEXT, ref.arn());
        try {
            byte[] sealed = kms.encrypt(
                            new EncryptRequest()
                                    .keyId(keyArn)
                                    .plaintext(Json.write(variables).getBytes(StandardCharsets.UTF_8))
                                    .encryptionContext(context),
                            via)
                    .ciphertextBlob();
            kms.createGrant(
                    new CreateGrantRequest()
                            .keyId(keyArn)
                            .granteePrincipal(role)
                            .operations(List.of("Decrypt"))
                            .constraints(new GrantConstraints().encryptionContextEquals(context)),
                    via);
            if (sealed == null) {
                throw Problems.service("KMS gave no ciphertext");
            }
            return Base64.getEncoder().encodeToString(sealed);
        } catch (Fault refused) {
            if (refused.status() >= 500) {
                throw refused;
            }
            throw Problems.invalid("Lambda was unable to configure access to your environment variables because the KMS"
                    + " key is invalid for CreateGrant. Please check your KMS key settings. KMS Exception: "
                    + refused.code() + " KMS Message: " + refused.message());
        }
    }

    /** What a caller is shown of encrypted variables: themselves, or why it may not see them. */
    EnvironmentResponse shown(String sealed, String keyArn, FunctionRef ref, Call call) {
        try {
            return new EnvironmentResponse()
                    .variables(open(sealed, keyArn, ref.arn(), via(call.principal(), ref.account(), ref.region())));
        } catch (Fault refused) {
            return new EnvironmentResponse()
                    .error(new EnvironmentError()
                            .errorCode(refused.code())
                            .message(
                                    "Lambda was unable to decrypt your environment variables because the KMS access was"
                                            + " denied. Please check your KMS permissions. KMS Exception: "
                                            + refused.code()
                                            + " KMS Message: " + refused.message()));
        }
    }

    /** The variables, in the caller's name; refused as an update is. */
    Map<String, String> open(String sealed, String keyArn, FunctionRef ref, Call call) {
        try {
            return open(sealed, keyArn, ref.arn(), via(call.principal(), ref.account(), ref.region()));
        } catch (Fault refused) {
            throw denied(refused);
        }
    }

    @Override
    public Target unsealed(Target target, RoleSessions.RoleSession role) {
        String sealed = target.sealedVariables();
        if (sealed == null) {
            return target;
        }
        String arn = new FunctionRef(target.account(), target.region(), target.name(), null).arn();
        try {
            return target.with(
                    open(sealed, target.keyArn(), arn, via(role.principal(), target.account(), target.region())));
        } catch (Fault refused) {
            throw denied(refused);
        }
    }

    private Map<String, String> open(String sealed, String keyArn, String functionArn, Call call) {
        byte[] plain = kms.decrypt(
                        new DecryptRequest()
                                .keyId(keyArn)
                                .ciphertextBlob(Base64.getDecoder().decode(sealed))
                                .encryptionContext(Map.of(CONTEXT, functionArn)),
                        call)
                .plaintext();
        Map<String, String> variables = new LinkedHashMap<>();
        dev.haneul.delivery.Json.object(new String(plain == null ? new byte[0] : plain, StandardCharsets.UTF_8))
                .ifPresent(all -> all.forEach((name, value) -> variables.put(name, String.valueOf(value))));
        return variables;
    }

    private Call via(Principal principal, String account, String region) {
        return new Call(
                principal,
                account,
                region,
                UUID.randomUUID().toString(),
                clock.instant().plus(CALL_LIMIT),
                Call.Origin.inside("lambda.amazonaws.com"));
    }

    private static Fault denied(Fault refused) {
        String prefix = "Lambda was unable to decrypt the environment variables because ";
        String cause = " Please check the function's KMS key settings. KMS Exception: " + refused.code()
                + " KMS Message: " + refused.message();
        return switch (refused.code()) {
            case "DisabledException" ->
                Fault.of(new KMSDisabledException().type("User"), prefix + "the KMS key used is disabled." + cause);
            case "NotFoundException" ->
                Fault.of(new KMSNotFoundException().type("User"), prefix + "the KMS key was not found." + cause);
            case "KMSInvalidStateException" ->
                Fault.of(
                        new KMSInvalidStateException().type("User"),
                        prefix + "the KMS key is in an invalid state for Decrypt." + cause);
            default -> {
                if (refused.status() >= 500) {
                    yield refused;
                }
                yield Fault.of(new KMSAccessDeniedException().type("User"), prefix + "KMS access was denied." + cause);
            }
        };
    }
}
