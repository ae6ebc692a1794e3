package dev.haneul.wire.router;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.iam.IamModel;
import dev.haneul.api.lambda.LambdaModel;
import dev.haneul.api.logs.LogsModel;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.s3.S3Model;
import dev.haneul.api.sts.StsModel;
import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.QueryString;
import dev.haneul.wire.sigv4.Scope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouterTest {
    private static final List<ServiceShape> SERVICES =
            List.of(S3Model.SHAPE, LambdaModel.SHAPE, LogsModel.SHAPE, IamModel.SHAPE, StsModel.SHAPE);
    private final Router router = new Router(SERVICES, new VirtualHosting("s3", "s3", "AmazonS3"));

    private static RoutingInput input(String host, String method, String target, String scope) {
        return input(host, method, target, scope, new Headers(), "");
    }

    private static RoutingInput input(
            String host, String method, String target, String scope, Headers headers, String form) {
        int question = target.indexOf('?');
        String path = question < 0 ? target : target.substring(0, question);
        QueryString query = QueryString.parse(question < 0 ? "" : target.substring(question + 1));
        Scope named = scope.isEmpty() ? null : new Scope("20260115", "eu-west-1", scope);
        return new RoutingInput(method, path, query, headers, host, named, () -> QueryString.parse(form));
    }

    private Route.Found found(RoutingInput in) throws IOException {
        assertThat(router.route(in)).isInstanceOf(Route.Found.class);
        return (Route.Found) router.route(in);
    }

    private Route.Refused refused(RoutingInput in) throws IOException {
        assertThat(router.route(in)).isInstanceOf(Route.Refused.class);
        return (Route.Refused) router.route(in);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "localhost | GET | / | s3 | s3:ListBuckets | /",
                "localhost | GET | / | '' | s3:ListBuckets | /",
                "localhost | PUT | /bucket | s3 | s3:CreateBucket | /bucket",
                "localhost | PUT | /bucket/a/b%2Fc?x-id=PutObject | s3 | s3:PutObject | /bucket/a/b%2Fc",
                "bucket.s3.localhost | GET | /?list-type=2 | s3 | s3:ListObjectsV2 | /bucket/",
                "bucket.s3.localhost | GET | /2015-03-31/functions/ | '' | s3:GetObject | /bucket/2015-03-31/functions/",
                "my.bucket.s3.amazonaws.com | PUT | //k | s3 | s3:PutObject | /my.bucket//k",
                "127.0.0.1 | POST | /b/k?uploads | s3 | s3:CreateMultipartUpload | /b/k",
                "localhost | GET | /2015-03-31/functions/ | lambda | lambda:ListFunctions | /2015-03-31/functions/",
                "lambda.us-east-1.localhost | GET | /2015-03-31/functions/f | '' | lambda:GetFunction "
                        + "| /2015-03-31/functions/f",
                "sts.amazonaws.com | GET | /?Action=GetCallerIdentity&Version=2011-06-15 | sts "
                        + "| sts:GetCallerIdentity | /",
                "localhost | GET | /?Action=AssumeRoleWithSAML&Version=2011-06-15 | '' | sts:AssumeRoleWithSAML | /",
                "localhost | GET | /?Action=ListUsers&Version=2010-05-08 | iam | iam:ListUsers | /",
                "localhost | GET | /000000000000/q?Action=ListUsers&Version=2010-05-08 | iam | iam:ListUsers "
                        + "| /000000000000/q",
                "localhost | GET | /b/k?Action=ListUsers&Version=2010-05-08 | s3 | s3:GetObject | /b/k",
                "localhost | GET | /b/k?Action=ListUsers&Version=2010-05-08 | '' | s3:GetObject | /b/k"
            })
    void requestsFindTheirOperation(
            String host, String method, String target, String scope, String operation, String path) throws IOException {
        Route.Found found = found(input(host, method, target, scope));
        assertThat(found.operation()).hasToString(operation);
        assertThat(found.path()).isEqualTo(path);
    }

    @Test
    void targetNamesTheOperationAndContentTypeTheVersion() throws IOException {
        Headers headers = new Headers()
                .add("X-Amz-Target", "Logs_20140328.DescribeLogGroups")
                .add("Content-Type", "application/x-amz-json-1.1");
        Route.Found found = found(input("localhost", "POST", "/", "logs", headers, ""));
        assertThat(found.operation()).hasToString("logs:DescribeLogGroups");
        assertThat(found.protocol()).isEqualTo(Protocol.AWS_JSON_1_1);
        // Unsigned, it is found all the same: refusing it is the signature check's business.
        assertThat(found(input("localhost", "POST", "/", "", headers, "")).operation())
                .hasToString("logs:DescribeLogGroups");
    }

    @Test
    void formsNameTheActionInTheirBody() throws IOException {
        String form = "Action=CreateUser&Version=2010-05-08&UserName=a";
        Route.Found found = found(input("localhost", "POST", "/", "iam", new Headers(), form));
        assertThat(found.operation()).hasToString("iam:CreateUser");
        assertThat(found.protocol()).isEqualTo(Protocol.AWS_QUERY);
    }

    @Test
    void regionIsTheScopesElseTheHostsElseTheDefault() throws IOException {
        assertThat(found(input("s3.us-west-2.localhost", "GET", "/", "s3")).region())
                .isEqualTo("eu-west-1");
        assertThat(found(input("s3.us-west-2.localhost", "GET", "/", "")).region())
                .isEqualTo("us-west-2");
        assertThat(found(input("localhost", "GET", "/", "")).region()).isEqualTo("us-east-1");
        assertThat(found(input("s3.us-west-2.localhost", "GET", "/", "s3")).hostRegion())
                .isEqualTo("us-west-2");
    }

    @Test
    void hostThatContradictsTheScopeWins() throws IOException {
        Route.Found found = found(input("s3.localhost", "GET", "/", "lambda"));
        assertThat(found.operation()).hasToString("s3:ListBuckets");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "localhost | PATCH | /bucket/key | s3 | MethodNotAllowed | 405 | s3",
                "localhost | GET | /nothing/here | lambda | UnknownOperationException | 404 | lambda",
                "localhost | PATCH | /2015-03-31/functions/ | lambda | MethodNotAllowedException | 405 | lambda",
                "localhost | GET | /?Action=Nope&Version=2011-06-15 | sts | InvalidAction | 400 | sts",
                "localhost | GET | / | sts | MissingAction | 400 | sts",
                "localhost | GET | /?Action=GetCallerIdentity&Version=1999-01-01 | sts | InvalidAction | 400 | sts",
                "localhost | GET | / | logs | UnknownOperationException | 400 | logs",
                "localhost | GET | /restapis | apigateway | NotImplemented | 501 | apigateway"
            })
    void whatIsNotThereIsRefusedInItsServicesWords(
            String host, String method, String target, String scope, String code, int status, String service)
            throws IOException {
        Route.Refused refused = refused(input(host, method, target, scope));
        assertThat(refused.fault().code()).isEqualTo(code);
        assertThat(refused.fault().status()).isEqualTo(status);
        assertThat(refused.service().id()).isEqualTo(service);
    }

    @Test
    void unknownTargetsAreUnknownOperations() throws IOException {
        Headers headers = new Headers().add("X-Amz-Target", "Logs_20140328.Nope");
        Route.Refused refused = refused(input("localhost", "POST", "/", "logs", headers, ""));
        assertThat(refused.fault().code()).isEqualTo("UnknownOperationException");
        assertThat(refused.fault().status()).isEqualTo(400);
        Headers foreign = new Headers().add("X-Amz-Target", "DynamoDB_20120810.ListTables");
        Route.Refused absent = refused(input("localhost", "POST", "/", "dynamodb", foreign, ""));
        assertThat(absent.fault().code()).isEqualTo("NotImplemented");
        assertThat(absent.protocol()).isEqualTo(Protocol.AWS_JSON_1_1);
    }

    @Test
    void servicesThatAreNotHereAreRefusedInTheProtocolTheirClientsSpeak() throws IOException {
        Headers form = new Headers().add("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        assertThat(refused(input("localhost", "POST", "/", "elasticbeanstalk", form, ""))
                        .protocol())
                .isEqualTo(Protocol.AWS_QUERY);
        assertThat(refused(input("localhost", "GET", "/restapis", "apigateway")).protocol())
                .isEqualTo(Protocol.REST_JSON_1);
    }

    @Test
    void sharedEndpointsAreToldApartByVersion() throws IOException {
        ServiceShape old = renamed("old", "2000-01-01");
        Router two = new Router(List.of(StsModel.SHAPE, old), null);
        List<String> ids = new ArrayList<>();
        for (String version : List.of("2011-06-15", "2000-01-01")) {
            Route route = two.route(input("localhost", "GET", "/?Action=GetCallerIdentity&Version=" + version, "sts"));
            ids.add(route.service().id());
        }
        assertThat(ids).containsExactly("sts", "old");
    }

    private static ServiceShape renamed(String id, String version) {
        ServiceShape.Facts facts = StsModel.SHAPE.facts();
        ServiceShape other = new ServiceShape(
                new ServiceShape.Facts(
                        id,
                        facts.sdkId(),
                        facts.endpointPrefix(),
                        facts.signingName(),
                        version,
                        facts.protocols(),
                        facts.targetPrefix(),
                        facts.xmlNamespace(),
                        facts.queryCompatible(),
                        facts.global()),
                StsModel.SHAPE.shapes());
        StsModel.SHAPE.operations().forEach(other::add);
        return other;
    }
}
