package dev.haneul.kernel.plane;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;

/** Who signed a request that is no AWS operation, for planes that let in by signature. */
@FunctionalInterface
public interface Signers {
    /**
     * Proves a request's signature.
     *
     * @param service the name its scope must name
     * @param region the region its scope must name
     * @param body all of it
     * @return the signer; {@link Principal#ANONYMOUS} where the request bears no signature
     * @throws Fault in the words of AWS's JSON services where what it bears is no good
     */
    Principal signer(Exchange exchange, String service, String region, byte[] body);
}
