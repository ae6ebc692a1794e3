package dev.haneul.trials.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Zips;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.CreateFunctionRequest;
import software.amazon.awssdk.services.lambda.model.InvalidParameterValueException;
import software.amazon.awssdk.services.lambda.model.InvalidRequestContentException;
import software.amazon.awssdk.services.lambda.model.InvocationType;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.LambdaException;
import software.amazon.awssdk.services.lambda.model.LogType;
import software.amazon.awssdk.services.lambda.model.PreconditionFailedException;
import software.amazon.awssdk.services.lambda.model.ResourceConflictException;
import software.amazon.awssdk.services.lambda.model.ResourceNotFoundException;
import software.amazon.awssdk.services.lambda.model.ThrottleReason;
import software.amazon.awssdk.services.lambda.model.TooManyRequestsException;

@ExtendWith(SharedRegion.class)
class LambdaClientTest {
    private static final int LOG_MILLIS = 1_000;
    private static final String TRUST = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
            "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
    private static final String BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    private static final String ECHO = "def handler(event, context):\n    print('event', event)\n    return event\n";

    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final Clients root;
    private final LambdaClient lambda;
    private String role = "";

    LambdaClientTest(URI endpoint) {
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

    @Test
    void aFunctionIsMadeInvokedAndFetched() throws Exception {
        SdkBytes zip = Zips.of("app.py", ECHO);
        create("echo", ECHO, request -> request.code(source -> source.zipFile(zip)));
        assertThat(lambda.waiter()
                        .waitUntilFunctionActiveV2(request -> request.functionName("echo"))
                        .matched()
                        .response())
                .isPresent();
        InvokeResponse answer = invoke("echo", "{\"a\":\"하늘\"}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.functionError()).isNull();
        assertThat(answer.executedVersion()).isEqualTo("$LATEST");
        assertThat(answer.payload().asUtf8String()).isEqualTo("{\"a\": \"\\ud558\\ub298\"}");
        String tail = new String(Base64.getDecoder().decode(answer.logResult()), StandardCharsets.UTF_8);
        assertThat(tail)
                .startsWith("START RequestId: " + answer.responseMetadata().requestId() + " Version: $LATEST\n")
                .contains("Init Duration");

        String location = lambda.getFunction(request -> request.functionName("echo"))
                .code()
                .location();
        HttpResponse<byte[]> fetched = get(location);
        assertThat(fetched.statusCode()).isEqualTo(200);
        assertThat(fetched.body()).isEqualTo(zip.asByteArray());
        assertThat(get(location.replace("signature=", "signature=0")).statusCode())
                .isGreaterThanOrEqualTo(400);
    }

    @Test
    void theOtherKindsOfInvocation() {
        create("echo", ECHO);
        assertThat(invoke("echo", "{}", InvocationType.EVENT).statusCode()).isEqualTo(202);
        assertThat(invoke("echo", "{}", InvocationType.DRY_RUN).statusCode()).isEqualTo(204);
    }

    @Test
    void aHandlersErrorIsAnAnswer() {
        create("fails", "def handler(event, context):\n    raise KeyError('x')\n");
        InvokeResponse answer = invoke("fails", "{}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.functionError()).isEqualTo("Unhandled");
        assertThat(answer.payload().asUtf8String()).contains("\"errorType\": \"KeyError\"");
    }

    @Test
    void faultsComeAsTheSdksOwnExceptions() {
        create("echo", ECHO);
        refused(() -> create("echo", ECHO), ResourceConflictException.class, 409);
        refused(() -> invoke("absent", "{}"), ResourceNotFoundException.class, 404);
        refused(() -> invoke("echo", "{no"), InvalidRequestContentException.class, 400);
        refused(
                () -> create("other", ECHO, request -> request.role(role + "-none")),
                InvalidParameterValueException.class,
                400);
        refused(
                () -> create("other", ECHO, request -> request.runtime("cobol85")),
                InvalidParameterValueException.class,
                400);
        refused(
                () -> lambda.updateFunctionConfiguration(
                        request -> request.functionName("echo").revisionId("no").timeout(9)),
                PreconditionFailedException.class,
                412);
        assertThatThrownBy(() -> lambda.invoke(request -> request.functionName("echo")
                        .payload(SdkBytes.fromUtf8String("\"" + "x".repeat(6 << 20) + "\""))))
                .isInstanceOfSatisfying(LambdaException.class, fault -> {
                    assertThat(fault.statusCode()).isEqualTo(413);
                    assertThat(fault.awsErrorDetails().errorCode()).isEqualTo("RequestEntityTooLargeException");
                });
    }

    @Test
    void throttlingTellsItsReason() {
        create("echo", ECHO);
        lambda.putFunctionConcurrency(request -> request.functionName("echo").reservedConcurrentExecutions(0));
        assertThatThrownBy(() -> invoke("echo", "{}"))
                .isInstanceOfSatisfying(
                        TooManyRequestsException.class,
                        fault -> assertThat(fault.reason())
                                .isEqualTo(ThrottleReason.RESERVED_FUNCTION_CONCURRENT_INVOCATION_LIMIT_EXCEEDED));
        lambda.deleteFunctionConcurrency(request -> request.functionName("echo"));
        assertThat(invoke("echo", "{}").functionError()).isNull();
    }

    @Test
    void logsNeedThePermissionThatAwssNeeds() throws Exception {
        create("echo", ECHO);
        invoke("echo", "1");
        // Its log is brought a moment after the answer, with the permissions of then.
        Thread.sleep(LOG_MILLIS);
        root.iam().attachRolePolicy(request -> request.roleName("runner").policyArn(BASIC));
        create("logging", ECHO);
        invoke("logging", "2");
        List<String> messages = List.of();
        for (int i = 0; i < 100 && messages.isEmpty(); i++) {
            messages = messages("/aws/lambda/logging");
            Thread.sleep(50);
        }
        assertThat(messages).anyMatch(message -> message.equals("event 2\n"));
        assertThat(messages("/aws/lambda/echo")).isEmpty();
    }

    @Test
    void anotherAccountMayInvokeOnceThePolicySaysSo() throws Exception {
        String arn = create("shared", ECHO);
        String stranger = Accounts.fresh();
        try (Clients theirs = new Clients(endpoint, stranger, "test")) {
            LambdaClient client = theirs.lambda();
            refused(() -> client.invoke(request -> request.functionName(arn)), LambdaException.class, 403);
            lambda.addPermission(request -> request.functionName("shared")
                    .statementId("stranger")
                    .principal(stranger)
                    .action("lambda:InvokeFunction"));
            assertThat(client.invoke(request -> request.functionName(arn)).statusCode())
                    .isEqualTo(200);
            lambda.removePermission(request -> request.functionName("shared").statementId("stranger"));
            refused(() -> client.invoke(request -> request.functionName(arn)), LambdaException.class, 403);
        }
    }

    private List<String> messages(String group) {
        return root.logs().describeLogGroups().logGroups().stream()
                .filter(one -> one.logGroupName().equals(group))
                .flatMap(one -> root.logs().filterLogEvents(request -> request.logGroupName(group)).events().stream())
                .map(event -> event.message())
                .toList();
    }

    private String create(String name, String code) {
        return create(name, code, request -> {});
    }

    private String create(String name, String code, Consumer<CreateFunctionRequest.Builder> change) {
        CreateFunctionRequest.Builder request = CreateFunctionRequest.builder()
                .functionName(name)
                .runtime(HostRuntimes.python())
                .handler("app.handler")
                .role(role)
                .code(source -> source.zipFile(Zips.of("app.py", code)));
        change.accept(request);
        return lambda.createFunction(request.build()).functionArn();
    }

    private InvokeResponse invoke(String name, String payload) {
        return invoke(name, payload, InvocationType.REQUEST_RESPONSE);
    }

    private InvokeResponse invoke(String name, String payload, InvocationType type) {
        return lambda.invoke(request -> request.functionName(name)
                .invocationType(type)
                .logType(LogType.TAIL)
                .payload(SdkBytes.fromUtf8String(payload)));
    }

    private static HttpResponse<byte[]> get(String url) throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    private static void refused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call,
            Class<? extends LambdaException> type,
            int status) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        type, fault -> assertThat(fault.statusCode()).isEqualTo(status));
    }
}
