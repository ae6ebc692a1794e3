package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One line of a server access log. See AWS, "Amazon S3 server access log format". */
final class AccessLine {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("dd/MMM/uuuu:HH:mm:ss Z", Locale.US).withZone(ZoneOffset.UTC);
    private static final Map<String, String> RESOURCES = Map.ofEntries(
            Map.entry("HeadBucket", "BUCKET"),
            Map.entry("CreateBucket", "BUCKET"),
            Map.entry("DeleteBucket", "BUCKET"),
            Map.entry("ListObjects", "BUCKET"),
            Map.entry("ListObjectsV2", "BUCKET"),
            Map.entry("ListObjectVersions", "BUCKETVERSIONS"),
            Map.entry("DeleteObjects", "MULTI_OBJECT_DELETE"),
            Map.entry("CreateMultipartUpload", "UPLOADS"),
            Map.entry("ListMultipartUploads", "UPLOADS"),
            Map.entry("UploadPart", "PART"),
            Map.entry("UploadPartCopy", "PART_COPY"),
            Map.entry("CompleteMultipartUpload", "UPLOAD"),
            Map.entry("AbortMultipartUpload", "UPLOAD"),
            Map.entry("ListParts", "UPLOAD"),
            Map.entry("GetObject", "OBJECT"),
            Map.entry("HeadObject", "OBJECT"),
            Map.entry("PutObject", "OBJECT"),
            Map.entry("DeleteObject", "OBJECT"),
            Map.entry("CopyObject", "OBJECT"),
            Map.entry("GetObjectAcl", "ACL"),
            Map.entry("PutObjectAcl", "ACL"),
            Map.entry("GetObjectTagging", "OBJECT_TAGGING"),
            Map.entry("PutObjectTagging", "OBJECT_TAGGING"),
            Map.entry("DeleteObjectTagging", "OBJECT_TAGGING"));
    private static final int MILLION = 1_000_000;

    private AccessLine() {}

    static String of(
            String owner,
            OperationShape operation,
            Struct in,
            @Nullable Struct out,
            Call call,
            @Nullable Fault fault,
            Instant at,
            long nanos) {
        String bucket = ListObjects.or(Members.text(in, "Bucket"));
        String key = Members.text(in, "Key");
        Map<String, String> headers = call.origin().headers();
        String path = "/" + bucket + (key == null ? "" : "/" + encoded(key));
        long millis = nanos / MILLION;
        String authorization = headers.getOrDefault("authorization", "");
        boolean signed = call.principal().type() != Principal.Type.ANONYMOUS;
        return String.join(
                " ",
                owner,
                bucket,
                "[" + TIME.format(at) + "]",
                word(call.origin().sourceIp()),
                signed ? word(call.principal().arn()) : "-",
                call.requestId(),
                name(operation),
                key == null ? "-" : word(encoded(key)),
                quoted(operation.method() + " " + path + " HTTP/1.1"),
                Integer.toString(fault == null ? operation.status() : fault.status()),
                fault == null ? "-" : fault.code(),
                number(out, "ContentLength"),
                operation.name().equals("PutObject") ? number(in, "ContentLength") : number(out, "ContentLength"),
                Long.toString(millis),
                Long.toString(millis),
                quoted(headers.get("referer")),
                quoted(call.origin().userAgent()),
                word(Members.text(in, "VersionId")),
                "-",
                signed ? authorization.startsWith("AWS ") ? "SigV2" : "SigV4" : "-",
                "-",
                signed ? authorization.isEmpty() ? "QueryString" : "AuthHeader" : "-",
                word(headers.get("host")),
                "-",
                "-",
                "-");
    }

    private static String name(OperationShape operation) {
        String resource = RESOURCES.get(operation.name());
        return "REST." + (operation.name().equals("CopyObject") ? "COPY" : operation.method()) + "."
                + (resource == null
                        ? operation
                                .name()
                                .replaceFirst("^(Get|Put|Delete|List)(Bucket|Object)", "")
                                .replace("Configurations", "")
                                .replace("Configuration", "")
                                .toUpperCase(Locale.ROOT)
                        : resource);
    }

    private static String number(@Nullable Struct struct, String member) {
        return struct != null && Members.get(struct, member) instanceof Long number ? number.toString() : "-";
    }

    /** A field: never empty, never two. */
    private static String word(@Nullable String text) {
        return text == null || text.isEmpty() ? "-" : text.replaceAll("\\s", "+");
    }

    private static String quoted(@Nullable String text) {
        return text == null || text.isEmpty()
                ? "\"-\""
                : "\"" + text.replace("\"", "%22").replaceAll("\\p{Cntrl}", "") + "\"";
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("%2F", "/");
    }
}
