package dev.haneul.kernel.plane;

import java.io.IOException;

/** Serves requests that are no AWS operation. */
public interface DataPlane {
    /** Whether this request is the plane's. Must be quick and must not read the body. */
    boolean claims(Exchange exchange);

    /** Serves a claimed request on a virtual thread of its own. */
    void serve(Exchange exchange) throws IOException;
}
