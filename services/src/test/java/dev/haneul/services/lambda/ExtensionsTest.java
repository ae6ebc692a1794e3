package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.DeleteFunctionRequest;
import dev.haneul.api.lambda.Environment;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.lambda.LayerVersionContentInput;
import dev.haneul.api.lambda.PublishLayerVersionRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** External and internal extensions, and what they are told. */
class ExtensionsTest {
    /** An extension of a few lines: registers, subscribes where asked, prints what it is told. */
    private static final String EXTENSION = """
            #!/usr/bin/env python3
            import http.client, http.server, json, os, sys, threading, time
            API = os.environ['AWS_LAMBDA_RUNTIME_API']
            NAME = os.path.basename(__file__)
            def say(*words):
                print(NAME, *words, flush=True)
            def call(method, path, body=None, **headers):
                c = http.client.HTTPConnection(API)
                named = {k.replace('_', '-'): v for k, v in headers.items()}
                c.request(method, path, body and json.dumps(body), named)
                r = c.getresponse()
                return r.status, r.headers, r.read().decode()
            MODE = os.environ.get('MODE', '')
            if MODE == 'late':
                time.sleep(0.4)
            if MODE == 'crash':
                sys.exit(3)
            events = {'events': ['INVOKE', 'SHUTDOWN']}
            status, headers, body = call('POST', '/2020-01-01/extension/register', events,
                Lambda_Extension_Name=NAME, Lambda_Extension_Accept_Feature='accountId')
            say('registered', status, body, 'handler hidden' if '_HANDLER' not in os.environ else 'handler shown')
            me = headers['Lambda-Extension-Identifier']
            if MODE == 'initerror':
                say('told', call('POST', '/2020-01-01/extension/init/error', {},
                    Lambda_Extension_Identifier=me, Lambda_Extension_Function_Error_Type='Mine.Broken')[0])
                time.sleep(60)
            seen = []
            class Sink(http.server.BaseHTTPRequestHandler):
                def do_POST(self):
                    for one in json.loads(self.rfile.read(int(self.headers['Content-Length']))):
                        if one['type'] != 'extension':
                            say('telemetry', json.dumps(one))
                        seen.append(one['type'])
                    self.send_response(200); self.end_headers()
                def log_message(self, *a): pass
            if MODE.startswith('telemetry'):
                server = http.server.ThreadingHTTPServer(('sandbox.localdomain', 4243), Sink)
                threading.Thread(target=server.serve_forever, daemon=True).start()
                path, version = ('/2022-07-01/telemetry', '2022-12-13') if MODE == 'telemetry' \\
                    else ('/2020-08-15/logs', '2021-03-18')
                say('subscribed', *call('PUT', path, {'schemaVersion': version,
                    'types': ['platform', 'function', 'extension'],
                    'buffering': {'timeoutMs': 25},
                    'destination': {'protocol': 'HTTP', 'URI': 'http://sandbox.localdomain:4243/x'}},
                    Lambda_Extension_Identifier=me)[::2])
            while True:
                status, headers, body = call('GET', '/2020-01-01/extension/event/next', Lambda_Extension_Identifier=me)
                event = json.loads(body)
                say('event', body)
                if event['eventType'] == 'SHUTDOWN':
                    break
                if MODE.startswith('telemetry'): # as monitoring extensions do: the report of the runtime first
                    for i in range(200):
                        if 'platform.runtimeDone' in seen: break
                        time.sleep(0.02)
                    seen.clear()
                if MODE == 'slow':
                    time.sleep(0.3)
                if MODE == 'exit':
                    sys.exit(0)
            """;

    private static final String HANDLER = """
            import os
            def handler(event, context):
                print('the handler speaks')
                return 'fine'
            """;
    private static TempFolder folder;
    private static TestRegion region;
    private static String layer;

    @BeforeAll
    static void open() throws IOException {
        folder = new TempFolder();
        region = new TestRegion(folder.path());
        layer = layer("extensions", Map.of("extensions/watcher", EXTENSION));
    }

    @AfterAll
    static void close() throws IOException {
        region.close();
        folder.close();
    }

    private static String layer(String name, Map<String, String> files) {
        Map<String, byte[]> bytes = new java.util.TreeMap<>();
        files.forEach((file, text) -> bytes.put(file, text.getBytes(StandardCharsets.UTF_8)));
        return region.lambda
                .publishLayerVersion(
                        new PublishLayerVersionRequest()
                                .layerName(name)
                                .content(new LayerVersionContentInput().zipFile(Zips.executables(bytes))),
                        region.call())
                .layerVersionArn();
    }

    private static void function(String name, String mode) {
        CreateFunctionRequest request = TestRegion.function(name, "python3.11", "app.handler", "app.py", HANDLER)
                .layers(List.of(layer))
                .environment(new Environment().variables(Map.of("MODE", mode)));
        region.create(request);
    }

    /** The function's log, once it has this word; fails after ten seconds. */
    private static List<String> logWith(String name, String word) {
        Instant until = Instant.now().plus(Duration.ofSeconds(10));
        while (true) {
            List<String> log = region.log(name);
            if (log.stream().anyMatch(line -> line.contains(word))
                    || Instant.now().isAfter(until)) {
                assertThat(log).anySatisfy(line -> assertThat(line).contains(word));
                return log;
            }
        }
    }

    @Test
    void aProgramRegistersIsToldOfEachInvocationAndOfTheEnd() {
        function("watched", "late");
        InvocationResponse first = region.invoke("watched", "{}");
        assertThat(TestRegion.text(first)).isEqualTo("\"fine\"");
        assertThat(TestRegion.text(region.invoke("watched", "{}"))).isEqualTo("\"fine\"");
        region.lambda.deleteFunction(new DeleteFunctionRequest().functionName("watched"), region.call());
        List<String> log = logWith("watched", "shutdownReason");
        assertThat(log)
                .anySatisfy(line -> assertThat(line)
                        .contains(
                                "watcher registered 200",
                                "\"functionName\":\"watched\"",
                                "\"functionVersion\":\"$LATEST\"",
                                "\"handler\":\"app.handler\"",
                                "\"accountId\":\"000000000000\"",
                                "handler hidden"))
                .anySatisfy(line -> assertThat(line)
                        .isEqualTo("EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE, SHUTDOWN]\n"))
                .anySatisfy(line -> assertThat(line).contains("\"shutdownReason\":\"spindown\""));
        assertThat(log)
                .filteredOn(line -> line.contains("\"eventType\":\"INVOKE\""))
                .hasSize(2)
                .allSatisfy(line -> assertThat(line)
                        .contains("\"requestId\":", "\"deadlineMs\":", "function:watched", "\"tracing\":{\"type\""));
        String report = log.stream()
                .filter(line -> line.contains("Init Duration"))
                .findFirst()
                .orElseThrow();
        assertThat(Double.parseDouble(report.replaceAll("(?s).*Init Duration: ([0-9.]+) ms.*", "$1")))
                .isGreaterThan(400);
    }

    @Test
    void telemetryIsDeliveredWhileExtensionsWaitForIt() {
        function("told", "telemetry");
        region.invoke("told", "{}");
        region.invoke("told", "{}");
        region.lambda.deleteFunction(new DeleteFunctionRequest().functionName("told"), region.call());
        List<String> log = logWith("told", "shutdownReason");
        assertThat(log).anySatisfy(line -> assertThat(line).contains("subscribed 200 \"OK\""));
        for (String type : List.of(
                "platform.initStart",
                "platform.initRuntimeDone",
                "platform.initReport",
                "platform.telemetrySubscription",
                "platform.extension",
                "platform.start",
                "platform.runtimeDone",
                "platform.report",
                "\"function\"")) {
            assertThat(log).anySatisfy(line -> assertThat(line).contains("watcher telemetry", type));
        }
        assertThat(log)
                .anySatisfy(line -> assertThat(line).contains("\"record\": \"the handler speaks\\n\""))
                .noneSatisfy(line -> assertThat(line).contains("telemetry", "platform.end"));
    }

    @Test
    void theOlderLogsApiHasItsOwnEvents() {
        function("logged", "telemetrylogs");
        region.invoke("logged", "{}");
        region.lambda.deleteFunction(new DeleteFunctionRequest().functionName("logged"), region.call());
        assertThat(logWith("logged", "shutdownReason"))
                .anySatisfy(line -> assertThat(line).contains("watcher telemetry", "platform.end"))
                .anySatisfy(line -> assertThat(line).contains("watcher telemetry", "platform.logsSubscription"))
                .noneSatisfy(line -> assertThat(line).contains("watcher telemetry", "platform.initReport"));
    }

    @Test
    void whatAnExtensionWorksOnAfterTheAnswerIsBilled() {
        function("afterwards", "slow");
        region.invoke("afterwards", "{}");
        assertThat(region.facts("afterwards")).singleElement().satisfies(fact -> {
            assertThat(fact.extensionsMicros()).isGreaterThan(150_000);
            assertThat(fact.billedMillis() * 1000)
                    .isGreaterThanOrEqualTo(fact.durationMicros() + fact.initMicros() + fact.extensionsMicros());
        });
    }

    @Test
    void oneThatEndsOrFailsEndsItsEnvironment() {
        function("crashing", "crash");
        assertThat(TestRegion.text(region.invoke("crashing", "{}")))
                .contains("\"errorType\":\"Extension.Crash\"", "Error: exit status 3");
        function("leaving", "exit");
        assertThat(TestRegion.text(region.invoke("leaving", "{}")))
                .satisfiesAnyOf(
                        text -> assertThat(text).contains("\"errorType\":\"Extension.Crash\"", "Error: exit code 0"),
                        text -> assertThat(text).isEqualTo("\"fine\"")); // it answered before the extension left
        function("failing", "initerror");
        assertThat(TestRegion.text(region.invoke("failing", "{}")))
                .contains("\"errorType\":\"Extension.InitError\"", "Mine.Broken");
        assertThat(region.log("failing"))
                .anySatisfy(line -> assertThat(line).contains("INIT_REPORT", "Error Type: Extension.InitError"));
    }

    @Test
    void aPartOfTheRuntimesProcessIsAnExtensionToo() {
        region.python("inside", """
                import http.client, json, os, threading, time
                API = os.environ['AWS_LAMBDA_RUNTIME_API']
                def call(method, path, body=None, **headers):
                    c = http.client.HTTPConnection(API)
                    c.request(method, path, body and json.dumps(body), {k.replace('_', '-'): v for k, v in headers.items()})
                    r = c.getresponse()
                    return r.status, r.headers, r.read().decode()
                R = '/2020-01-01/extension/'
                said = [call('POST', R + 'register', {'events': ['SHUTDOWN']}, Lambda_Extension_Name='inner')[2],
                        call('POST', R + 'register', {'events': ['INVOKE']})[2],
                        call('GET', R + 'event/next')[2],
                        call('GET', R + 'event/next', Lambda_Extension_Identifier='x')[2]]
                status, headers, body = call('POST', R + 'register', {'events': ['INVOKE']}, Lambda_Extension_Name='inner')
                me = headers['Lambda-Extension-Identifier']
                got = []
                def loop():
                    while True:
                        got.append(json.loads(call('GET', R + 'event/next', Lambda_Extension_Identifier=me)[2]))
                threading.Thread(target=loop, daemon=True).start()
                def told(request):
                    end = time.monotonic() + 5
                    while time.monotonic() < end and not (got and got[-1]['requestId'] == request):
                        time.sleep(0.01)
                    return bool(got) and got[-1]['requestId'] == request
                def handler(event, context):
                    late = call('POST', R + 'register', {'events': ['INVOKE']}, Lambda_Extension_Name='late')
                    return [*said, late[0], late[2], told(context.aws_request_id)]
                """);
        for (int i = 0; i < 2; i++) {
            assertThat(TestRegion.text(region.invoke("inside", "{}")))
                    .contains(
                            "ShutdownEventNotSupportedForInternalExtension",
                            "Extension.InvalidExtensionName",
                            "Extension.MissingExtensionIdentifier",
                            "Extension.InvalidExtensionIdentifier",
                            "403",
                            "Extension.RegistrationClosed",
                            "true]");
        }
    }
}
