package dev.haneul.trials.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Zips;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.net.URI;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.CodeSigningConfig;
import software.amazon.awssdk.services.lambda.model.CodeSigningConfigNotFoundException;
import software.amazon.awssdk.services.lambda.model.CodeVerificationFailedException;
import software.amazon.awssdk.services.lambda.model.CreateFunctionRequest;
import software.amazon.awssdk.services.lambda.model.GetFunctionConfigurationResponse;
import software.amazon.awssdk.services.lambda.model.InvalidParameterValueException;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.KmsAccessDeniedException;
import software.amazon.awssdk.services.lambda.model.KmsDisabledException;
import software.amazon.awssdk.services.lambda.model.RecursiveInvocationException;
import software.amazon.awssdk.services.lambda.model.ResourceConflictException;
import software.amazon.awssdk.services.lambda.model.UpdateRuntimeOn;

/** What stands beside a function's configuration, through the stock SDK. */
@ExtendWith(SharedRegion.class)
class FunctionSettingsTest {
    private static final String TRUST = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
            "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
    private static final String PROFILE = "arn:aws:signer:us-east-1:%s:/signing-profiles/mine/abcdefghij";
    private static final String TELLS = """
            import os
            def handler(event, context):
                return [os.environ.get('SECRET'), os.environ.get('_X_AMZN_TRACE_ID'), context.tenant_id, os.getpid()]
            """;

    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final Clients root;
    private final LambdaClient lambda;
    private String role = "";

    FunctionSettingsTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.lambda = root.lambda();
    }

    @BeforeEach
    void makeARole() {
        role = root.iam()
                .createRole(request -> request.roleName("runner").assumeRolePolicyDocument(TRUST))
                .role()
                .arn();
    }

    @AfterEach
    void close() throws Exception {
        lambda.listFunctions()
                .functions()
                .forEach(function -> lambda.deleteFunction(request -> request.functionName(function.functionName())));
        root.close();
    }

    private void create(String name, Consumer<CreateFunctionRequest.Builder> more) {
        SdkBytes zip = Zips.of("app.py", TELLS);
        lambda.createFunction(request -> {
            request.functionName(name)
                    .runtime(HostRuntimes.python())
                    .handler("app.handler")
                    .role(role)
                    .timeout(20)
                    .code(source -> source.zipFile(zip));
            more.accept(request);
        });
    }

    private String invoke(String name, String header) {
        InvokeResponse answer =
                lambda.invoke(request -> request.functionName(name).overrideConfiguration(more -> {
                    if (!header.isEmpty()) {
                        more.putHeader("X-Amzn-Trace-Id", header);
                    }
                }));
        return answer.payload().asUtf8String();
    }

    @Test
    void unsignedPackagesAreRefusedWhereSignaturesAreEnforced() {
        String profile = PROFILE.formatted(account);
        CodeSigningConfig config = lambda.createCodeSigningConfig(request -> request.description("d")
                        .allowedPublishers(allowed -> allowed.signingProfileVersionArns(profile))
                        .tags(Map.of("a", "b")))
                .codeSigningConfig();
        String arn = config.codeSigningConfigArn();
        assertThat(config.codeSigningPolicies().untrustedArtifactOnDeploymentAsString())
                .isEqualTo("Warn");
        create("warned", request -> request.codeSigningConfigArn(arn));
        assertThat(lambda.getFunctionCodeSigningConfig(request -> request.functionName("warned"))
                        .codeSigningConfigArn())
                .isEqualTo(arn);
        assertThat(lambda.listFunctionsByCodeSigningConfig(request -> request.codeSigningConfigArn(arn))
                        .functionArns())
                .singleElement()
                .asString()
                .endsWith(":function:warned");
        assertThat(lambda.listTags(request -> request.resource(arn)).tags()).isEqualTo(Map.of("a", "b"));
        assertThatThrownBy(() -> lambda.deleteCodeSigningConfig(request -> request.codeSigningConfigArn(arn)))
                .isInstanceOf(ResourceConflictException.class);
        lambda.updateCodeSigningConfig(request -> request.codeSigningConfigArn(arn)
                .codeSigningPolicies(policies -> policies.untrustedArtifactOnDeployment("Enforce")));
        assertThatThrownBy(() -> lambda.updateFunctionCode(
                        request -> request.functionName("warned").zipFile(Zips.of("app.py", "x=1"))))
                .isInstanceOf(CodeVerificationFailedException.class);
        assertThatThrownBy(() -> create("enforced", request -> request.codeSigningConfigArn(arn)))
                .isInstanceOf(CodeVerificationFailedException.class);
        lambda.deleteFunctionCodeSigningConfig(request -> request.functionName("warned"));
        lambda.updateFunctionCode(request -> request.functionName("warned").zipFile(Zips.of("app.py", TELLS)));
        lambda.deleteCodeSigningConfig(request -> request.codeSigningConfigArn(arn));
        assertThatThrownBy(() -> create("orphan", request -> request.codeSigningConfigArn(arn)))
                .isInstanceOf(CodeSigningConfigNotFoundException.class);
        assertThat(lambda.listCodeSigningConfigs(request -> {}).codeSigningConfigs())
                .isEmpty();
    }

    @Test
    void aLoopIsStoppedAfterSixteenCallsUnlessItIsAllowed() {
        create("looping", request -> {});
        String header = "";
        int calls = 0;
        RecursiveInvocationException stopped = null;
        while (stopped == null && calls < 40) {
            try {
                String answer = invoke("looping", header);
                header = answer.replaceAll("(?s).*\"(Root=[^\"]+)\".*", "$1");
                calls++;
            } catch (RecursiveInvocationException e) {
                stopped = e;
            }
        }
        assertThat(calls).isEqualTo(16);
        lambda.putFunctionRecursionConfig(
                request -> request.functionName("looping").recursiveLoop("Allow"));
        assertThat(lambda.getFunctionRecursionConfig(request -> request.functionName("looping"))
                        .recursiveLoopAsString())
                .isEqualTo("Allow");
        assertThat(invoke("looping", header)).contains("Lineage=");
    }

    @Test
    void runtimesAreManaged() {
        create("managed", request -> {});
        assertThat(lambda.getRuntimeManagementConfig(request -> request.functionName("managed"))
                        .updateRuntimeOn())
                .isEqualTo(UpdateRuntimeOn.AUTO);
        String version = lambda.getFunctionConfiguration(request -> request.functionName("managed"))
                .runtimeVersionConfig()
                .runtimeVersionArn();
        lambda.putRuntimeManagementConfig(request ->
                request.functionName("managed").updateRuntimeOn("Manual").runtimeVersionArn(version));
        assertThat(lambda.getRuntimeManagementConfig(request -> request.functionName("managed"))
                        .runtimeVersionArn())
                .isEqualTo(version);
        assertThatThrownBy(() -> lambda.putRuntimeManagementConfig(
                        request -> request.functionName("managed").updateRuntimeOn("Manual")))
                .isInstanceOf(InvalidParameterValueException.class);
    }

    @Test
    void variablesAreEncryptedAndTheKeyIsAsked() {
        KmsClient kms = root.kms();
        String key = kms.createKey().keyMetadata().arn();
        create("sealed", request -> request.kmsKeyArn(key).environment(vars -> vars.variables(Map.of("SECRET", "s1"))));
        GetFunctionConfigurationResponse shown =
                lambda.getFunctionConfiguration(request -> request.functionName("sealed"));
        assertThat(shown.kmsKeyArn()).isEqualTo(key);
        assertThat(shown.environment().variables()).isEqualTo(Map.of("SECRET", "s1"));
        assertThat(invoke("sealed", "")).contains("\"s1\"");
        lambda.updateFunctionConfiguration(
                request -> request.functionName("sealed").environment(vars -> vars.variables(Map.of("SECRET", "s2"))));
        assertThat(invoke("sealed", "")).contains("\"s2\"");
        lambda.publishVersion(request -> request.functionName("sealed"));

        root.iam().createUser(request -> request.userName("reader"));
        root.iam()
                .putUserPolicy(
                        request -> request.userName("reader").policyName("p").policyDocument("""
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:*","Resource":"*"}]}"""));
        var keys = root.iam()
                .createAccessKey(request -> request.userName("reader"))
                .accessKey();
        try (LambdaClient reader = new Clients(endpoint, keys.accessKeyId(), keys.secretAccessKey()).lambda()) {
            assertThat(reader.getFunctionConfiguration(request -> request.functionName("sealed"))
                            .environment()
                            .error()
                            .errorCode())
                    .isEqualTo("AccessDeniedException");
        }
        kms.disableKey(request -> request.keyId(key));
        assertThatThrownBy(() -> invoke("sealed:1", "")).isInstanceOf(KmsDisabledException.class);
        kms.enableKey(request -> request.keyId(key));
        assertThat(invoke("sealed:1", "")).contains("\"s2\"");
        kms.listGrants(request -> request.keyId(key))
                .grants()
                .forEach(grant -> kms.revokeGrant(request -> request.keyId(key).grantId(grant.grantId())));
        lambda.updateFunctionConfiguration(
                request -> request.functionName("sealed").timeout(21)); // a new state
        assertThatThrownBy(() -> invoke("sealed", "")).isInstanceOf(KmsAccessDeniedException.class);
        lambda.updateFunctionConfiguration(
                request -> request.functionName("sealed").kmsKeyArn(""));
        assertThat(invoke("sealed", "")).contains("\"s2\"");
    }

    @Test
    void tenantsNeverShareAnEnvironment() {
        create("shared", request -> request.tenancyConfig(tenancy -> tenancy.tenantIsolationMode("PER_TENANT")));
        assertThatThrownBy(() -> invoke("shared", "")).isInstanceOf(InvalidParameterValueException.class);
        String blue = tenant("blue");
        assertThat(blue).contains("\"blue\"");
        assertThat(tenant("red")).contains("\"red\"");
        create("plain", request -> {});
        assertThatThrownBy(() ->
                        lambda.invoke(request -> request.functionName("plain").tenantId("blue")))
                .isInstanceOf(InvalidParameterValueException.class);
    }

    private String tenant(String tenant) {
        return lambda.invoke(request -> request.functionName("shared").tenantId(tenant))
                .payload()
                .asUtf8String();
    }
}
