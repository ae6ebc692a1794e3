package dev.haneul.services.lambda;

import static dev.haneul.services.lambda.TestRegion.tail;
import static dev.haneul.services.lambda.TestRegion.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.DeleteFunctionRequest;
import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.lambda.PutFunctionConcurrencyRequest;
import dev.haneul.api.lambda.UpdateFunctionCodeRequest;
import dev.haneul.api.runtime.Fault;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Functions that misbehave, and callers that ask for too much. */
class FailuresTest {
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
    void aFunctionThatTakesTooLongIsStopped() {
        region.create(python("slow", "import time\ndef handler(e, c):\n    print('before')\n    time.sleep(60)\n")
                .timeout(1));
        InvocationResponse answer = region.invoke("slow", "{}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.functionError()).isEqualTo("Unhandled");
        String id = id(answer);
        assertThat(text(answer))
                .isEqualTo("{\"errorType\":\"Sandbox.Timedout\",\"errorMessage\":\"RequestId: " + id
                        + " Error: Task timed out after 1.00 seconds\"}");
        assertThat(tail(answer))
                .contains("before\n")
                .containsPattern("Z " + id + " Task timed out after 1.00 seconds\n\nEND RequestId: " + id)
                .contains("\tDuration: 1000.00 ms\t")
                .endsWith("\tStatus: timeout\n");
        assertThat(tail(region.invoke("slow", "{}"))).contains("Init Duration"); // a new environment
    }

    @Test
    void aRuntimeThatEndsIsTold() {
        region.python("exits", "import sys\ndef handler(e, c):\n    sys.exit(e)\n");
        InvocationResponse answer = region.invoke("exits", "7");
        String id = id(answer);
        assertThat(text(answer))
                .isEqualTo("{\"errorType\":\"Runtime.ExitError\",\"errorMessage\":\"RequestId: " + id
                        + " Error: Runtime exited with error: exit status 7\"}");
        assertThat(tail(answer))
                .contains("RequestId: " + id + " Error: Runtime exited with error: exit status 7\nRuntime.ExitError\n")
                .endsWith("\tStatus: error\tError Type: Runtime.ExitError\n");
        assertThat(text(region.invoke("exits", "0"))).contains("Runtime exited without providing a reason");
    }

    @Test
    void aRuntimeThatIsKilledIsTold() {
        region.python("crash", "import os\ndef handler(e, c):\n    os.kill(os.getpid(), 11)\n");
        assertThat(text(region.invoke("crash", "{}")))
                .contains("Runtime exited with error: signal: segmentation fault");
    }

    @Test
    void aFunctionThatWantsTooMuchMemoryIsKilled() {
        assumeTrue(region.engineName().equals("sandbox"));
        region.create(python("hungry", "def handler(e, c):\n    x = bytearray(400 << 20)\n    return len(x)\n")
                .memorySize(128));
        InvocationResponse answer = region.invoke("hungry", "{}");
        assertThat(text(answer))
                .contains("\"errorType\":\"Runtime.OutOfMemory\"")
                .contains("Runtime exited with error: signal: killed");
        assertThat(tail(answer))
                .contains("\tMax Memory Used: 128 MB\t")
                .endsWith("\tStatus: error\tError Type: Runtime.OutOfMemory\n");
    }

    @Test
    void aResultThatIsTooLargeIsAnErrorAndTheFunctionLivesOn() {
        region.python("large", "def handler(e, c):\n    return 'x' * e\n");
        InvocationResponse answer = region.invoke("large", String.valueOf(7 << 20));
        assertThat(text(answer))
                .isEqualTo("{\"errorType\":\"Function.ResponseSizeTooLarge\",\"errorMessage\":\"Response payload size"
                        + " exceeded maximum allowed payload size (6291556 bytes).\"}");
        InvocationResponse next = region.invoke("large", "3");
        assertThat(text(next)).isEqualTo("\"xxx\"");
        assertThat(tail(next)).doesNotContain("Init Duration");
        assertThat(region.invoke("large", String.valueOf(6 << 20)).functionError())
                .isNull();
    }

    @Test
    void anEnvironmentThatDiesWhileItIdlesIsReplacedUnseen() {
        region.python(
                "dying",
                "import os, threading\ndef handler(e, c):\n    threading.Timer(0.02, lambda: os._exit(1)).start()\n    return 1\n");
        for (int i = 0; i < 5; i++) {
            InvocationResponse answer = region.invoke("dying", "{}");
            assertThat(answer.functionError()).isNull();
            park(170);
        }
    }

    @Test
    void aFunctionThatPrintsWithoutEndHarmsNobody() {
        region.create(python(
                        "loud",
                        "def handler(e, c):\n    line = 'x' * 1023\n    for i in range(100 * 1024):\n        print(line)\n    return 'done'\n")
                .timeout(60));
        InvocationResponse answer = region.invoke("loud", "{}");
        assertThat(text(answer)).isEqualTo("\"done\"");
        assertThat(tail(answer)).hasSize(4096).contains("END RequestId: ").contains("x\nEND");
        List<String> log = region.log("loud");
        assertThat(log.getLast()).startsWith("REPORT ");
        assertThat(log.stream().filter(line -> line.startsWith("x")).count()).isPositive();
    }

    @Test
    void payloadsMustBeJsonAndNotTooLarge() {
        region.python("strict", "def handler(e, c):\n    return 1\n");
        refused(
                () -> region.invoke("strict", "{no json"),
                "InvalidRequestContentException",
                "Could not parse request body into json");
        refused(
                () -> region.invoke("strict", "{} {}"),
                "InvalidRequestContentException",
                "Could not parse request body into json");
        refused(
                () -> region.invoke("strict", "\"" + "x".repeat(6 << 20) + "\""),
                "RequestEntityTooLargeException",
                "Request must be smaller than 6291456 bytes for the InvokeFunction operation");
        refused(
                () -> region.event("strict", "\"" + "x".repeat(1 << 20) + "\""),
                "RequestEntityTooLargeException",
                "1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)");
        refused(
                () -> region.invoke(
                        new InvocationRequest().functionName("strict").clientContext("%%%")),
                "InvalidRequestContentException",
                "Client context must be a valid Base64-encoded JSON object.");
        refused(
                () -> region.invoke("absent", "{}"),
                "ResourceNotFoundException",
                "Function not found: arn:aws:lambda:");
        refused(() -> region.invoke("strict:7", "{}"), "ResourceNotFoundException", "function:strict:7");
        assertThat(region.invoke(new InvocationRequest().functionName("strict").invocationType("DryRun"))
                        .statusCode())
                .isEqualTo(204);
    }

    @Test
    void aReservedShareOfNothingThrottlesEverything() {
        region.python("throttled", "def handler(e, c):\n    return 1\n");
        reserve("throttled", 0);
        assertThatThrownBy(() -> region.invoke("throttled", "{}")).isInstanceOfSatisfying(Fault.class, fault -> {
            assertThat(fault.code()).isEqualTo("TooManyRequestsException");
            assertThat(fault.status()).isEqualTo(429);
            assertThat(fault.message()).isEqualTo("Rate Exceeded.");
            assertThat(fault.detail().toString())
                    .contains("Reason=ReservedFunctionConcurrentInvocationLimitExceeded")
                    .contains("Type=User");
        });
    }

    @Test
    void oneAtATimeWhereOneIsReserved() throws Exception {
        region.python("one", "import time\ndef handler(e, c):\n    time.sleep(e)\n    return 1\n");
        reserve("one", 1);
        region.invoke("one", "0");
        Thread slow = Thread.ofVirtual().start(() -> {
            while (true) {
                try {
                    region.invoke("one", "0.5");
                    return;
                } catch (Fault busy) {
                    park(5); // the loop below was quicker
                }
            }
        });
        List<String> refusals = new ArrayList<>();
        while (slow.isAlive()) {
            try {
                region.invoke("one", "0");
            } catch (Fault fault) {
                refusals.add(fault.code());
            }
            park(20);
        }
        assertThat(refusals).isNotEmpty().containsOnly("TooManyRequestsException");
        region.invoke("one", "0");
    }

    @Test
    void aChangedFunctionRunsItsNewCodeAndADeletedOneNone() {
        region.python("changing", "def handler(e, c):\n    return 'old'\n");
        assertThat(text(region.invoke("changing", "{}"))).isEqualTo("\"old\"");
        region.lambda.updateFunctionCode(
                new UpdateFunctionCodeRequest()
                        .functionName("changing")
                        .zipFile(Zips.of("app.py", "def handler(e, c):\n    return 'new'\n")),
                region.call());
        assertThat(text(region.invoke("changing", "{}"))).isEqualTo("\"new\"");
        region.lambda.deleteFunction(new DeleteFunctionRequest().functionName("changing"), region.call());
        refused(() -> region.invoke("changing", "{}"), "ResourceNotFoundException", "Function not found");
    }

    @Test
    void withoutPermissionThereIsNoLogAndAllElseWorks() {
        region.logs.denied = true;
        try {
            region.python("silent", "def handler(e, c):\n    print('x')\n    return 1\n");
            assertThat(tail(region.invoke("silent", "{}"))).contains("x\n");
            assertThat(region.log("silent")).isEmpty();
        } finally {
            region.logs.denied = false;
        }
    }

    private static void reserve(String name, int share) {
        region.lambda.putFunctionConcurrency(
                new PutFunctionConcurrencyRequest().functionName(name).reservedConcurrentExecutions(share),
                region.call());
    }

    private static CreateFunctionRequest python(String name, String code) {
        return TestRegion.function(name, "python3.11", "app.handler", Zips.of("app.py", code));
    }

    private static String id(InvocationResponse answer) {
        String text = tail(answer);
        int from = text.indexOf("RequestId: ") + "RequestId: ".length();
        return text.substring(from, from + 36);
    }

    private static void park(long millis) {
        java.util.concurrent.locks.LockSupport.parkNanos(millis * 1_000_000);
    }

    private static void refused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String code, String message) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Fault.class, fault -> {
            assertThat(fault.code()).isEqualTo(code);
            assertThat(fault.message()).contains(message);
        });
    }
}
