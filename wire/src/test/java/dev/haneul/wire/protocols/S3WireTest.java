package dev.haneul.wire.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.api.s3.CommonPrefix;
import dev.haneul.api.s3.CompleteMultipartUploadRequest;
import dev.haneul.api.s3.DeleteObjectsRequest;
import dev.haneul.api.s3.GetBucketAclOutput;
import dev.haneul.api.s3.GetBucketLocationOutput;
import dev.haneul.api.s3.GetObjectOutput;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.Grant;
import dev.haneul.api.s3.Grantee;
import dev.haneul.api.s3.ListObjectsV2Output;
import dev.haneul.api.s3.NoSuchBucket;
import dev.haneul.api.s3.PutBucketNotificationConfigurationRequest;
import dev.haneul.api.s3.PutObjectRequest;
import dev.haneul.api.s3.S3Model;
import dev.haneul.api.s3.S3Object;
import dev.haneul.api.s3.S3Operations;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** S3's requests and answers as its API reference shows them. */
class S3WireTest {
    private final ProtocolCodec codec = ProtocolCodecs.of(Protocol.REST_XML);

    private static WireRequest request(String method, String path, String query, Headers headers, String body) {
        return new WireRequest(
                method, path, QueryString.parse(query), headers, Body.of(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static String text(WireResponse response) {
        return new String(((WireResponse.Bytes) response.payload()).content(), StandardCharsets.UTF_8);
    }

    @Test
    void putObjectPassesItsBodyThroughUnread() throws Exception {
        Headers headers = new Headers()
                .add("Content-Type", "image/png")
                .add("Content-Length", "4")
                .add("x-amz-meta-author", "me")
                .add("x-amz-meta-Year", "2026")
                .add("x-amz-server-side-encryption-bucket-key-enabled", "true")
                .add("Expires", "0");
        WireRequest request = request("PUT", "/b/dir/a%20%2B.png", "", headers, "data");
        PutObjectRequest in = (PutObjectRequest) codec.decode(S3Operations.PUT_OBJECT, request);
        assertThat(in.body()).isSameAs(request.body());
        assertThat(in.bucket()).isEqualTo("b");
        assertThat(in.key()).isEqualTo("dir/a +.png");
        assertThat(in.contentType()).isEqualTo("image/png");
        assertThat(in.contentLength()).isEqualTo(4);
        assertThat(in.metadata()).isEqualTo(Map.of("author", "me", "Year", "2026"));
        assertThat(in.bucketKeyEnabled()).isTrue();
    }

    @Test
    void getObjectStreamsItsBodyOut() {
        Body body = Body.of(new byte[] {1, 2, 3});
        GetObjectOutput out = new GetObjectOutput()
                .body(body)
                .contentLength(3L)
                .eTag("\"abc\"")
                .lastModified(Instant.parse("2026-01-02T03:04:05.678Z"))
                .metadata(Map.of("author", "me"));
        WireResponse response = codec.encode(S3Operations.GET_OBJECT, out, "ID1");
        assertThat(((WireResponse.Streamed) response.payload()).body()).isSameAs(body);
        assertThat(response.headers().first("Last-Modified")).isEqualTo("Fri, 02 Jan 2026 03:04:05 GMT");
        assertThat(response.headers().first("ETag")).isEqualTo("\"abc\"");
        assertThat(response.headers().first("Content-Length")).isEqualTo("3");
        assertThat(response.headers().first("x-amz-meta-author")).isEqualTo("me");
        assertThat(response.headers().first("x-amz-request-id")).isEqualTo("ID1");
        assertThat(response.headers().first("x-amz-id-2")).isNotEmpty();
    }

    @Test
    void listsAreWrittenUnderAwssRootWithMilliseconds() {
        ListObjectsV2Output out = new ListObjectsV2Output()
                .name("b")
                .isTruncated(false)
                .keyCount(1)
                .contents(List.of(
                        new S3Object().key("a<&>\r😀").size(5L).lastModified(Instant.parse("2026-01-02T03:04:05Z"))))
                .commonPrefixes(List.of(new CommonPrefix().prefix("p/")));
        assertThat(text(codec.encode(S3Operations.LIST_OBJECTS_V2, out, "ID1")))
                .startsWith("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                        + "<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">")
                .contains("<Contents><Key>a&lt;&amp;&gt;&#xD;😀</Key>"
                        + "<LastModified>2026-01-02T03:04:05.000Z</LastModified><Size>5</Size></Contents>")
                .contains("<CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes>");
    }

    @Test
    void aGranteeNamesItsTypeAsAttribute() {
        GetBucketAclOutput out = new GetBucketAclOutput()
                .grants(List.of(new Grant()
                        .grantee(new Grantee().type("CanonicalUser").id("1"))
                        .permission("READ")));
        assertThat(text(codec.encode(S3Operations.GET_BUCKET_ACL, out, "ID1")))
                .contains(
                        "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\">");
    }

    @Test
    void aBucketsLocationIsTheRootsText() {
        GetBucketLocationOutput out = new GetBucketLocationOutput().locationConstraint("ap-northeast-2");
        assertThat(text(codec.encode(S3Operations.GET_BUCKET_LOCATION, out, "ID1")))
                .endsWith("<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                        + "ap-northeast-2</LocationConstraint>");
        assertThat(text(codec.encode(S3Operations.GET_BUCKET_LOCATION, new GetBucketLocationOutput(), "ID1")))
                .endsWith(
                        "<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></LocationConstraint>");
    }

    @Test
    void bodiesAreReadWithAndWithoutNamespaceAndWithUnknownElements() {
        String parts = "<Part><ETag>\"1\"</ETag><PartNumber> 1 </PartNumber><New><X/></New></Part>"
                + "<Part><PartNumber>2</PartNumber><ETag>2</ETag></Part>";
        for (String root : List.of(
                "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">",
                "<CompleteMultipartUpload>")) {
            CompleteMultipartUploadRequest in = (CompleteMultipartUploadRequest) codec.decode(
                    S3Operations.COMPLETE_MULTIPART_UPLOAD,
                    request("POST", "/b/k", "uploadId=u", new Headers(), root + parts + "</CompleteMultipartUpload>"));
            assertThat(in.uploadId()).isEqualTo("u");
            assertThat(in.multipartUpload().parts()).hasSize(2);
            assertThat(in.multipartUpload().parts().getFirst().partNumber()).isEqualTo(1);
            assertThat(in.multipartUpload().parts().getFirst().eTag()).isEqualTo("\"1\"");
        }
    }

    @Test
    void manyKeysAreDeletedInOneBody() {
        DeleteObjectsRequest in = (DeleteObjectsRequest) codec.decode(
                S3Operations.DELETE_OBJECTS,
                request(
                        "POST",
                        "/b",
                        "delete",
                        new Headers(),
                        "<?xml version=\"1.0\"?>\n<Delete>\n <Object><Key> a b </Key></Object>\n"
                                + " <Object><Key>&amp;c</Key></Object><Quiet>true</Quiet></Delete>"));
        assertThat(in.delete().quiet()).isTrue();
        assertThat(in.delete().objects()).extracting(o -> o.key()).containsExactly(" a b ", "&c");
    }

    @Test
    void notificationsKeepTheirFlattenedLists() {
        PutBucketNotificationConfigurationRequest in = (PutBucketNotificationConfigurationRequest) codec.decode(
                S3Operations.PUT_BUCKET_NOTIFICATION_CONFIGURATION,
                request("PUT", "/b", "notification", new Headers(), """
                        <NotificationConfiguration><CloudFunctionConfiguration><Id>1</Id>
                        <CloudFunction>arn</CloudFunction><Event>s3:ObjectCreated:*</Event><Event>s3:ObjectRemoved:*</Event>
                        <Filter><S3Key><FilterRule><Name>prefix</Name><Value>in/</Value></FilterRule></S3Key></Filter>
                        </CloudFunctionConfiguration></NotificationConfiguration>"""));
        var function =
                in.notificationConfiguration().lambdaFunctionConfigurations().getFirst();
        assertThat(function.lambdaFunctionArn()).isEqualTo("arn");
        assertThat(function.events()).containsExactly("s3:ObjectCreated:*", "s3:ObjectRemoved:*");
        assertThat(function.filter().key().filterRules().getFirst().value()).isEqualTo("in/");
    }

    @Test
    void malformedXmlIsRefusedAsSuch() {
        for (String body : List.of(
                "<Delete>",
                "<Other/>",
                "no xml",
                "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><Delete>&a;</Delete>",
                "<!DOCTYPE Delete SYSTEM \"file:///etc/passwd\"><Delete/>",
                "<Delete>" + "<a>".repeat(10_000),
                "<Delete><Quiet>maybe</Quiet></Delete>")) {
            Fault fault = refusal(S3Operations.DELETE_OBJECTS, request("POST", "/b", "delete", new Headers(), body));
            assertThat(fault.code())
                    .as(body.substring(0, Math.min(40, body.length())))
                    .isEqualTo("MalformedXML");
            assertThat(fault.status()).isEqualTo(400);
        }
    }

    @Test
    void malformedParametersAreToldByName() {
        Fault fault = refusal(
                S3Operations.LIST_OBJECTS_V2, request("GET", "/b", "list-type=2&max-keys=many", new Headers(), ""));
        assertThat(fault.code()).isEqualTo("InvalidArgument");
        assertThat(fault.extras()).containsEntry("ArgumentName", "max-keys");
    }

    @Test
    void conditionalDatesThatCannotBeReadAreIgnored() {
        Headers headers = new Headers().add("If-Modified-Since", "yesterday").add("Range", "bytes=0-1");
        GetObjectRequest in =
                (GetObjectRequest) codec.decode(S3Operations.GET_OBJECT, request("GET", "/b/k", "", headers, ""));
        assertThat(in.ifModifiedSince()).isNull();
        assertThat(in.range()).isEqualTo("bytes=0-1");
    }

    @Test
    void errorsStandBareWithBothIds() {
        Fault fault = Fault.of(new NoSuchBucket(), "The specified bucket does not exist")
                .with("BucketName", "b");
        WireResponse response = codec.encodeFault(S3Operations.GET_OBJECT, S3Model.SHAPE, fault, "ID1");
        assertThat(response.status()).isEqualTo(404);
        assertThat(response.headers().first("Content-Type")).isEqualTo("application/xml");
        assertThat(text(response))
                .contains("<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message>"
                        + "<BucketName>b</BucketName><RequestId>ID1</RequestId><HostId>"
                        + response.headers().first("x-amz-id-2") + "</HostId></Error>");
    }

    @Test
    void anErrorToHeadHasNoBody() {
        Fault fault = Fault.client("NoSuchKey", 404, "The specified key does not exist.");
        WireResponse response = codec.encodeFault(S3Operations.HEAD_OBJECT, S3Model.SHAPE, fault, "ID1");
        assertThat(response.status()).isEqualTo(404);
        assertThat(text(response)).isEmpty();
    }

    @Test
    void whatIsNotBuiltAnswers501InTheServicesOwnFormat() {
        Fault fault = Faults.notImplemented("s3", "SelectObjectContent");
        WireResponse response = codec.encodeFault(S3Operations.SELECT_OBJECT_CONTENT, S3Model.SHAPE, fault, "ID1");
        assertThat(response.status()).isEqualTo(501);
        assertThat(text(response)).contains("<Error><Code>NotImplemented</Code><Message>s3:SelectObjectContent");
    }

    private Fault refusal(OperationShape operation, WireRequest request) {
        return catchThrowableOfType(Fault.class, () -> codec.decode(operation, request));
    }
}
