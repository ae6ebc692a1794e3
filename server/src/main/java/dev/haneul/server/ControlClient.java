package dev.haneul.server;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** The launcher's side of {@link ControlPlane}. */
final class ControlClient {
    private static final int TIMEOUT_MILLIS = 30_000;
    private final RunningFile running;

    ControlClient(RunningFile running) {
        this.running = running;
    }

    /** Asks, and answers the text; an IOException tells what the region said otherwise. */
    String ask(String method, String command) throws IOException {
        return ask(method, command, TIMEOUT_MILLIS);
    }

    /** As {@link #ask(String, String)}, of what may take longer to be done. */
    String ask(String method, String command, int timeoutMillis) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create(running.endpoint() + "/_haneul/" + command).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setConnectTimeout(TIMEOUT_MILLIS);
        connection.setReadTimeout(timeoutMillis);
        connection.setRequestProperty("x-haneul-token", running.token());
        connection.setRequestProperty("Connection", "close");
        int code = connection.getResponseCode();
        try (InputStream in = code < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            String text = in == null ? "" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            if (code >= 400) {
                throw new IOException(text.strip());
            }
            return text;
        } finally {
            connection.disconnect();
        }
    }
}
