package dev.haneul.delivery;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * HTTP calls to addresses that users name, over HTTP/1.1 and without following redirects. The client is made with the
 * first call, since it reads the machine's whole trust store, which a region that calls nobody should not pay for.
 */
public final class Outgoing {
    private final Duration connectTimeout;
    private @Nullable HttpClient client;

    /** A caller that waits so long for a connection. */
    public Outgoing(Duration connectTimeout) {
        this.connectTimeout = connectTimeout;
    }

    /**
     * Sends a request and waits for its answer.
     *
     * @throws IOException where nobody answers, or not in HTTP
     */
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> body)
            throws IOException, InterruptedException {
        return client().send(request, body);
    }

    private synchronized HttpClient client() {
        HttpClient made = client;
        if (made == null) {
            made = HttpClient.newBuilder()
                    .connectTimeout(connectTimeout)
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();
            client = made;
        }
        return made;
    }
}
