package dev.haneul.wire.sigv4;

import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Protocol;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.plane.Exchange;
import dev.haneul.kernel.plane.Signers;
import dev.haneul.wire.protocols.Headers;
import dev.haneul.wire.protocols.QueryString;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Signature Version 4 for data planes: the checks of operations, and the words of JSON services. */
public final class PlaneSigners implements Signers {
    private static final String CONTENT_HASH = "x-amz-content-sha256";
    private static final String UNSIGNED = "UNSIGNED-PAYLOAD";

    private final SigV4 sigV4;

    public PlaneSigners(Credentials credentials, InstantSource clock) {
        this.sigV4 = new SigV4(credentials, clock);
    }

    @Override
    public Principal signer(Exchange exchange, String service, String region, byte[] body) {
        Headers headers = new Headers();
        for (Map.Entry<String, List<String>> line : exchange.headers().entrySet()) {
            line.getValue().forEach(value -> headers.add(line.getKey(), value));
        }
        SigningInput in =
                new SigningInput(exchange.method(), exchange.path(), QueryString.parse(exchange.query()), headers);
        AuthFaults faults = AuthFaults.of(Protocol.REST_JSON_1, false);
        SigV4.Expectation expected = new SigV4.Expectation(faults, service, region, false);
        Claim claim = sigV4.claim(in, expected);
        if (claim == null) {
            return Principal.ANONYMOUS;
        }
        String given = headers.first(CONTENT_HASH);
        String actual = SigV4.payloadHash(body);
        if (given != null
                && !given.equals(UNSIGNED)
                && !given.toLowerCase(Locale.ROOT).equals(actual)) {
            throw faults.payloadMismatch(given, actual);
        }
        String signed = UNSIGNED.equals(given) ? UNSIGNED : actual;
        return sigV4.verify(claim, in, signed, expected).principal();
    }
}
