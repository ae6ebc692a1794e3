package dev.haneul.services.lambda;

import static dev.haneul.services.lambda.TestRegion.tail;
import static dev.haneul.services.lambda.TestRegion.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.api.lambda.Environment;
import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** AWS's own Java runtime interface client on our Runtime API. */
class JavaRuntimeTest {
    private static final String CODE = """
            import com.amazonaws.services.lambda.runtime.Context;
            import com.amazonaws.services.lambda.runtime.RequestHandler;
            import java.util.Map;

            public class App implements RequestHandler<Map<String, Object>, Map<String, Object>> {
                public Map<String, Object> handleRequest(Map<String, Object> event, Context context) {
                    if (event.containsKey("fail")) throw new IllegalStateException("asked to");
                    context.getLogger().log("two\\nlines");
                    System.out.println("printed");
                    return Map.of("name", context.getFunctionName(), "got", event.get("a"));
                }

                public String plain(Object event) { return "plain"; }

                public String told(Object event, Context context) {
                    com.amazonaws.services.lambda.runtime.LambdaRuntime.getLogger().log("direct\\nlines");
                    return context.getAwsRequestId() + " " + context.getFunctionVersion() + " "
                        + context.getMemoryLimitInMB() + " " + (context.getRemainingTimeInMillis() > 0) + " "
                        + context.getInvokedFunctionArn() + " " + context.getIdentity() + " "
                        + context.getClientContext().getCustom().get("k") + " "
                        + java.security.Security.getProperty("networkaddress.cache.negative.ttl");
                }

                public Object thrown(Object event) throws Exception {
                    throw new java.io.IOException("outer", new IllegalArgumentException("inner"));
                }

                public Object large(Object event) { return "x".repeat(7 << 20); }

                public static final class Bean {
                    public int number;
                    public int getTwice() { return number * 2; }
                }

                public Object bean(Object event) {
                    Bean bean = new Bean();
                    bean.number = 21;
                    return bean;
                }

                public Bean fitted(Bean bean) { return bean; }

                private final long total = Runtime.getRuntime().totalMemory();
                private final java.util.Set<Thread> threads = Thread.getAllStackTraces().keySet();
                public String seen(Object event) {
                    return total + (threads.stream().anyMatch(t -> t.getName().startsWith("haneul")) ? " ours" : " none");
                }

                private int calls;
                public int count(Object event) { return ++calls; }
            }
            """;
    private static final String BROKEN = """
            public class Broken {
                public Broken() { throw new IllegalStateException("no way"); }
                public String run(Object event) { return ""; }
            }
            class Unused { }
            """;
    private static final String STATIC = """
            public class Static {
                static { if (true) throw new IllegalStateException("no way"); }
                public String run(Object event) { return ""; }
            }
            """;
    private static TempFolder folder;
    private static TestRegion region;
    private static byte[] zip;

    @BeforeAll
    static void open() throws IOException {
        folder = new TempFolder();
        region = new TestRegion(folder.path());
        zip = compile(folder.path().resolve("src"));
    }

    @AfterAll
    static void close() throws IOException {
        region.close();
        folder.close();
    }

    @Test
    void handlersRunWarmAndTheirLogsAreEvents() {
        region.create(
                TestRegion.function("app", "java25", "App::handleRequest", zip).memorySize(512));
        InvocationResponse answer = region.invoke("app", "{\"a\":\"하늘\"}");
        assertThat(answer.functionError()).isNull();
        assertThat(text(answer)).contains("\"name\":\"app\"").contains("\"got\":\"하늘\"");
        assertThat(tail(answer)).contains("\tInit Duration: ");
        assertThat(tail(region.invoke("app", "{\"a\":1}"))).doesNotContain("Init Duration");
        assertThat(region.log("app")).contains("two\nlines", "printed\n").noneMatch(event -> event.contains("WARNING"));
    }

    @Test
    void anExceptionBecomesAnErrorDocument() {
        region.create(TestRegion.function("failing", "java21", "App", zip).memorySize(512));
        InvocationResponse answer = region.invoke("failing", "{\"fail\":1}");
        assertThat(answer.functionError()).isEqualTo("Unhandled");
        assertThat(text(answer))
                .contains("\"errorMessage\":\"asked to\"")
                .contains("\"errorType\":\"java.lang.IllegalStateException\"")
                .contains("\"stackTrace\":[\"App.handleRequest(");
        assertThat(text(region.invoke("failing", "{\"a\":1}"))).contains("\"got\":1");
    }

    @Test
    void aWarmJvmStaysWarmWhenItsServerGoes() throws IOException {
        assumeTrue(
                TestRegion.javaJars().stream()
                        .anyMatch(jar -> jar.getFileName().toString().startsWith("runtime-java")),
                "what we add to AWS's client is not packaged yet");
        try (TempFolder own = new TempFolder()) {
            TestRegion first = new TestRegion(own.path());
            first.create(
                    TestRegion.function("lasting", "java25", "App::count", zip).memorySize(512));
            assertThat(text(first.invoke("lasting", "{}"))).isEqualTo("1");
            Neighbours.Logs logs = first.logs;
            first.abandon();
            try (TestRegion second = new TestRegion(TestRegion.Parts.of(own.path()), logs)) {
                long deadline = System.nanoTime() + 20_000_000_000L;
                while (!second.lambda.status().contains("environments: 1 idle, 0 in use")) {
                    assertThat(System.nanoTime()).isLessThan(deadline); // until it has knocked at its reopened door
                }
                assertThat(text(second.invoke("lasting", "{}"))).isEqualTo("2");
            }
        }
    }

    @Test
    void aPlainHandlerIsToldWhatAnyIs() {
        region.create(TestRegion.function("told", "java25", "App::told", zip).memorySize(512));
        String custom =
                Base64.getEncoder().encodeToString("{\"custom\":{\"k\":\"v\"}}".getBytes(StandardCharsets.UTF_8));
        InvocationResponse answer =
                region.invoke(new InvocationRequest().functionName("told").clientContext(custom));
        assertThat(text(answer))
                .matches("\"[0-9a-f-]{36} \\$LATEST 512 true arn:aws:lambda:.*:function:told null v 1\"");
        assertThat(region.log("told")).contains("direct\nlines");
    }

    @ParameterizedTest
    @CsvSource({"128, 8", "2048, 32"})
    void aHeapBeginsAsTheFunctionsMemoryHasItAndNoThreadOfOursIsSeen(int memoryMib, long heapMib) {
        String name = "sized-" + memoryMib;
        Environment ownStart = new Environment().variables(Map.of("TZ", ":UTC"));
        region.create(TestRegion.function(name, "java25", "App::seen", zip)
                .memorySize(memoryMib)
                .environment(ownStart));
        String[] seen = text(region.invoke(name, "{}")).replace("\"", "").split(" ");
        assertThat(Long.parseLong(seen[0])).isBetween((heapMib << 20) * 9 / 10, heapMib << 20);
        assertThat(seen[1]).isEqualTo("none");
    }

    @Test
    void whatAPlainHandlerThrowsIsTold() {
        region.create(
                TestRegion.function("throwing", "java25", "App::thrown", zip).memorySize(512));
        InvocationResponse answer = region.invoke("throwing", "{}");
        assertThat(answer.functionError()).isEqualTo("Unhandled");
        assertThat(text(answer))
                .contains("\"errorMessage\":\"outer\"", "\"errorType\":\"java.io.IOException\"")
                .contains("\"stackTrace\":[\"App.thrown(")
                .doesNotContain("dev.haneul");
        assertThat(region.log("throwing")).anyMatch(event -> event.startsWith("outer: java.io.IOException"));
    }

    @Test
    void anAnswerThatIsTooLargeIsAnError() {
        region.create(TestRegion.function("large", "java25", "App::large", zip).memorySize(512));
        InvocationResponse answer = region.invoke("large", "{}");
        assertThat(answer.functionError()).isEqualTo("Unhandled");
        assertThat(text(answer)).contains("Function.ResponseSizeTooLarge");
        assertThat(text(region.invoke("large", "{}"))).contains("Function.ResponseSizeTooLarge");
    }

    @Test
    void beansAreWrittenAndReadAsByAws() {
        region.create(TestRegion.function("bean", "java25", "App::bean", zip).memorySize(512));
        assertThat(text(region.invoke("bean", "{}"))).isEqualTo("{\"number\":21,\"twice\":42}");
        region.create(
                TestRegion.function("fitted", "java25", "App::fitted", zip).memorySize(512));
        assertThat(text(region.invoke("fitted", "{\"number\":4}"))).isEqualTo("{\"number\":4,\"twice\":8}");
    }

    @Test
    void whatFailsBeforeTheFirstEventIsTold() {
        for (var told : Map.of("Broken", "no way", "Static", "Error loading class Static")
                .entrySet()) {
            region.create(TestRegion.function(told.getKey(), "java25", told.getKey() + "::run", zip)
                    .memorySize(512));
            InvocationResponse answer = region.invoke(told.getKey(), "{}");
            assertThat(answer.functionError()).isEqualTo("Unhandled");
            assertThat(text(answer)).contains(told.getValue()).doesNotContain("dev.haneul");
        }
    }

    @Test
    void aMissingClassIsToldByName() {
        region.create(
                TestRegion.function("classless", "java21", "Nothing::here", zip).memorySize(512));
        assertThat(text(region.invoke("classless", "{}")))
                .contains("Class not found: Nothing")
                .contains("java.lang.ClassNotFoundException");
    }

    @Test
    void theJvmIsTrainedOnce() throws IOException {
        region.create(
                TestRegion.function("trained", "java25", "App::plain", zip).memorySize(512));
        assertThat(text(region.invoke("trained", "{}"))).isEqualTo("\"plain\"");
        try (Stream<Path> files = Files.walk(folder.path().resolve("lambda/runtimes"))) {
            assertThat(files.map(file -> file.getFileName().toString())
                            .filter(name -> name.endsWith(".aot") || name.endsWith(".jsa")))
                    .contains("plain.aot", "serving.aot", "standby.aot");
        }
        assertThat(folder.path().resolve("lambda/training")).isDirectoryNotContaining("glob:**training-*");
    }

    private static byte[] compile(Path sources) throws IOException {
        Files.createDirectories(sources);
        Files.writeString(sources.resolve("App.java"), CODE);
        Files.writeString(sources.resolve("Broken.java"), BROKEN);
        Files.writeString(sources.resolve("Static.java"), STATIC);
        int failed = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        null,
                        "--release",
                        "11",
                        "-Xlint:-options",
                        "-cp",
                        System.getProperty("java.class.path"),
                        sources.resolve("App.java").toString(),
                        sources.resolve("Broken.java").toString(),
                        sources.resolve("Static.java").toString());
        assertThat(failed).isZero();
        Map<String, byte[]> files = new HashMap<>();
        for (String name : List.of("App", "App$Bean", "Broken", "Static")) {
            files.put(name + ".class", Files.readAllBytes(sources.resolve(name + ".class")));
        }
        return Zips.of(files);
    }
}
