package dev.haneul.services.s3;

import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.ChecksummedBody;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Struct;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.services.s3.S3Tables.ObjectChecksum;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a client says its bytes come to, in headers or in a trailer. See AWS, "Checking object integrity".
 *
 * @param algorithm of the checksum that came or will come in a trailer; null where the client sends none
 * @param value base64, null where it comes in a trailer
 * @param md5 what Content-MD5 holds, null without it
 */
record Declared(
        @Nullable ChecksumAlgorithm algorithm, @Nullable String value, byte @Nullable [] md5) {
    /** The members that carry checksums, as the model names them. */
    static final List<String> MEMBERS = List.of(
            "ChecksumCRC32",
            "ChecksumCRC32C",
            "ChecksumCRC64NVME",
            "ChecksumSHA1",
            "ChecksumSHA256",
            "ChecksumSHA512",
            "ChecksumMD5",
            "ChecksumXXHASH64",
            "ChecksumXXHASH3",
            "ChecksumXXHASH128");

    /**
     * Reads a request with a body.
     *
     * @throws Fault InvalidRequest, InvalidDigest; NotImplemented for algorithms that are not built
     */
    static Declared of(Struct in, Call call) {
        Declared checksum = checksum(in);
        ChecksumAlgorithm algorithm = checksum.algorithm();
        String trailer = call.origin().headers().get("x-amz-trailer");
        if (algorithm == null && trailer != null) {
            algorithm = ofHeader(trailer.strip());
            if (algorithm == null) {
                throw S3Errors.invalidRequest("The value specified in the x-amz-trailer header is not supported");
            }
        }
        return new Declared(algorithm, checksum.value(), md5(Members.text(in, "ContentMD5")));
    }

    /** The one checksum among a structure's members. */
    static Declared checksum(Struct in) {
        ChecksumAlgorithm algorithm = null;
        String value = null;
        for (String member : MEMBERS) {
            String found = Members.text(in, member);
            if (found == null) {
                continue;
            }
            if (value != null) {
                throw S3Errors.invalidRequest(
                        "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
            }
            value = found;
            algorithm = named(member.substring("Checksum".length()));
        }
        return new Declared(algorithm, value, null);
    }

    /** The algorithm of this name; NotImplemented for those of AWS's that are not built. */
    static ChecksumAlgorithm named(String name) {
        for (ChecksumAlgorithm algorithm : ChecksumAlgorithm.values()) {
            if (algorithm.name().equals(name)) {
                return algorithm;
            }
        }
        if (MEMBERS.contains("Checksum" + name)) {
            throw S3Errors.notImplemented("x-amz-checksum-" + name.toLowerCase(Locale.ROOT));
        }
        throw S3Errors.invalidRequest("Checksum algorithm provided is unsupported. Please try again with any of the"
                + " valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    }

    private static final String HEADER_PREFIX = "x-amz-checksum-";

    /** The header or trailer in which an algorithm's values travel. */
    static String header(ChecksumAlgorithm algorithm) {
        return HEADER_PREFIX + algorithm.name().toLowerCase(Locale.ROOT);
    }

    private static @Nullable ChecksumAlgorithm ofHeader(String header) {
        String lower = header.toLowerCase(Locale.ROOT);
        return lower.startsWith(HEADER_PREFIX)
                ? named(lower.substring(HEADER_PREFIX.length()).toUpperCase(Locale.ROOT))
                : null;
    }

    /** The bytes of a base64 value, null where it is none of this algorithm's length. */
    static byte @Nullable [] parse(ChecksumAlgorithm algorithm, String base64) {
        try {
            byte[] value = Base64.getDecoder().decode(base64);
            return value.length == algorithm.bytes() ? value : null;
        } catch (IllegalArgumentException malformed) {
            return null;
        }
    }

    private static byte @Nullable [] md5(@Nullable String header) {
        if (header == null) {
            return null;
        }
        byte[] value = parse(ChecksumAlgorithm.MD5, header);
        if (value == null) {
            throw Fault.client("InvalidDigest", 400, "The Content-MD5 you specified was invalid.")
                    .with("Content-MD5", header);
        }
        return value;
    }

    /** The algorithm whose value the object will carry. */
    ChecksumAlgorithm effective() {
        return algorithm == null ? ChecksumAlgorithm.CRC64NVME : algorithm;
    }

    /** Whether the body's reader checks the checksum, so that it need not be computed a second time. */
    boolean checkedBy(Body body) {
        return algorithm != null && body instanceof ChecksummedBody;
    }

    /**
     * Compares with what came, once the body was read to its end.
     *
     * @return the object's checksum of the effective algorithm
     * @throws Fault BadDigest, InvalidRequest
     */
    ObjectChecksum settle(Body body, Received received) {
        return settle(body, received, effective());
    }

    /** Like {@link #settle(Body, Received)}, with another algorithm where the client declared none. */
    ObjectChecksum settle(Body body, Received received, ChecksumAlgorithm otherwise) {
        byte[] expectedMd5 = md5;
        if (expectedMd5 != null && !Arrays.equals(expectedMd5, received.md5())) {
            throw Fault.client("BadDigest", 400, "The Content-MD5 you specified did not match what we received.")
                    .with("ExpectedDigest", HexFormat.of().formatHex(expectedMd5))
                    .with("CalculatedDigest", Base64.getEncoder().encodeToString(received.md5()));
        }
        if (checkedBy(body)) {
            String checked = ((ChecksummedBody) body).checksums().get(header(effective()));
            if (checked == null) {
                throw S3Errors.invalidRequest("x-amz-sdk-checksum-algorithm specified, but no corresponding"
                        + " x-amz-checksum-* or x-amz-trailer headers were found.");
            }
            return new ObjectChecksum(effective(), checked, false);
        }
        ChecksumAlgorithm found = algorithm == null ? otherwise : algorithm;
        String computed = received.checksum(found);
        if (value != null) {
            if (parse(found, value) == null) {
                throw S3Errors.invalidRequest("Value for " + header(found) + " header is invalid.");
            }
            if (!value.equals(computed)) {
                throw badDigest(found);
            }
        }
        return new ObjectChecksum(found, computed, false);
    }

    static Fault badDigest(ChecksumAlgorithm algorithm) {
        return Fault.client(
                "BadDigest", 400, "The " + algorithm + " you specified did not match the calculated checksum.");
    }

    /** Tells an object's checksum in an answer. */
    static void tell(Struct out, ObjectChecksum checksum) {
        Members.set(out, "Checksum" + checksum.algorithm(), checksum.value());
        Members.set(out, "ChecksumType", checksum.composite() ? "COMPOSITE" : "FULL_OBJECT");
    }
}
