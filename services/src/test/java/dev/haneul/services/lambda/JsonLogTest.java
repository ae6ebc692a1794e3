package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.LoggingConfig;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class JsonLogTest {
    private static TempFolder folder;
    private static TestRegion region;

    @BeforeAll
    static void open() throws IOException {
        folder = new TempFolder();
        region = new TestRegion(folder.path());
    }

    @AfterAll
    static void close() throws IOException {
        region.close();
        folder.close();
    }

    private static FunctionConfiguration create(CreateFunctionRequest request, String application, String system) {
        return region.create(request.loggingConfig(new LoggingConfig()
                .logFormat("JSON")
                .applicationLogLevel(application)
                .systemLogLevel(system)));
    }

    private static List<String> documents(String name) {
        List<String> lines = region.log(name);
        assertThat(lines)
                .allSatisfy(line -> assertThat(Json.fault(line.getBytes(java.nio.charset.StandardCharsets.UTF_8)))
                        .as(line)
                        .isNull());
        return lines;
    }

    @Test
    void pythonAndThePlatformWriteDocuments() {
        FunctionConfiguration made =
                create(TestRegion.function("snake", "python3.11", "app.handler", "app.py", """
                        import logging
                        log = logging.getLogger('mine')
                        def handler(event, context):
                            log.debug('unseen')
                            log.info('seen %s', 'here', extra={'order': 7})
                            try:
                                1 / 0
                            except ZeroDivisionError:
                                log.exception('sum')
                            if event: raise KeyError('lost')
                        """), null, null);
        assertThat(made.loggingConfig().applicationLogLevel()).isEqualTo("INFO");
        region.invoke("snake", "{}");
        assertThat(documents("snake"))
                .anyMatch(line -> line.contains("\"type\":\"platform.initStart\""))
                .anyMatch(line ->
                        line.contains("\"type\":\"platform.start\"") && line.contains("\"version\":\"$LATEST\""))
                .anyMatch(line -> line.contains("\"message\": \"seen here\"")
                        && line.contains("\"level\": \"INFO\"")
                        && line.contains("\"logger\": \"mine\"")
                        && line.contains("\"order\": 7")
                        && line.contains("\"requestId\": \""))
                .anyMatch(line -> line.contains("\"errorType\": \"ZeroDivisionError\""))
                .anyMatch(line -> line.contains("\"type\":\"platform.report\"")
                        && line.contains("\"initDurationMs\":")
                        && line.contains("\"status\":\"success\""))
                .noneMatch(line -> line.contains("unseen"))
                .noneMatch(line -> line.contains("platform.runtimeDone"));
        region.invoke("snake", "{\"fail\": 1}");
        assertThat(documents("snake")).anyMatch(line -> line.contains("\"errorType\": \"KeyError\""));
    }

    @Test
    void levelsAreKeptAndNodeWritesDocuments() {
        create(TestRegion.function("node", "nodejs20.x", "index.handler", "index.js", """
                        exports.handler = async () => {
                          console.info('unseen');
                          console.warn({ part: 1 });
                          console.error('oh', new RangeError('far'));
                        };
                        """), "WARN", "DEBUG");
        region.invoke("node", "{}");
        assertThat(documents("node"))
                .anyMatch(line -> line.contains("\"level\":\"WARN\"") && line.contains("\"message\":{\"part\":1}"))
                .anyMatch(line -> line.contains("\"errorType\":\"RangeError\"") && line.contains("\"stackTrace\":["))
                .anyMatch(line -> line.contains("\"type\":\"platform.runtimeDone\""))
                .noneMatch(line -> line.contains("unseen"));
        create(
                TestRegion.function(
                        "quiet", "nodejs20.x", "index.handler", "index.js", "exports.handler = async () => 1;"),
                "FATAL",
                "WARN");
        region.invoke("quiet", "{}");
        assertThat(region.log("quiet")).noneMatch(line -> line.contains("platform.start"));
    }

    @Test
    void levelsNeedDocuments() {
        assertThatThrownBy(() -> region.create(TestRegion.function("text", "python3.11", "a.b", "a.py", "")
                        .loggingConfig(new LoggingConfig().logFormat("Text").applicationLogLevel("INFO"))))
                .hasMessageContaining("LogLevel is not supported when LogFormat is set to \"Text\"");
    }
}
