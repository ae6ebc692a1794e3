package dev.haneul.fabric;

import dev.haneul.kernel.plane.Exchange;
import java.util.List;
import java.util.Map;

/** One request at a {@link SocketHttpServer}. */
public interface HttpVisit extends Exchange {
    /** Trailers of a chunked request, names in lower case; complete once the body is read to its end. */
    Map<String, List<String>> trailers();
}
