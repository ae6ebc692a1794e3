package dev.haneul.services.lambda.runtimes;

import static org.assertj.core.api.Assertions.assertThat;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import dev.haneul.engines.WorkloadSpec.Mount;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainHandlersTest {
    private static final String HERE = PlainHandlersTest.class.getName() + "$";

    public static class Documents implements RequestHandler<Map<String, Object>, String> {
        @Override
        public String handleRequest(Map<String, Object> event, Context context) {
            return "";
        }

        public void nothing() {}

        public Map<String, Object> event(Object event) {
            return Map.of();
        }

        public int both(String event, Context context) {
            return 0;
        }

        public Map<String, Integer> numbers(Object event) {
            return Map.of();
        }

        public String fitted(Map<String, Integer> event) {
            return "";
        }

        public String bean(StringBuilder event) {
            return "";
        }

        public static String fixed(Object event) {
            return "";
        }

        public String twice(Object event) {
            return "";
        }

        public String twice(Object event, Context context) {
            return "";
        }

        public String streamed(InputStream in) {
            return "";
        }

        String hidden(Object event) {
            return "";
        }
    }

    public static class Beans implements RequestHandler<StringBuilder, String> {
        @Override
        public String handleRequest(StringBuilder event, Context context) {
            return "";
        }
    }

    public static class Streams implements RequestStreamHandler {
        @Override
        public void handleRequest(InputStream in, OutputStream out, Context context) {}
    }

    public static class Heir extends Documents {}

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Documents",
                "Streams",
                "Documents::handleRequest",
                "Documents::nothing",
                "Documents::event",
                "Documents::both"
            })
    void plainOnes(String handler) throws Exception {
        assertThat(isPlain(HERE + handler)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Beans", "Beans::handleRequest", "Documents::numbers", "Documents::fitted", "Documents::bean",
                "Documents::fixed", "Documents::twice", "Documents::streamed", "Documents::hidden", "Documents::none",
                "Heir", "Heir::event", "None", "None::event", "::event"
            })
    void others(String handler) throws Exception {
        assertThat(isPlain(HERE + handler)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "::", "a::b::c", "../../etc/passwd", "\0", "/", ".", "a/b", "java.lang.Object"})
    void namesThatAreNone(String handler) throws Exception {
        assertThat(isPlain(handler)).isFalse();
    }

    @Test
    void whatIsNoClassFile(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve("App.class"), "no class");
        assertThat(PlainHandlers.isPlain(List.of(new Mount.Bind(folder, Runtimes.TASK_ROOT, true)), "App::run"))
                .isFalse();
    }

    @Test
    void theTrialHandlerIsOne(@TempDir Path folder) throws Exception {
        PlainHandlers.trial(folder);
        assertThat(PlainHandlers.isPlain(
                        List.of(new Mount.Bind(folder, Runtimes.TASK_ROOT, true)), PlainHandlers.TRIAL))
                .isTrue();
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {folder.toUri().toURL()}, null)) {
            Class<?> trial = loader.loadClass("Trial");
            Object made = trial.getConstructor().newInstance();
            assertThat(trial.getMethod("handle", Object.class).invoke(made, "a"))
                    .isEqualTo("a");
        }
    }

    private static boolean isPlain(String handler) throws IOException, URISyntaxException {
        Path classes = Path.of(PlainHandlersTest.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        return PlainHandlers.isPlain(List.of(new Mount.Bind(classes, Runtimes.TASK_ROOT, true)), handler);
    }
}
