package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.lambda.InvokeWithResponseStreamCompleteEvent;
import dev.haneul.api.lambda.InvokeWithResponseStreamRequest;
import dev.haneul.api.lambda.InvokeWithResponseStreamResponseEvent;
import dev.haneul.api.runtime.EventStream;
import dev.haneul.api.runtime.Struct;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Functions that mean harm, and packages that do: the server and the next invocation are well. */
class HostileTest {
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

    @Test
    void aFunctionThatForksLeavesNobodyBehind() {
        region.python("forks", """
                import os, time
                def handler(event, context):
                    with open('/proc/self/comm', 'w') as comm:
                        comm.write('hn-forks')
                    if os.fork() == 0:
                        for fd in range(3, 64):
                            try: os.close(fd)
                            except OSError: pass
                        time.sleep(600)
                        os._exit(0)
                    return os.getpid()
                """);
        String first = TestRegion.text(region.invoke("forks", "{}"));
        assertThat(TestRegion.text(region.invoke("forks", "{}"))).isEqualTo(first);
        assertThat(processes("hn-forks"))
                .as("the runtime and two that it forked")
                .hasSizeGreaterThan(2);
        region.lambda.deleteFunction(
                new dev.haneul.api.lambda.DeleteFunctionRequest().functionName("forks"), region.call());
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!processes("hn-forks").isEmpty() && System.nanoTime() < deadline) {
            Thread.onSpinWait(); // they end soon, not at once
        }
        assertThat(processes("hn-forks")).isEmpty();
    }

    /** The host's processes of a name, which what they fork has too. */
    private static List<Long> processes(String name) {
        return ProcessHandle.allProcesses()
                .map(ProcessHandle::pid)
                .filter(pid -> hasName(pid, name))
                .toList();
    }

    private static boolean hasName(long pid, String name) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(pid), "comm"))
                    .strip()
                    .equals(name);
        } catch (IOException e) {
            return false; // ended
        }
    }

    @Test
    void aFunctionThatClosesTheRuntimesSocketsIsHeardAllTheSame() {
        region.python("closes", """
                import os
                def handler(event, context):
                    if event:
                        os.closerange(3, 256)
                    return 'fine'
                """);
        assertThat(TestRegion.text(region.invoke("closes", "{\"n\":1}"))).isEqualTo("\"fine\""); // it knocks again
        assertThat(TestRegion.text(region.invoke("closes", "{}"))).isEqualTo("\"fine\"");
    }

    @Test
    void aFunctionThatIgnoresEverySignalIsStoppedAllTheSame() {
        region.create(TestRegion.function("deaf", "python3.11", "app.handler", "app.py", """
                import signal, time
                for number in range(1, 65):
                    try: signal.signal(number, signal.SIG_IGN)
                    except (OSError, ValueError): pass
                def handler(event, context):
                    while event: time.sleep(60)
                    return 'fine'
                """)
                .timeout(1));
        assertThat(TestRegion.text(region.invoke("deaf", "1"))).contains("Sandbox.Timedout");
        assertThat(TestRegion.text(region.invoke("deaf", "0"))).isEqualTo("\"fine\"");
    }

    @Test
    void whatItLeavesRunningIsFrozenWithItAndGoesOnWithTheNextInvocation() throws Exception {
        region.create(TestRegion.function("busy", "python3.11", "app.handler", "app.py", """
                import threading, time
                def spin():
                    while True: pass
                def handler(event, context):
                    if event: threading.Thread(target=spin, daemon=True).start()
                    else: time.sleep(0.3)
                    return time.process_time()
                """)
                .memorySize(1769));
        double first = Double.parseDouble(TestRegion.text(region.invoke("busy", "1")));
        Thread.sleep(3000); // real time, in which it would use the CPU
        double second = Double.parseDouble(TestRegion.text(region.invoke("busy", "0")));
        assertThat(second - first).isBetween(0.001, 1.5);
    }

    @Test
    void aSmallFunctionHasASmallShareOfTheCpu() {
        region.create(TestRegion.function("small", "python3.11", "app.handler", "app.py", """
                import time
                def handler(event, context):
                    begun, used = time.time(), time.process_time()
                    while time.time() - begun < 1: pass
                    return time.process_time() - used
                """)
                .memorySize(128)
                .timeout(10));
        double used = Double.parseDouble(TestRegion.text(region.invoke("small", "{}")));
        assertThat(used).isLessThan(0.3); // 128/1769 of a CPU, in slices of a tenth of a second
    }

    @Test
    void aRuntimeThatAnswersNoJsonIsHandedOnAsItIs() {
        region.create(TestRegion.function("mumbles", "provided.al2023", "none", Zips.executable("""
                #!/usr/bin/python3
                import http.client, os
                api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
                while True:
                    api.request('GET', '/2018-06-01/runtime/invocation/next')
                    r = api.getresponse()
                    r.read()
                    request_id = r.headers['Lambda-Runtime-Aws-Request-Id']
                    api.request('POST', '/2018-06-01/runtime/invocation/%s/response' % request_id, '{"no json')
                    api.getresponse().read()
                """)));
        for (int i = 0; i < 2; i++) {
            InvocationResponse answer = region.invoke("mumbles", "{}");
            assertThat(answer.functionError()).isNull();
            assertThat(TestRegion.text(answer)).isEqualTo("{\"no json");
        }
    }

    @Test
    void aFunctionThatMinglesWithTheRuntimeApiHarmsOnlyItself() {
        region.python("mingles", """
                import http.client, os
                def handler(event, context):
                    api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
                    seen = []
                    for method, path in (('POST', '/2018-06-01/runtime/invocation/other/response'),
                                         ('POST', '/2018-06-01/runtime/init/error'),
                                         ('GET', '/2018-06-01/runtime/../../etc/passwd'),
                                         ('DELETE', '/2018-06-01/runtime/invocation/next')):
                        api.request(method, path, body='x')
                        answer = api.getresponse()
                        answer.read()
                        seen.append(answer.status)
                    return seen
                """);
        assertThat(TestRegion.text(region.invoke("mingles", "{}"))).isEqualTo("[400, 403, 405, 405]");
    }

    @Test
    void aHundredThousandEntriesAreRefused() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.setLevel(1);
            for (int i = 0; i < 100_000; i++) {
                zip.putNextEntry(new ZipEntry("many/" + i % 100 + "/" + i));
            }
            zip.putNextEntry(new ZipEntry("app.py"));
            zip.write("def handler(e, c): return 'many'".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        }
        assertThatThrownBy(() ->
                        region.create(TestRegion.function("many", "python3.11", "app.handler", bytes.toByteArray())))
                .hasMessageContaining("Could not unzip uploaded file");
        assertThatThrownBy(() -> region.lambda.getFunction(
                        new dev.haneul.api.lambda.GetFunctionRequest().functionName("many"), region.call()))
                .hasMessageContaining("Function not found");
    }

    @Test
    void aStreamOfMoreThanTwoHundredMegabytesIsCutThere() throws Exception {
        region.node("endless", """
                exports.handler = awslambda.streamifyResponse(async (event, out) => {
                    const piece = Buffer.alloc(1 << 20, 'x');
                    for (let i = 0; i < 210; i++) await new Promise((go) => { out.write(piece, go); });
                    out.end();
                });
                """);
        long bytes = 0;
        InvokeWithResponseStreamCompleteEvent end = null;
        try (EventStream stream = region.lambda
                .invokeWithResponseStream(new InvokeWithResponseStreamRequest().functionName("endless"), region.call())
                .eventStream()) {
            for (Struct event = stream.next(); event != null; event = stream.next()) {
                InvokeWithResponseStreamResponseEvent one = (InvokeWithResponseStreamResponseEvent) event;
                bytes += one.payloadChunk() == null ? 0 : one.payloadChunk().payload().length;
                end = one.invokeComplete();
            }
        }
        assertThat(bytes).isEqualTo(200L * 1024 * 1024);
        assertThat(end.errorCode()).isEqualTo("Unhandled");
        assertThat(end.errorDetails()).contains("Function.ResponseSizeTooLarge");
    }

    @Test
    void aPackageThatIsNoPackageMakesNoFunction() {
        assertThatThrownBy(() -> region.create(
                        TestRegion.function("escape", "python3.11", "app.handler", Zips.of("../app.py", "x"))))
                .hasMessageContaining("zip");
        assertThatThrownBy(() -> region.lambda.getFunction(
                        new dev.haneul.api.lambda.GetFunctionRequest().functionName("escape"), region.call()))
                .hasMessageContaining("Function not found");
    }
}
