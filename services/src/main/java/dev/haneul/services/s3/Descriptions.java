package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Struct;
import dev.haneul.services.s3.S3Tables.Description;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What comes with an object's bytes: system and user metadata, tags, storage class; and the refusal of everything that
 * would change how the object is kept and is not built.
 */
final class Descriptions {
    /** System metadata, by member name. */
    static final List<String> HEADERS = List.of(
            "CacheControl",
            "ContentDisposition",
            "ContentEncoding",
            "ContentLanguage",
            "ContentType",
            "Expires",
            "WebsiteRedirectLocation");

    static final String DEFAULT_CONTENT_TYPE = "binary/octet-stream";
    static final String STANDARD = "STANDARD";
    private static final int MAX_METADATA_BYTES = 2048;
    private static final Set<String> STORAGE_CLASSES = Set.of(
            STANDARD,
            "REDUCED_REDUNDANCY",
            "STANDARD_IA",
            "ONEZONE_IA",
            "INTELLIGENT_TIERING",
            "GLACIER",
            "DEEP_ARCHIVE",
            "GLACIER_IR");
    private static final Set<String> ARCHIVED = Set.of("GLACIER", "DEEP_ARCHIVE");

    /** Members that ask for what is not built, with their headers. */
    private static final Map<String, String> NOT_BUILT = Map.of("WriteOffsetBytes", "x-amz-write-offset-bytes");

    private Descriptions() {}

    /** Reads all of it from a put, copy or create-upload request. */
    static Description of(Struct in, @Nullable Map<String, String> metadata) {
        checkBuilt(in);
        return new Description(
                headers(in),
                metadata(metadata == null ? Map.of() : metadata),
                Tags.ofHeader(Members.text(in, "Tagging")),
                storageClass(Members.text(in, "StorageClass")),
                null);
    }

    /** Refuses headers whose effect is not built. */
    static void checkBuilt(Struct in) {
        NOT_BUILT.forEach((member, header) -> {
            if (Members.get(in, member) != null) {
                throw S3Errors.notImplemented(header);
            }
        });
    }

    static Map<String, String> headers(Struct in) {
        Map<String, String> headers = Members.texts(in, HEADERS);
        String encoding = headers.get("ContentEncoding");
        if (encoding != null) {
            // A coding of the transfer, which a careless client or proxy may leave in.
            List<String> kept = new ArrayList<>();
            for (String coding : encoding.split(",", -1)) {
                if (!coding.strip().equalsIgnoreCase("aws-chunked")) {
                    kept.add(coding.strip());
                }
            }
            headers.put("ContentEncoding", String.join(",", kept));
        }
        headers.values().removeIf(String::isEmpty);
        String redirect = headers.get("WebsiteRedirectLocation");
        if (redirect != null && !redirect.matches("(/|https?://).*")) {
            throw Fault.client(
                    "InvalidRedirectLocation",
                    400,
                    "The website redirect location must have a prefix of 'http://' or 'https://' or '/'.");
        }
        headers.putIfAbsent("ContentType", DEFAULT_CONTENT_TYPE);
        return headers;
    }

    static Map<String, String> metadata(Map<String, String> given) {
        Map<String, String> metadata = new LinkedHashMap<>();
        int bytes = 0;
        for (Map.Entry<String, String> entry : given.entrySet()) {
            String name = entry.getKey().toLowerCase(Locale.ROOT);
            bytes += utf8(name) + utf8(entry.getValue());
            metadata.merge(name, entry.getValue(), (first, second) -> first + "," + second);
        }
        if (bytes > MAX_METADATA_BYTES) {
            throw Fault.client(
                            "MetadataTooLarge", 400, "Your metadata headers exceed the maximum allowed metadata size")
                    .with("Size", Integer.toString(bytes))
                    .with("MaxSizeAllowed", Integer.toString(MAX_METADATA_BYTES));
        }
        return metadata;
    }

    private static int utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    static String storageClass(@Nullable String name) {
        String storageClass = name == null || name.isEmpty() ? STANDARD : name;
        if (!STORAGE_CLASSES.contains(storageClass)) {
            throw Fault.client("InvalidStorageClass", 400, "The storage class you specified is not valid")
                    .with("StorageClassRequested", storageClass);
        }
        return storageClass;
    }

    /** Whether bytes of this class must be restored before they can be read. */
    static boolean archived(String storageClass) {
        return ARCHIVED.contains(storageClass);
    }

    static Fault archivedFault(String storageClass) {
        return Fault.client("InvalidObjectState", 403, "The operation is not valid for the object's storage class")
                .with("StorageClass", storageClass);
    }
}
