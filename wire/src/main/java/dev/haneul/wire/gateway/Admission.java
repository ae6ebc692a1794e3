package dev.haneul.wire.gateway;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Kind;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.wire.checksum.CheckedBody;
import dev.haneul.wire.checksum.DeclaredChecksums;
import dev.haneul.wire.chunked.AwsChunkedStream;
import dev.haneul.wire.chunked.AwsChunkedStream.Mode;
import dev.haneul.wire.chunked.ChunkSignatures;
import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.WireLimits;
import dev.haneul.wire.protocols.WireRequest;
import dev.haneul.wire.router.Route;
import dev.haneul.wire.sigv4.AuthFaults;
import dev.haneul.wire.sigv4.Claim;
import dev.haneul.wire.sigv4.SigV2;
import dev.haneul.wire.sigv4.SigV4;
import dev.haneul.wire.sigv4.SigningInput;
import dev.haneul.wire.sigv4.Verified;
import java.io.IOException;
import java.io.InputStream;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets a routed request in: who signed it, and a body that will prove itself while it is read.
 *
 * <p>The body is touched only where the signature cannot be checked without its hash, and then only for a key that
 * exists and a time that is right. So a client that waits for {@code 100 Continue} sends nothing in vain.
 */
final class Admission {
    private static final String CONTENT_HASH = "x-amz-content-sha256";
    private static final String UNSIGNED = "UNSIGNED-PAYLOAD";
    private static final String SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    private static final String SIGNED_CHUNKS_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    private static final String UNSIGNED_CHUNKS_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    private static final Pattern LENGTH = Pattern.compile("[0-9]{1,18}");
    private static final Pattern AWS_CHUNKED = Pattern.compile("(?i)\\baws-chunked\\b\\s*,?\\s*");
    private static final Pattern LAST_COMMA = Pattern.compile(",\\s*$");

    private final SigV4 sigV4;
    private final SigV2 sigV2;

    Admission(SigV4 sigV4, SigV2 sigV2) {
        this.sigV4 = sigV4;
        this.sigV2 = sigV2;
    }

    /** Who calls, and with what. */
    record Admitted(Principal principal, WireRequest request) {}

    /**
     * Admits a request.
     *
     * @throws Fault where it must not come in
     */
    Admitted admit(Route.Found route, SigningInput in, Incoming incoming) throws IOException {
        AuthFaults faults = AuthFaults.of(route.protocol(), route.objectStyle());
        if (route.objectStyle() && SigV2.signs(in)) {
            SigningInput effective = SigV2.effective(in);
            Principal signer = sigV2.verify(effective, route.path(), route.operation(), route.hostRegion());
            return new Admitted(signer, body(route, effective, incoming, faults, declared(effective, null), null));
        }
        SigV4.Expectation expected = new SigV4.Expectation(
                faults, route.service().facts().signingName(), route.hostRegion(), route.objectStyle());
        Claim claim = sigV4.claim(in, expected);
        if (claim == null) {
            if (!route.objectStyle() && !route.operation().is(OperationShape.Trait.NO_AUTH)) {
                throw faults.missing();
            }
            return new Admitted(Principal.ANONYMOUS, body(route, in, incoming, faults, declared(in, null), null));
        }
        String payload = payload(route, in, claim, faults);
        String signed = payload == null ? wholeHash(route, claim, incoming, faults) : payload;
        Verified verified = sigV4.verify(claim, in, signed, expected);
        return new Admitted(verified.principal(), body(route, in, incoming, faults, payload, verified));
    }

    private String wholeHash(Route.Found route, Claim claim, Incoming incoming, AuthFaults faults) throws IOException {
        sigV4.checkKey(claim, faults);
        return SigV4.payloadHash(incoming.whole(WireLimits.maxBodyBytes(route.service())));
    }

    /** The canonical request's last line; null where it must be computed from the body. */
    private static @Nullable String payload(Route.Found route, SigningInput in, Claim claim, AuthFaults faults) {
        String given = declared(in, claim);
        if (route.objectStyle()) {
            if (given == null && claim.presigned()) {
                return UNSIGNED;
            }
            if (given == null || !(keyword(given) || isHash(given))) {
                throw faults.payloadHashMalformed(given);
            }
            return given;
        }
        boolean mayBeUnsigned = route.operation().is(OperationShape.Trait.UNSIGNED_PAYLOAD) || streams(route);
        if (given != null && (isHash(given) || (given.equals(UNSIGNED) && mayBeUnsigned))) {
            return given;
        }
        return null;
    }

    private static @Nullable String declared(SigningInput in, @Nullable Claim claim) {
        String header = in.headers().first(CONTENT_HASH);
        return header == null && claim != null && claim.presigned() ? in.query().first("X-Amz-Content-Sha256") : header;
    }

    private static boolean keyword(String given) {
        return given.equals(UNSIGNED) || mode(given) != null;
    }

    private static @Nullable Mode mode(@Nullable String given) {
        return switch (given) {
            case SIGNED_CHUNKS -> Mode.SIGNED;
            case SIGNED_CHUNKS_TRAILER -> Mode.SIGNED_TRAILER;
            case UNSIGNED_CHUNKS_TRAILER -> Mode.UNSIGNED_TRAILER;
            case null, default -> null;
        };
    }

    private static boolean isHash(String given) {
        if (given.length() != 64) {
            return false;
        }
        for (int i = 0; i < given.length(); i++) {
            if (!HexFormat.isHexDigit(given.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /** The request as its codec reads it, with its body wrapped in the checks it asked for. */
    private static WireRequest body(
            Route.Found route,
            SigningInput in,
            Incoming incoming,
            AuthFaults faults,
            @Nullable String payload,
            @Nullable Verified verified) {
        Headers headers = in.headers();
        Mode mode = route.objectStyle() ? mode(payload) : null;
        DeclaredChecksums checksums = route.objectStyle() ? DeclaredChecksums.of(route.operation(), headers) : null;
        if (mode == null) {
            if (route.objectStyle() && streams(route)) {
                checkLengthAnnounced(headers);
            }
            CheckedBody body = new CheckedBody(incoming.stream(), incoming.length());
            if (payload != null && isHash(payload)) {
                expectHash(body, payload, faults);
            }
            if (checksums != null) {
                checksums.expectOf(body, Map::of);
            }
            return new WireRequest(in.method(), route.path(), in.query(), headers, body);
        }
        long decodedLength = decodedLength(headers);
        AwsChunkedStream decoded = chunked(incoming.stream(), mode, decodedLength, verified, faults);
        CheckedBody body = new CheckedBody(decoded, decodedLength);
        if (checksums != null) {
            checksums.expectOf(body, decoded::trailers);
        }
        return new WireRequest(in.method(), route.path(), in.query(), unchunked(headers, decodedLength), body);
    }

    private static AwsChunkedStream chunked(
            InputStream raw, Mode mode, long decodedLength, @Nullable Verified verified, AuthFaults faults) {
        if (mode == Mode.UNSIGNED_TRAILER) {
            return new AwsChunkedStream(raw, mode, null, decodedLength);
        }
        if (verified == null) {
            throw faults.missing();
        }
        return new AwsChunkedStream(raw, mode, new ChunkSignatures(verified, faults), decodedLength);
    }

    private static void expectHash(CheckedBody body, String claimed, AuthFaults faults) {
        byte[] expected = HexFormat.of().parseHex(claimed.toLowerCase(Locale.ROOT));
        body.expect(
                ChecksumAlgorithm.SHA256,
                () -> expected,
                null,
                computed -> faults.payloadMismatch(claimed, HexFormat.of().formatHex(computed)));
    }

    private static long decodedLength(Headers headers) {
        String given = headers.first("x-amz-decoded-content-length");
        if (given == null || !LENGTH.matcher(given).matches()) {
            throw missingLength();
        }
        return Long.parseLong(given);
    }

    /** Objects are stored only by clients that say how long they are. */
    private static void checkLengthAnnounced(Headers headers) {
        if (headers.has("content-length")) {
            return;
        }
        if (headers.has("transfer-encoding")) {
            throw Fault.server(
                            "NotImplemented",
                            501,
                            "A header you provided implies functionality that is not implemented")
                    .with("Header", "Transfer-Encoding");
        }
        throw missingLength();
    }

    private static Fault missingLength() {
        return Fault.client("MissingContentLength", 411, "You must provide the Content-Length HTTP header.");
    }

    /** The headers as they would be without the encoding, which is no part of the object. */
    private static Headers unchunked(Headers headers, long decodedLength) {
        Headers plain = new Headers();
        for (int line = 0; line < headers.size(); line++) {
            String name = headers.lowerNameAt(line);
            String value = headers.valueAt(line);
            if (name.equals("content-encoding")) {
                String rest = AWS_CHUNKED.matcher(value).replaceFirst("");
                value = LAST_COMMA.matcher(rest).replaceFirst("").strip();
                if (value.isEmpty()) {
                    continue;
                }
            }
            if (!name.equals("content-length") && !name.equals("transfer-encoding")) {
                plain.add(headers.nameAt(line), value);
            }
        }
        return plain.add("Content-Length", Long.toString(decodedLength));
    }

    private static boolean streams(Route.Found route) {
        Member payload = route.operation().inputShape().payload();
        return payload != null && payload.shape().kind() == Kind.STREAM;
    }
}
