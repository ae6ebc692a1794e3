package dev.haneul.wire.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.lambda.LambdaModel;
import dev.haneul.api.logs.LogsModel;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.s3.S3Model;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperationIndexTest {
    private final OperationIndex s3 = new OperationIndex(S3Model.SHAPE);
    private final OperationIndex lambda = new OperationIndex(LambdaModel.SHAPE);

    @ParameterizedTest
    @CsvSource({
        "GET, /, '', ListBuckets",
        "GET, /, x-id=ListBuckets, ListBuckets",
        "GET, /b, '', ListObjects",
        "GET, /b/, '', ListObjects",
        "GET, /b, list-type=2&prefix=a, ListObjectsV2",
        "GET, /b/, list-type=2, ListObjectsV2",
        "GET, /b, uploads, ListMultipartUploads",
        "GET, /b, uploads=, ListMultipartUploads",
        "GET, /b, location, GetBucketLocation",
        "GET, /b, notification, GetBucketNotificationConfiguration",
        "GET, /b, analytics, ListBucketAnalyticsConfigurations",
        "GET, /b, analytics&id=1, GetBucketAnalyticsConfiguration",
        "PUT, /b, '', CreateBucket",
        "HEAD, /b, '', HeadBucket",
        "GET, /b/k, '', GetObject",
        "GET, /b/k, partNumber=1, GetObject",
        "GET, /b/dir/, '', GetObject",
        "GET, /b//k, '', GetObject",
        "GET, /b/k, X-Amz-Signature=1&x-id=GetObject, GetObject",
        "GET, /b/k, uploadId=1, ListParts",
        "GET, /b/k, tagging, GetObjectTagging",
        "GET, /b/k, attributes, GetObjectAttributes",
        "HEAD, /b/k, '', HeadObject",
        "PUT, /b/k, '', PutObject",
        "PUT, /b/k, partNumber=1&uploadId=1, UploadPart",
        "PUT, /b/k, tagging, PutObjectTagging",
        "POST, /b/k, uploads, CreateMultipartUpload",
        "POST, /b/k, uploadId=1, CompleteMultipartUpload",
        "POST, /b/k, select&select-type=2, SelectObjectContent",
        "POST, /b, delete, DeleteObjects",
        "DELETE, /b/k, '', DeleteObject",
        "DELETE, /b/k, uploadId=1, AbortMultipartUpload",
        "DELETE, /b, '', DeleteBucket"
    })
    void s3OperationsAreToldApartByPathAndQuery(String method, String path, String query, String operation) {
        assertThat(name(s3.rest(method, path, QueryString.parse(query), new Headers())))
                .isEqualTo(operation);
    }

    @Test
    void aCopySourceHeaderMakesAPutACopy() {
        Headers headers = new Headers().add("X-Amz-Copy-Source", "/b/k");
        assertThat(name(s3.rest("PUT", "/b/k", QueryString.EMPTY, headers))).isEqualTo("CopyObject");
        assertThat(name(s3.rest("PUT", "/b/k", QueryString.parse("partNumber=1&uploadId=x"), headers)))
                .isEqualTo("UploadPartCopy");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /2015-03-31/functions, ListFunctions",
        "GET, /2015-03-31/functions/, ListFunctions",
        "POST, /2015-03-31/functions, CreateFunction",
        "GET, /2015-03-31/functions/f, GetFunction",
        "GET, /2015-03-31/functions/arn%3Aaws%3Alambda, GetFunction",
        "GET, /2015-03-31/functions/f/configuration, GetFunctionConfiguration",
        "POST, /2015-03-31/functions/f/invocations, Invoke",
        "GET, /2015-03-31/functions/f/policy, GetPolicy"
    })
    void lambdaOperationsAreToldApartByPath(String method, String path, String operation) {
        assertThat(name(lambda.rest(method, path, QueryString.EMPTY, new Headers())))
                .isEqualTo(operation);
    }

    @Test
    void whatNoTemplateMatchesIsNotFound() {
        assertThat(lambda.rest("GET", "/nowhere", QueryString.EMPTY, new Headers()))
                .isNull();
        assertThat(lambda.rest("PATCH", "/2015-03-31/functions/f", QueryString.EMPTY, new Headers()))
                .isNull();
        assertThat(lambda.knowsPath("/2015-03-31/functions/f")).isTrue();
        assertThat(lambda.knowsPath("/nowhere")).isFalse();
    }

    @Test
    void aLabelKeepsWhatWasEncodedInIt() {
        UriTemplate template = new UriTemplate("/{Bucket}/{Key+}");
        assertThat(template.labels(UriTemplate.split("/b/a%20b//c%2Fd/")))
                .containsExactly("Bucket", "b", "Key", "a b//c/d/");
    }

    @Test
    void jsonTargetsNeedTheServicesPrefix() {
        OperationIndex logs = new OperationIndex(LogsModel.SHAPE);
        assertThat(name(logs.target("Logs_20140328.FilterLogEvents"))).isEqualTo("FilterLogEvents");
        assertThat(logs.target("Other_1.FilterLogEvents")).isNull();
        assertThat(logs.target("FilterLogEvents")).isNull();
    }

    @Test
    void everyOperationIsFoundByItsOwnTemplate() {
        for (OperationShape operation : LambdaModel.SHAPE.operations()) {
            String path = operation.uri().replaceAll("\\{[^}]*}", "x");
            int question = path.indexOf('?');
            QueryString query = QueryString.parse(question < 0 ? "" : path.substring(question + 1));
            String bare = question < 0 ? path : path.substring(0, question);
            assertThat(name(lambda.rest(operation.method(), bare, query, new Headers())))
                    .isEqualTo(operation.name());
        }
    }

    private static String name(OperationShape operation) {
        return operation == null ? null : operation.name();
    }
}
