package dev.haneul.kernel.plane;

import java.util.Map;

/** What the object store's buckets let pages of other origins do: each bucket's owner decides for itself. */
public interface CrossOrigin {
    /**
     * The headers of the answer to a browser that asks beforehand.
     *
     * @throws dev.haneul.api.runtime.Fault where the page may not
     */
    Map<String, String> preflight(Exchange exchange);

    /** Headers to add to the answer of any other request; empty where there are none. */
    Map<String, String> headers(Exchange exchange);
}
