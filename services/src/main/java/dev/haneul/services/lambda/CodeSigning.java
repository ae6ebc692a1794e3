package dev.haneul.services.lambda;

import dev.haneul.api.lambda.CodeSigningConfig;
import dev.haneul.api.lambda.CodeSigningConfigNotFoundException;
import dev.haneul.api.lambda.CodeSigningPolicies;
import dev.haneul.api.lambda.CodeVerificationFailedException;
import dev.haneul.api.lambda.CreateCodeSigningConfigRequest;
import dev.haneul.api.lambda.CreateCodeSigningConfigResponse;
import dev.haneul.api.lambda.DeleteCodeSigningConfigRequest;
import dev.haneul.api.lambda.DeleteFunctionCodeSigningConfigRequest;
import dev.haneul.api.lambda.GetCodeSigningConfigRequest;
import dev.haneul.api.lambda.GetCodeSigningConfigResponse;
import dev.haneul.api.lambda.GetFunctionCodeSigningConfigRequest;
import dev.haneul.api.lambda.GetFunctionCodeSigningConfigResponse;
import dev.haneul.api.lambda.ListCodeSigningConfigsRequest;
import dev.haneul.api.lambda.ListCodeSigningConfigsResponse;
import dev.haneul.api.lambda.ListFunctionsByCodeSigningConfigRequest;
import dev.haneul.api.lambda.ListFunctionsByCodeSigningConfigResponse;
import dev.haneul.api.lambda.PutFunctionCodeSigningConfigRequest;
import dev.haneul.api.lambda.PutFunctionCodeSigningConfigResponse;
import dev.haneul.api.lambda.UpdateCodeSigningConfigRequest;
import dev.haneul.api.lambda.UpdateCodeSigningConfigResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.LambdaTables.FunctionSettings;
import dev.haneul.services.lambda.LambdaTables.SigningConfig;
import java.security.SecureRandom;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Code signing configurations, and which function has which. There is no AWS Signer here, so no package is signed: a
 * function whose configuration says {@code Enforce} takes no package at all, one that says {@code Warn} takes every one.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/configuration-codesigning.html">Using code signing to verify
 *     code integrity with Lambda</a>
 */
final class CodeSigning {
    private static final int PAGE = 50;
    private static final String WARN = "Warn";
    private static final String ENFORCE = "Enforce";
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

    private final Store store;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    CodeSigning(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    CreateCodeSigningConfigResponse create(CreateCodeSigningConfigRequest in, Call call) {
        Tags.check(in.tags());
        requirePublishers(in.allowedPublishers().signingProfileVersionArns());
        StringBuilder id = new StringBuilder("csc-");
        for (int i = 0; i < 17; i++) {
            id.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        CodeSigningConfig made = new CodeSigningConfig()
                .codeSigningConfigId(id.toString())
                .codeSigningConfigArn(
                        "arn:aws:lambda:" + call.region() + ":" + call.account() + ":code-signing-config:" + id)
                .description(in.description())
                .allowedPublishers(in.allowedPublishers())
                .codeSigningPolicies(
                        new CodeSigningPolicies().untrustedArtifactOnDeployment(policy(in.codeSigningPolicies())))
                .lastModified(now());
        Key key = new Scope(call.account(), call.region()).key(id.toString());
        store.write(tx -> tx.put(LambdaTables.SIGNING_CONFIGS, key, new SigningConfig(made, in.tags())));
        return new CreateCodeSigningConfigResponse().codeSigningConfig(made);
    }

    UpdateCodeSigningConfigResponse update(UpdateCodeSigningConfigRequest in, Call call) {
        if (in.allowedPublishers() != null) {
            requirePublishers(in.allowedPublishers().signingProfileVersionArns());
        }
        Key key = key(in.codeSigningConfigArn(), call);
        return store.transact(tx -> {
            SigningConfig before = find(tx, key, in.codeSigningConfigArn());
            CodeSigningConfig old = before.configuration();
            CodeSigningConfig made = new CodeSigningConfig()
                    .codeSigningConfigId(old.codeSigningConfigId())
                    .codeSigningConfigArn(old.codeSigningConfigArn())
                    .description(in.description() == null ? old.description() : in.description())
                    .allowedPublishers(
                            in.allowedPublishers() == null ? old.allowedPublishers() : in.allowedPublishers())
                    .codeSigningPolicies(
                            in.codeSigningPolicies() == null ? old.codeSigningPolicies() : in.codeSigningPolicies())
                    .lastModified(now());
            tx.put(LambdaTables.SIGNING_CONFIGS, key, new SigningConfig(made, before.tags()));
            return new UpdateCodeSigningConfigResponse().codeSigningConfig(made);
        });
    }

    GetCodeSigningConfigResponse get(GetCodeSigningConfigRequest in, Call call) {
        Key key = key(in.codeSigningConfigArn(), call);
        return new GetCodeSigningConfigResponse()
                .codeSigningConfig(store.read(tx -> find(tx, key, in.codeSigningConfigArn()))
                        .configuration());
    }

    void delete(DeleteCodeSigningConfigRequest in, Call call) {
        String arn = in.codeSigningConfigArn();
        Key key = key(arn, call);
        store.write(tx -> {
            find(tx, key, arn);
            if (!tx.find(LambdaTables.SETTINGS, key.scope(), LambdaTables.SIGNING_INDEX, arn, "", 1)
                    .isEmpty()) {
                throw Problems.conflict("Cannot delete the code signing config because functions are using it: " + arn);
            }
            tx.delete(LambdaTables.SIGNING_CONFIGS, key);
        });
    }

    ListCodeSigningConfigsResponse list(ListCodeSigningConfigsRequest in, Call call) {
        int limit = Math.min(Functions.or(in.maxItems(), PAGE), PAGE);
        String from = in.marker() == null ? "" : in.marker() + "\0";
        Scope scope = new Scope(call.account(), call.region());
        List<Row<SigningConfig>> rows =
                store.read(tx -> tx.range(LambdaTables.SIGNING_CONFIGS, scope, from, null, limit + 1));
        List<Row<SigningConfig>> page = rows.subList(0, Math.min(limit, rows.size()));
        return new ListCodeSigningConfigsResponse()
                .codeSigningConfigs(
                        page.stream().map(row -> row.value().configuration()).toList())
                .nextMarker(rows.size() > limit ? page.getLast().key().id() : null);
    }

    ListFunctionsByCodeSigningConfigResponse functions(ListFunctionsByCodeSigningConfigRequest in, Call call) {
        String arn = in.codeSigningConfigArn();
        Key key = key(arn, call);
        int limit = Math.min(Functions.or(in.maxItems(), PAGE), PAGE);
        String from = in.marker() == null ? "" : in.marker() + "\0";
        return store.read(tx -> {
            find(tx, key, arn);
            List<Row<FunctionSettings>> rows =
                    tx.find(LambdaTables.SETTINGS, key.scope(), LambdaTables.SIGNING_INDEX, arn, from, limit + 1);
            List<Row<FunctionSettings>> page = rows.subList(0, Math.min(limit, rows.size()));
            return new ListFunctionsByCodeSigningConfigResponse()
                    .functionArns(page.stream()
                            .map(row -> new FunctionRef(
                                            key.account(),
                                            key.region(),
                                            row.key().id(),
                                            null)
                                    .arn())
                            .toList())
                    .nextMarker(rows.size() > limit ? page.getLast().key().id() : null);
        });
    }

    PutFunctionCodeSigningConfigResponse put(PutFunctionCodeSigningConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        String arn = in.codeSigningConfigArn();
        store.write(tx -> {
            if ("Image".equals(Functions.get(tx, ref).latest().packageType())) {
                throw Problems.invalid("Code signing is not supported for functions created with container images.");
            }
            find(tx, key(arn, call), arn);
            tx.put(LambdaTables.SETTINGS, ref.key(), Settings.of(tx, ref).withSigning(arn));
        });
        return new PutFunctionCodeSigningConfigResponse()
                .functionName(ref.name())
                .codeSigningConfigArn(arn);
    }

    GetFunctionCodeSigningConfigResponse get(GetFunctionCodeSigningConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        FunctionSettings settings = store.read(tx -> {
            Functions.get(tx, ref);
            return Settings.of(tx, ref);
        });
        return new GetFunctionCodeSigningConfigResponse()
                .functionName(ref.name())
                .codeSigningConfigArn(settings.signing());
    }

    void delete(DeleteFunctionCodeSigningConfigRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call).with(null);
        store.write(tx -> {
            Functions.get(tx, ref);
            tx.put(LambdaTables.SETTINGS, ref.key(), Settings.of(tx, ref).withSigning(null));
        });
    }

    /**
     * Refuses an unsigned package, as all are, where a configuration is enforced.
     *
     * @param arn of the configuration; null for none
     */
    void requireSigned(ReadTx tx, @Nullable String arn, String function, Call call) {
        if (arn == null || arn.isEmpty()) {
            return;
        }
        CodeSigningPolicies policies =
                find(tx, key(arn, call), arn).configuration().codeSigningPolicies();
        if (policies != null && ENFORCE.equals(policies.untrustedArtifactOnDeployment())) {
            throw Fault.of(
                    new CodeVerificationFailedException().type("User"),
                    "Lambda cannot deploy the function. The function or layer might be signed using a signature that the"
                            + " client is not configured to accept. Check the provided signature for " + function
                            + ".");
        }
    }

    /** The same for a function that is there. */
    void requireSigned(FunctionRef ref, Call call) {
        store.read(tx -> {
            requireSigned(tx, Settings.of(tx, ref).signing(), ref.name(), call);
            return true;
        });
    }

    static Key key(String arn, Call call) {
        return new Key(call.account(), call.region(), arn.substring(arn.lastIndexOf(':') + 1));
    }

    static SigningConfig find(ReadTx tx, Key key, String arn) {
        return tx.get(LambdaTables.SIGNING_CONFIGS, key)
                .map(Row::value)
                .filter(one -> arn.equals(one.configuration().codeSigningConfigArn()))
                .orElseThrow(() -> Fault.of(
                        new CodeSigningConfigNotFoundException().type("User"),
                        "The code signing configuration cannot be found. Check that the provided configuration is not"
                                + " deleted: " + arn + "."));
    }

    private static void requirePublishers(List<String> arns) {
        if (arns.isEmpty() || arns.size() > 20) {
            throw Problems.validation("Value '" + arns
                    + "' at 'allowedPublishers.signingProfileVersionArns' failed to satisfy constraint: Member must have"
                    + " length between 1 and 20");
        }
    }

    private static String policy(@Nullable CodeSigningPolicies policies) {
        String wanted = policies == null ? null : policies.untrustedArtifactOnDeployment();
        if (wanted == null) {
            return WARN;
        }
        if (!wanted.equals(WARN) && !wanted.equals(ENFORCE)) {
            throw Problems.validation("Value '" + wanted
                    + "' at 'codeSigningPolicies.untrustedArtifactOnDeployment' failed to satisfy constraint: Member must"
                    + " satisfy enum value set: [Warn, Enforce]");
        }
        return wanted;
    }

    private String now() {
        return Functions.lastModified(clock.instant().truncatedTo(ChronoUnit.MILLIS));
    }
}
