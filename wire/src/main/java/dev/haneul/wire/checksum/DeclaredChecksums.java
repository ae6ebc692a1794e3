package dev.haneul.wire.checksum;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.wire.protocols.Headers;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The checksums a request declares for its own body, read from its headers with S3's refusals. */
public final class DeclaredChecksums {
    private static final String PREFIX = "x-amz-checksum-";
    /** Headers of that prefix that are no checksums. */
    private static final List<String> OTHERS =
            List.of("x-amz-checksum-algorithm", "x-amz-checksum-type", "x-amz-checksum-mode");

    private final Headers headers;
    private final @Nullable String header;
    private final @Nullable String trailer;

    private DeclaredChecksums(Headers headers, @Nullable String header, @Nullable String trailer) {
        this.headers = headers;
        this.header = header;
        this.trailer = trailer;
    }

    /**
     * Reads what is declared. Headers of an operation that takes no request checksum (CompleteMultipartUpload, whose
     * checksum is the object's and not the body's) declare nothing.
     *
     * @throws Fault 400 where declarations are malformed, contradict each other, or a required one is missing
     */
    public static DeclaredChecksums of(OperationShape operation, Headers headers) {
        boolean required = operation.is(OperationShape.Trait.CHECKSUM_REQUIRED);
        if (operation.checksumMember() == null && !required) {
            return new DeclaredChecksums(headers, null, null);
        }
        List<String> inHeaders = new ArrayList<>();
        for (String name : headers.lowerNames()) {
            if (name.startsWith(PREFIX) && !OTHERS.contains(name)) {
                inHeaders.add(known(name));
            }
        }
        List<String> inTrailers = new ArrayList<>();
        for (String line : headers.all("x-amz-trailer")) {
            for (String name : line.toLowerCase(Locale.ROOT).split(",", 16)) {
                if (name.strip().startsWith(PREFIX)) {
                    inTrailers.add(known(name.strip()));
                }
            }
        }
        if (inHeaders.size() + inTrailers.size() > 1) {
            throw invalid("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
        }
        if (headers.has("x-amz-sdk-checksum-algorithm") && inHeaders.isEmpty() && inTrailers.isEmpty()) {
            throw invalid("x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or"
                    + " x-amz-trailer headers were found.");
        }
        if (required && inHeaders.isEmpty() && inTrailers.isEmpty() && !headers.has("content-md5")) {
            throw invalid("Missing required header for this request: Content-MD5 OR x-amz-checksum-*");
        }
        return new DeclaredChecksums(headers, first(inHeaders), first(inTrailers));
    }

    /**
     * Makes a body prove them.
     *
     * @param trailers the trailers, asked for at the body's end
     * @throws Fault 400 where a value in a header is malformed
     */
    public void expectOf(CheckedBody body, Supplier<Map<String, String>> trailers) {
        String md5 = headers.first("content-md5");
        if (md5 != null) {
            expectMd5(body, md5);
        }
        if (header != null) {
            String name = header;
            byte[] expected = parse(name, String.valueOf(headers.first(name)));
            body.expect(algorithm(name), () -> expected, name, computed -> badDigest(name));
        }
        if (trailer != null) {
            String name = trailer;
            body.expect(
                    algorithm(name),
                    () -> parse(name, declaredTrailer(name, trailers.get())),
                    name,
                    computed -> badDigest(name));
        }
    }

    private static void expectMd5(CheckedBody body, String md5) {
        byte[] expected = ChecksumAlgorithm.MD5.parse(md5);
        if (expected == null) {
            throw Fault.client("InvalidDigest", 400, "The Content-MD5 you specified was invalid.")
                    .with("Content-MD5", md5);
        }
        body.expect(
                ChecksumAlgorithm.MD5,
                () -> expected,
                null,
                computed -> Fault.client(
                                "BadDigest", 400, "The Content-MD5 you specified did not match what we received.")
                        .with("ExpectedDigest", md5)
                        .with("CalculatedDigest", Base64.getEncoder().encodeToString(computed)));
    }

    private static String declaredTrailer(String name, Map<String, String> trailers) {
        String value = trailers.get(name);
        if (value == null) {
            throw Fault.client(
                    "MalformedTrailerError",
                    400,
                    "The request contained trailing data that was not well-formed or did not conform to our published"
                            + " schema.");
        }
        return value;
    }

    private static byte[] parse(String name, String value) {
        byte[] parsed = algorithm(name).parse(value);
        if (parsed == null) {
            throw invalid("Value for " + name + " header is invalid.");
        }
        return parsed;
    }

    private static String known(String name) {
        if (ChecksumAlgorithm.ofHeader(name) == null) {
            throw Fault.server(
                            "NotImplemented",
                            501,
                            "A header you provided implies functionality that is not" + " implemented")
                    .with("Header", name);
        }
        return name;
    }

    private static ChecksumAlgorithm algorithm(String name) {
        ChecksumAlgorithm algorithm = ChecksumAlgorithm.ofHeader(name);
        if (algorithm == null) {
            throw new IllegalStateException(name + " was known before");
        }
        return algorithm;
    }

    private static Fault badDigest(String name) {
        return Fault.client(
                "BadDigest", 400, "The " + algorithm(name) + " you specified did not match the calculated checksum.");
    }

    private static Fault invalid(String message) {
        return Fault.client("InvalidRequest", 400, message);
    }

    private static @Nullable String first(List<String> names) {
        return names.isEmpty() ? null : names.getFirst();
    }
}
