package dev.haneul.engines.docker;

import dev.haneul.kernel.store.StoreException;
import dev.haneul.kernel.store.json.JsonTrees;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** The calls of the Docker Engine API that containers need. */
final class DockerApi {
    private static final String VERSION = "/v1.40";
    private static final byte[] NOTHING = new byte[0];
    private static final int REMOVALS = 20;
    private static final long REMOVAL_PAUSE_NANOS = 50_000_000;

    private final DockerSocket socket;

    DockerApi(DockerSocket socket) {
        this.socket = socket;
    }

    /** A container in a listing. */
    record Listed(String id, Map<String, String> labels) {}

    /** What kind of daemon answers, e.g. {@code Podman Engine 4.3.1}. */
    String version() throws IOException {
        var answer = object(expect(call("GET", "/version", NOTHING), "its version"));
        if (answer.get("Components") instanceof List<?> parts
                && !parts.isEmpty()
                && parts.getFirst() instanceof Map<?, ?> first) {
            return first.get("Name") + " " + first.get("Version");
        }
        return "Docker API " + answer.get("Version");
    }

    /**
     * Imports a tar file as an image of one layer.
     *
     * @param name repository and tag, e.g. {@code localhost/empty:1}
     */
    void importImage(byte[] tar, String name) throws IOException {
        var answer = expect(
                socket.call("POST", VERSION + "/images/create?fromSrc=-", "application/x-tar", tar), "an import");
        var id = object(answer).get("status");
        if (!(id instanceof String text) || !text.contains("sha256:")) {
            throw new IOException("the daemon imported no image: " + answer.text());
        }
        var image = text.substring(text.indexOf("sha256:") + "sha256:".length()).strip();
        int colon = name.lastIndexOf(':');
        var tag = "/images/" + image + "/tag?repo=" + name.substring(0, colon) + "&tag=" + name.substring(colon + 1);
        expect(call("POST", tag, NOTHING), "an image's name");
    }

    boolean hasImage(String name) throws IOException {
        return call("GET", "/images/" + name + "/json", NOTHING).status() == 200;
    }

    /** Makes a container; gives its id. */
    String create(String name, Map<String, ?> configuration) throws IOException {
        var answer =
                expect(call("POST", "/containers/create?name=" + name, JsonTrees.write(configuration)), "a container");
        return String.valueOf(object(answer).get("Id"));
    }

    void start(String id) throws IOException {
        expect(call("POST", "/containers/" + id + "/start", NOTHING), "a start");
    }

    /** The host's number of a container's first process, 0 where it does not run; empty where there is no container. */
    Optional<Long> pid(String id) throws IOException {
        var answer = call("GET", "/containers/" + id + "/json", NOTHING);
        if (answer.status() == 404) {
            return Optional.empty();
        }
        return object(expect(answer, "a container's state")).get("State") instanceof Map<?, ?> state
                        && state.get("Pid") instanceof Number pid
                ? Optional.of(pid.longValue())
                : Optional.of(0L);
    }

    /** Signals a container's first process; one that has ended is left alone. */
    void kill(String id, String signal) throws IOException {
        var answer = call("POST", "/containers/" + id + "/kill?signal=" + signal, NOTHING);
        if (answer.status() != 404 && answer.status() != 409 && answer.status() != 500) {
            expect(answer, "a signal");
        }
    }

    void pause(String id, boolean paused) throws IOException {
        expect(call("POST", "/containers/" + id + (paused ? "/pause" : "/unpause"), NOTHING), "a pause");
    }

    /** Removes a container, ended or not. A daemon that has not noticed the end yet refuses for a moment. */
    void remove(String id) throws IOException {
        for (int i = 1; ; i++) {
            var answer = call("DELETE", "/containers/" + id + "?force=true&v=true", NOTHING);
            if (answer.status() < 400 || answer.status() == 404) {
                return;
            }
            if (i == REMOVALS) {
                expect(answer, "a removal");
            }
            LockSupport.parkNanos(REMOVAL_PAUSE_NANOS);
        }
    }

    /** All containers with this label, ended ones too. */
    List<Listed> list(String label) throws IOException {
        var filter = new String(JsonTrees.write(Map.of("label", List.of(label))), StandardCharsets.UTF_8);
        var answer = expect(
                call(
                        "GET",
                        "/containers/json?all=true&filters=" + URLEncoder.encode(filter, StandardCharsets.UTF_8),
                        NOTHING),
                "a listing");
        var listed = new ArrayList<Listed>();
        var whole = object(
                new DockerSocket.Answer(200, ("{\"all\":" + answer.text() + "}").getBytes(StandardCharsets.UTF_8)));
        if (whole.get("all") instanceof List<?> all) {
            for (var one : all) {
                if (one instanceof Map<?, ?> container && container.get("Labels") instanceof Map<?, ?> labels) {
                    listed.add(new Listed(String.valueOf(container.get("Id")), texts(labels)));
                }
            }
        }
        return listed;
    }

    private static Map<String, String> texts(Map<?, ?> labels) {
        var texts = new java.util.HashMap<String, String>();
        labels.forEach((name, value) -> texts.put(String.valueOf(name), String.valueOf(value)));
        return texts;
    }

    private DockerSocket.Answer call(String method, String target, byte[] body) throws IOException {
        return socket.call(method, VERSION + target, body.length == 0 ? "" : "application/json", body);
    }

    private static DockerSocket.Answer expect(DockerSocket.Answer answer, String what) throws IOException {
        if (answer.status() >= 400) {
            throw new IOException("the daemon refuses " + what + ": " + message(answer));
        }
        return answer;
    }

    private static String message(DockerSocket.Answer answer) {
        try {
            return String.valueOf(object(answer).get("message"));
        } catch (IOException e) {
            return answer.status() + " " + answer.text();
        }
    }

    private static Map<String, @Nullable Object> object(DockerSocket.Answer answer) throws IOException {
        try {
            return JsonTrees.readObject(answer.body());
        } catch (StoreException e) {
            throw new IOException("the daemon's answer is no JSON object: " + answer.text(), e);
        }
    }
}
