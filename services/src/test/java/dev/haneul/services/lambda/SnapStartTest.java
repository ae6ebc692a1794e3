package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.Environment;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.GetFunctionConfigurationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.lambda.PublishVersionRequest;
import dev.haneul.api.lambda.SnapStart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** Published versions of Java functions, started from what an earlier start loaded. */
class SnapStartTest {
    /** A start that loads a few hundred classes of the JDK and forty of its own. */
    private static final String CODE = """
            import com.amazonaws.services.lambda.runtime.*;
            import java.util.*;

            public class App implements RequestHandler<Map<String, Object>, String> {
                private static final String READY;
                static {
                    var builder = new StringBuilder();
                    %s
                    builder.append(java.util.regex.Pattern.compile("a+").matcher("aa").matches());
                    builder.append(java.time.ZonedDateTime.of(2026, 1, 2, 3, 4, 5, 0, java.time.ZoneOffset.UTC)
                            .format(java.time.format.DateTimeFormatter.ISO_DATE_TIME));
                    builder.append(javax.xml.parsers.DocumentBuilderFactory.newInstance().isNamespaceAware());
                    builder.append(java.net.http.HttpClient.newHttpClient().version());
                    READY = builder.toString();
                }
                public String handleRequest(Map<String, Object> event, Context context) {
                    if (event.containsKey("exit")) System.exit(0);
                    try (var lines = java.nio.file.Files.lines(java.nio.file.Path.of("/tmp/classes"))) {
                        return READY + lines.filter(line -> line.contains(" App ") || line.contains(" Part39 "))
                                .map(line -> line.replaceAll(".*source: ", "")).toList();
                    } catch (java.io.IOException e) {
                        return e.toString();
                    }
                }
            }
            """;

    @Test
    void aVersionIsStartedOnceAndItsLaterStartsFindItReady() throws Exception {
        try (TempFolder folder = new TempFolder();
                TestRegion region = new TestRegion(folder.path())) {
            byte[] zip = compile(folder.path().resolve("src"));
            Environment tells =
                    new Environment().variables(Map.of("JAVA_TOOL_OPTIONS", "-Xlog:class+load:file=/tmp/classes"));
            region.create(TestRegion.function("plain", "java25", "App", zip)
                    .memorySize(512)
                    .environment(tells));
            region.create(TestRegion.function("snap", "java25", "App", zip)
                    .memorySize(512)
                    .environment(tells)
                    .snapStart(new SnapStart().applyOn("PublishedVersions")));
            FunctionConfiguration version =
                    region.lambda.publishVersion(new PublishVersionRequest().functionName("snap"), region.call());
            assertThat(version.state()).isEqualTo("Pending");
            region.settle();
            FunctionConfiguration ready = region.lambda.getFunctionConfiguration(
                    new GetFunctionConfigurationRequest().functionName("snap").qualifier("1"), region.call());
            assertThat(ready.state()).isEqualTo("Active");
            assertThat(ready.snapStart().optimizationStatus()).isEqualTo("On");
            double with = Double.MAX_VALUE;
            double without = Double.MAX_VALUE;
            for (int i = 0; i < 3; i++) {
                InvocationResponse answer = region.invoke("snap:1", "{}");
                assertThat(answer.functionError()).isNull();
                assertThat(TestRegion.text(answer))
                        .contains("true2026-01-02T03:04:05Z")
                        .endsWith("[shared objects file, shared objects file]\"");
                with = Math.min(with, duration(TestRegion.tail(answer)));
                InvocationResponse other = region.invoke("plain", "{}");
                assertThat(TestRegion.text(other)).doesNotContain("shared objects file");
                without = Math.min(without, duration(TestRegion.tail(other)));
                region.invoke("snap:1", "{\"exit\":1}");
                region.invoke("plain", "{\"exit\":1}");
            }
            System.out.println("SnapStart: Init Duration " + with + " ms with, " + without + " ms without");
            assertThat(region.lambda
                            .publishVersion(new PublishVersionRequest().functionName("snap"), region.call())
                            .version())
                    .isEqualTo("1"); // nothing has changed since
            assertThatThrownBy(() ->
                            region.create(TestRegion.function("node", "nodejs20.x", "index.handler", "index.js", "")
                                    .snapStart(new SnapStart().applyOn("PublishedVersions"))))
                    .hasMessageContaining("not supported for SnapStart");
        }
    }

    private static double duration(String tail) {
        assertThat(tail).contains("Init Duration: ");
        return Double.parseDouble(tail.replaceAll("(?s).*Init Duration: ([0-9.]+) ms.*", "$1"));
    }

    private static byte[] compile(Path sources) throws IOException {
        Files.createDirectories(sources);
        StringBuilder parts = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            Files.writeString(
                    sources.resolve("Part" + i + ".java"),
                    "class Part" + i + " { int x = " + i + "; public String toString() { return \"p\" + x; } }");
            parts.append("builder.append(new Part").append(i).append("());");
        }
        Files.writeString(sources.resolve("App.java"), CODE.formatted(parts));
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "--release",
                        "17",
                        "-Xlint:-options",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-sourcepath",
                        sources.toString(),
                        sources.resolve("App.java").toString());
        assertThat(failed).isZero();
        Map<String, byte[]> files = new HashMap<>();
        try (Stream<Path> all = Files.list(sources)) {
            for (Path file :
                    all.filter(one -> one.toString().endsWith(".class")).toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return Zips.of(files);
    }
}
