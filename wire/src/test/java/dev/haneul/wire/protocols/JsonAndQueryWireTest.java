package dev.haneul.wire.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.api.account.AccessDeniedException;
import dev.haneul.api.account.AccountModel;
import dev.haneul.api.iam.CreateRoleRequest;
import dev.haneul.api.iam.IamModel;
import dev.haneul.api.iam.NoSuchEntityException;
import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.lambda.LambdaModel;
import dev.haneul.api.lambda.ResourceNotFoundException;
import dev.haneul.api.logs.FilterLogEventsRequest;
import dev.haneul.api.logs.FilterLogEventsResponse;
import dev.haneul.api.logs.FilteredLogEvent;
import dev.haneul.api.logs.LogsModel;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.sts.AssumeRoleResponse;
import dev.haneul.api.sts.Credentials;
import dev.haneul.api.sts.GetCallerIdentityResponse;
import dev.haneul.api.sts.StsModel;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Requests and answers of Lambda, Logs, IAM and STS as their API references show them. */
class JsonAndQueryWireTest {
    private static final ProtocolCodec LAMBDA = ProtocolCodecs.of(Protocol.REST_JSON_1);
    private static final ProtocolCodec LOGS = ProtocolCodecs.of(Protocol.AWS_JSON_1_1);
    private static final ProtocolCodec QUERY = ProtocolCodecs.of(Protocol.AWS_QUERY);

    private static OperationShape operation(ServiceShape service, String name) {
        OperationShape found = service.operation(name);
        assertThat(found).isNotNull();
        return found;
    }

    private static WireRequest post(String path, String contentType, String body) {
        return new WireRequest(
                "POST",
                path,
                QueryString.EMPTY,
                new Headers().add("Content-Type", contentType),
                Body.of(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static String text(WireResponse response) {
        return new String(((WireResponse.Bytes) response.payload()).content(), StandardCharsets.UTF_8);
    }

    @Test
    void anErrorThatHasItsTypeAsAMemberTooNamesItOnce() {
        Fault fault = Fault.of(new AccessDeniedException().errorType("other"), "no");
        WireResponse answer = LAMBDA.encodeFault(
                operation(AccountModel.SHAPE, "GetAlternateContact"), AccountModel.SHAPE, fault, "r");
        assertThat(answer.headers().all("x-amzn-ErrorType")).containsExactly("AccessDeniedException");
    }

    @Test
    void anErrorWhoseModelHasNoMessageTellsItAllTheSame() {
        Fault fault = Fault.of(
                new dev.haneul.api.logs.ResourceNotFoundException(), "The specified log group does not exist.");
        WireResponse answer = LOGS.encodeFault(operation(LogsModel.SHAPE, "GetLogEvents"), LogsModel.SHAPE, fault, "r");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(text(answer)).contains("\"message\":\"The specified log group does not exist.\"");
    }

    @Test
    void aFunctionIsCreatedFromItsZip() {
        CreateFunctionRequest in = (CreateFunctionRequest) LAMBDA.decode(
                operation(LambdaModel.SHAPE, "CreateFunction"), post("/2015-03-31/functions", "application/json", """
                        {"FunctionName":"f","Runtime":"python3.13","Timeout":3,"Handler":"a.b","Unknown":{"x":[1]},
                         "Code":{"ZipFile":"UEsDBA=="},"Role":"arn:aws:iam::000000000000:role/r",
                         "Environment":{"Variables":{"A":"b"}},"Description":null,"Timeout":5}"""));
        assertThat(in.functionName()).isEqualTo("f");
        assertThat(in.timeout()).as("of a repeated member the last counts").isEqualTo(5);
        assertThat(in.code().zipFile()).containsExactly('P', 'K', 3, 4);
        assertThat(in.environment().variables()).containsEntry("A", "b");
        assertThat(in.description()).isNull();
    }

    @Test
    void aPayloadOfAnyTypeIsAnInvocation() {
        for (String type : List.of("application/json", "application/octet-stream", "text/plain")) {
            InvocationRequest in = (InvocationRequest) LAMBDA.decode(
                    operation(LambdaModel.SHAPE, "Invoke"),
                    post("/2015-03-31/functions/f%3A1/invocations", type, "{\"a\":1}"));
            assertThat(in.functionName()).isEqualTo("f:1");
            assertThat(new String(in.payload(), StandardCharsets.UTF_8)).isEqualTo("{\"a\":1}");
        }
    }

    @Test
    void anInvocationsResultIsTheBody() {
        InvocationResponse out = new InvocationResponse()
                .statusCode(202)
                .functionError("Unhandled")
                .payload("{}".getBytes(StandardCharsets.UTF_8));
        WireResponse response = LAMBDA.encode(operation(LambdaModel.SHAPE, "Invoke"), out, "id");
        assertThat(response.status()).isEqualTo(202);
        assertThat(response.headers().first("X-Amz-Function-Error")).isEqualTo("Unhandled");
        assertThat(response.headers().first("x-amzn-RequestId")).isEqualTo("id");
        assertThat(text(response)).isEqualTo("{}");
    }

    @Test
    void lambdasErrorsCarryCodeInHeaderAndModelledMembersInBody() {
        Fault fault = Fault.of(new ResourceNotFoundException().type("User"), "Function not found: f");
        WireResponse response =
                LAMBDA.encodeFault(operation(LambdaModel.SHAPE, "GetFunction"), LambdaModel.SHAPE, fault, "id");
        assertThat(response.status()).isEqualTo(404);
        assertThat(response.headers().first("x-amzn-errortype")).isEqualTo("ResourceNotFoundException");
        assertThat(text(response)).isEqualTo("{\"Type\":\"User\",\"Message\":\"Function not found: f\"}");
    }

    @Test
    void anAnswerOf204HasNoBody() {
        OperationShape operation = operation(LambdaModel.SHAPE, "DeleteFunctionConcurrency");
        WireResponse response = LAMBDA.encode(operation, operation.outputShape().create(), "id");
        assertThat(response.status()).isEqualTo(204);
        assertThat(text(response)).isEmpty();
    }

    @Test
    void wrongTypesAreSerializationExceptionsInCoralsWords() {
        OperationShape operation = operation(LogsModel.SHAPE, "FilterLogEvents");
        assertThat(refusal(LOGS, operation, "{\"limit\":\"10\"}").message())
                .isEqualTo("STRING_VALUE cannot be converted to Integer");
        assertThat(refusal(LOGS, operation, "{\"logGroupName\":1}").message())
                .isEqualTo("NUMBER_VALUE cannot be converted to String");
        assertThat(refusal(LOGS, operation, "{\"logStreamNames\":\"a\"}").message())
                .isEqualTo("Expected list or null");
        assertThat(refusal(LOGS, operation, "{\"logGroupName\":{}}").message())
                .isEqualTo("Start of structure or map found where not expected.");
        assertThat(refusal(LOGS, operation, "{\"limit\":1").code()).isEqualTo("SerializationException");
    }

    @Test
    void logEventsAreFilteredAndTold() {
        OperationShape operation = operation(LogsModel.SHAPE, "FilterLogEvents");
        FilterLogEventsRequest in = (FilterLogEventsRequest) LOGS.decode(
                operation,
                post(
                        "/",
                        "application/x-amz-json-1.1",
                        "{\"logGroupName\":\"g\",\"startTime\":1700000000000,\"logStreamNames\":[\"a\",\"b\"]}"));
        assertThat(in.startTime()).isEqualTo(1_700_000_000_000L);
        assertThat(in.logStreamNames()).containsExactly("a", "b");
        FilterLogEventsResponse out = new FilterLogEventsResponse()
                .events(List.of(new FilteredLogEvent().message("hi\n\"x\"").timestamp(1L)));
        WireResponse response = LOGS.encode(operation, out, "id");
        assertThat(response.headers().first("Content-Type")).isEqualTo("application/x-amz-json-1.1");
        assertThat(text(response)).isEqualTo("{\"events\":[{\"timestamp\":1,\"message\":\"hi\\n\\\"x\\\"\"}]}");
    }

    @Test
    void notImplementedIsToldInJson() {
        Fault fault = Faults.notImplemented("logs", "StartQuery");
        WireResponse response =
                LOGS.encodeFault(operation(LogsModel.SHAPE, "StartQuery"), LogsModel.SHAPE, fault, "id");
        assertThat(response.status()).isEqualTo(501);
        assertThat(text(response)).startsWith("{\"__type\":\"NotImplemented\",\"message\":\"logs:StartQuery");
    }

    @Test
    void aRoleIsCreatedFromAForm() {
        CreateRoleRequest in = (CreateRoleRequest)
                QUERY.decode(
                        operation(IamModel.SHAPE, "CreateRole"),
                        post(
                                "/",
                                "application/x-www-form-urlencoded",
                                "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=%7B+%7D"
                                        + "&Tags.member.2.Key=b&Tags.member.2.Value=2&Tags.member.1.Key=a&Tags.member.1.Value=1"));
        assertThat(in.roleName()).isEqualTo("r");
        assertThat(in.assumeRolePolicyDocument()).isEqualTo("{ }");
        assertThat(in.tags()).extracting(tag -> tag.key() + tag.value()).containsExactly("a1", "b2");
    }

    @Test
    void queryAnswersAreWrappedInTheServicesNamespace() {
        GetCallerIdentityResponse out = new GetCallerIdentityResponse()
                .account("000000000000")
                .arn("arn:aws:iam::000000000000:root")
                .userId("000000000000");
        assertThat(text(QUERY.encode(operation(StsModel.SHAPE, "GetCallerIdentity"), out, "id")))
                .endsWith("<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
                        + "<GetCallerIdentityResult><UserId>000000000000</UserId><Account>000000000000</Account>"
                        + "<Arn>arn:aws:iam::000000000000:root</Arn></GetCallerIdentityResult>"
                        + "<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetCallerIdentityResponse>");
    }

    @Test
    void queryTimesAreWrittenInUtcSeconds() {
        AssumeRoleResponse out = new AssumeRoleResponse()
                .credentials(new Credentials().expiration(Instant.parse("2026-01-02T03:04:05Z")));
        assertThat(text(QUERY.encode(operation(StsModel.SHAPE, "AssumeRole"), out, "id")))
                .contains("<Expiration>2026-01-02T03:04:05Z</Expiration>");
    }

    @Test
    void queryErrorsTellWhoIsToBlame() {
        Fault fault = Fault.of(new NoSuchEntityException(), "The role with name r cannot be found.");
        WireResponse response = QUERY.encodeFault(operation(IamModel.SHAPE, "GetRole"), IamModel.SHAPE, fault, "id");
        assertThat(response.status()).isEqualTo(404);
        assertThat(response.headers().first("Content-Type")).isEqualTo("text/xml");
        assertThat(text(response))
                .endsWith("<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error>"
                        + "<Type>Sender</Type><Code>NoSuchEntity</Code>"
                        + "<Message>The role with name r cannot be found.</Message></Error>"
                        + "<RequestId>id</RequestId></ErrorResponse>");
    }

    @Test
    void listsInFormsNeedNumbers() {
        Fault fault = catchThrowableOfType(
                Fault.class,
                () -> QUERY.decode(
                        operation(IamModel.SHAPE, "CreateRole"),
                        post("/", "application/x-www-form-urlencoded", "Action=CreateRole&Tags.member.x.Key=a")));
        assertThat(fault.code()).isEqualTo("MalformedInput");
    }

    private static Fault refusal(ProtocolCodec codec, OperationShape operation, String body) {
        return catchThrowableOfType(
                Fault.class, () -> codec.decode(operation, post("/", "application/x-amz-json-1.1", body)));
    }
}
