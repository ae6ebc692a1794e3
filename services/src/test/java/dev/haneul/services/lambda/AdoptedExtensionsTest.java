package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.lambda.DeleteFunctionRequest;
import dev.haneul.api.lambda.Environment;
import dev.haneul.api.lambda.LayerVersionContentInput;
import dev.haneul.api.lambda.PublishLayerVersionRequest;
import dev.haneul.services.lambda.TestRegion.Parts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Environments with extensions, and of container images, are taken over by the next server. */
class AdoptedExtensionsTest {
    /** Knocks again where nobody answers, as long-lived agents do; one in mode {@code fragile} does not. */
    private static final String EXTENSION = """
            #!/usr/bin/env python3
            import http.client, http.server, json, os, sys, threading, time
            API = os.environ['AWS_LAMBDA_RUNTIME_API']
            MODE = os.environ.get('MODE', '')
            def call(method, path, body=None, **headers):
                while True:
                    try:
                        c = http.client.HTTPConnection(API)
                        named = {k.replace('_', '-'): v for k, v in headers.items()}
                        c.request(method, path, body and json.dumps(body), named)
                        r = c.getresponse()
                        return r.status, r.headers, r.read().decode()
                    except (OSError, http.client.HTTPException):
                        if MODE == 'fragile':
                            sys.exit(1)
                        time.sleep(0.05)
            status, headers, body = call('POST', '/2020-01-01/extension/register', {'events': ['INVOKE', 'SHUTDOWN']},
                Lambda_Extension_Name='watcher')
            me = headers['Lambda-Extension-Identifier']
            class Sink(http.server.BaseHTTPRequestHandler):
                def do_POST(self):
                    for one in json.loads(self.rfile.read(int(self.headers['Content-Length']))):
                        if one['type'] == 'function':
                            print('heard', one['record'].strip(), flush=True)
                    self.send_response(200); self.end_headers()
                def log_message(self, *a): pass
            server = http.server.ThreadingHTTPServer(('sandbox.localdomain', 4243), Sink)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            call('PUT', '/2022-07-01/telemetry', {'schemaVersion': '2022-12-13', 'types': ['function'],
                'buffering': {'timeoutMs': 25},
                'destination': {'protocol': 'HTTP', 'URI': 'http://sandbox.localdomain:4243'}},
                Lambda_Extension_Identifier=me)
            told = 0
            while True:
                status, headers, body = call('GET', '/2020-01-01/extension/event/next', Lambda_Extension_Identifier=me)
                told += 1
                print('told', told, json.loads(body)['eventType'], flush=True)
                if 'SHUTDOWN' in body:
                    break
                time.sleep(0.1)
            """;

    private static final String HANDLER = """
            import time
            n = 0
            def handler(event, context):
                global n
                n += 1
                print('call', n)
                time.sleep(event)
                print('done', n)
                return n
            """;

    private TempFolder folder;
    private TestRegion region;

    @BeforeEach
    void open() throws IOException {
        folder = new TempFolder();
        region = new TestRegion(Parts.of(folder.path()));
    }

    @AfterEach
    void close() throws IOException {
        region.close();
        folder.close();
    }

    private void function(String mode) {
        Map<String, byte[]> files = new TreeMap<>();
        files.put("extensions/watcher", EXTENSION.getBytes(StandardCharsets.UTF_8));
        String layer = region.lambda
                .publishLayerVersion(
                        new PublishLayerVersionRequest()
                                .layerName("watching")
                                .content(new LayerVersionContentInput().zipFile(Zips.executables(files))),
                        region.call())
                .layerVersionArn();
        region.create(TestRegion.function("watched", "python3.11", "app.handler", "app.py", HANDLER)
                .layers(List.of(layer))
                .environment(new Environment().variables(Map.of("MODE", mode)))
                .timeout(30));
    }

    /** The server goes as if it were killed, and another one comes. */
    private void again() throws IOException {
        Neighbours.Logs logs = region.logs;
        region.abandon();
        region = new TestRegion(Parts.of(folder.path()), logs);
    }

    private List<String> log(String name) {
        return region.logs.messages("/aws/lambda/" + name);
    }

    private void await(String what, BooleanSupplier seen) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!seen.getAsBoolean()) {
            assertThat(System.nanoTime())
                    .as(what + ": " + log("watched") + region.lambda.status())
                    .isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private void awaitIdle() throws InterruptedException {
        await("idle", () -> region.lambda.status().contains("environments: 1 idle, 0 in use"));
    }

    @Test
    void extensionsGoOnWithTheNextServer() throws Exception {
        function("");
        assertThat(TestRegion.text(region.invoke("watched", "0"))).isEqualTo("1");
        for (int round = 2; round <= 3; round++) {
            again();
            awaitIdle();
            assertThat(TestRegion.text(region.invoke("watched", "0"))).isEqualTo(Integer.toString(round));
        }
        region.lambda.deleteFunction(new DeleteFunctionRequest().functionName("watched"), region.call());
        await("the end", () -> log("watched").contains("told 4 SHUTDOWN\n"));
        assertThat(log("watched"))
                .contains("heard call 1\n", "heard call 2\n", "heard call 3\n", "told 1 INVOKE\n", "told 3 INVOKE\n")
                .doesNotHaveDuplicates();
    }

    @Test
    void anInvocationUnderWayEndsWithItsExtensions() throws Exception {
        function("");
        TestRegion from = region;
        Thread.ofVirtual().start(() -> from.invoke("watched", "1"));
        await("the call", () -> log("watched").contains("call 1\n"));
        again();
        awaitIdle();
        assertThat(TestRegion.text(region.invoke("watched", "0"))).isEqualTo("2");
        await(
                "the second",
                () -> log("watched").stream()
                                .filter(line -> line.startsWith("REPORT"))
                                .count()
                        == 2);
        await("the extension", () -> log("watched").contains("told 2 INVOKE\n"));
        assertThat(log("watched"))
                .filteredOn(line -> line.startsWith("REPORT"))
                .hasSize(2)
                .first()
                .asString()
                .doesNotContain("Status");
    }

    @Test
    void anExtensionThatTheLostServerTakesAlongEndsItsEnvironmentAfterTheInvocation() throws Exception {
        function("fragile");
        assertThat(TestRegion.text(region.invoke("watched", "0"))).isEqualTo("1");
        TestRegion from = region;
        Thread.ofVirtual().start(() -> from.invoke("watched", "1"));
        await("the call", () -> log("watched").contains("call 2\n"));
        again();
        await(
                "the end",
                () -> log("watched").stream()
                                .filter(line -> line.startsWith("REPORT"))
                                .count()
                        == 2);
        assertThat(log("watched")).contains("done 2\n");
        assertThat(TestRegion.text(region.invoke("watched", "0"))).isEqualTo("1"); // anew
    }
}
