package dev.haneul.services.lambda.run;

import dev.haneul.engines.Door;
import dev.haneul.fabric.SocketHttpServer;
import dev.haneul.kernel.plane.Ingress;
import java.util.List;
import java.util.Map;

/** The two doors every function's environment has: the Runtime API, and the region itself. */
public final class Doors {
    private static final int RUNTIME_API_PORT = 9001;
    private static final int ENDPOINT_PORT = 4566;
    private static final int MOST_CONNECTIONS = 64;
    private static final long LARGEST_REQUEST_BYTES = 1L << 31;
    private static final String ENDPOINT = "AWS_ENDPOINT_URL";

    private final SocketHttpServer server;
    private final Ingress ingress;

    /** @param ingress the region's front door */
    public Doors(SocketHttpServer server, Ingress ingress) {
        this.server = server;
        this.ingress = ingress;
    }

    /** Doors for one environment. A function that names its endpoint itself keeps its word for it. */
    List<Door> of(Map<String, String> variables, RuntimeSession session) {
        return of(endpointVariable(variables), session);
    }

    /** The variable that tells a function with these variables of its own where the region is. */
    static String endpointVariable(Map<String, String> variables) {
        return variables.containsKey(ENDPOINT) ? "HANEUL_ENDPOINT_URL" : ENDPOINT;
    }

    /** Doors whose second is named by this variable. */
    List<Door> of(String endpointVariable, RuntimeSession session) {
        RuntimeApi api = new RuntimeApi(session);
        SocketHttpServer.Site site = server.site(MOST_CONNECTIONS, LARGEST_REQUEST_BYTES, api::serve);
        return List.of(
                new Door("AWS_LAMBDA_RUNTIME_API", "%s", RUNTIME_API_PORT, site::adopt),
                new Door(endpointVariable, "http://%s", ENDPOINT_PORT, ingress::adopt));
    }
}
