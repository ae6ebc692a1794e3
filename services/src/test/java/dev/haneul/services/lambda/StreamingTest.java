package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.InvokeWithResponseStreamCompleteEvent;
import dev.haneul.api.lambda.InvokeWithResponseStreamRequest;
import dev.haneul.api.lambda.InvokeWithResponseStreamResponse;
import dev.haneul.api.lambda.InvokeWithResponseStreamResponseEvent;
import dev.haneul.api.runtime.EventStream;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Struct;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class StreamingTest {
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

    /** A response, read to its end. */
    private record Read(List<byte[]> chunks, @Nullable InvokeWithResponseStreamCompleteEvent end, String contentType) {
        String text() {
            StringBuilder all = new StringBuilder();
            chunks.forEach(chunk -> all.append(new String(chunk, StandardCharsets.UTF_8)));
            return all.toString();
        }
    }

    private static InvokeWithResponseStreamResponse start(String name) {
        return region.lambda.invokeWithResponseStream(
                new InvokeWithResponseStreamRequest().functionName(name).logType("Tail"), region.call());
    }

    private static Read read(String name) throws Exception {
        InvokeWithResponseStreamResponse answer = start(name);
        assertThat(answer.statusCode()).isEqualTo(200);
        List<byte[]> chunks = new ArrayList<>();
        InvokeWithResponseStreamCompleteEvent end = null;
        try (EventStream stream = answer.eventStream()) {
            for (Struct event = stream.next(); event != null; event = stream.next()) {
                InvokeWithResponseStreamResponseEvent one = (InvokeWithResponseStreamResponseEvent) event;
                if (one.payloadChunk() != null) {
                    chunks.add(one.payloadChunk().payload());
                }
                end = one.invokeComplete();
            }
        }
        return new Read(chunks, end, String.valueOf(answer.responseStreamContentType()));
    }

    @Test
    void chunksComeWhileTheFunctionStillRuns() throws Exception {
        region.node("slow", """
                exports.handler = awslambda.streamifyResponse(async (event, out) => {
                    out.setContentType('text/plain');
                    out.write('first');
                    await new Promise((go) => { setTimeout(go, 800); });
                    out.write('second');
                    out.end();
                });
                """);
        region.invoke("slow", "{}");
        InvokeWithResponseStreamResponse answer = start("slow");
        assertThat(answer.responseStreamContentType()).isEqualTo("text/plain");
        try (EventStream stream = answer.eventStream()) {
            InvokeWithResponseStreamResponseEvent one = (InvokeWithResponseStreamResponseEvent) stream.next();
            long first = System.nanoTime();
            assertThat(new String(one.payloadChunk().payload(), StandardCharsets.UTF_8))
                    .isEqualTo("first");
            InvokeWithResponseStreamResponseEvent two = (InvokeWithResponseStreamResponseEvent) stream.next();
            assertThat(System.nanoTime() - first).isGreaterThan(300_000_000L);
            assertThat(new String(two.payloadChunk().payload(), StandardCharsets.UTF_8))
                    .isEqualTo("second");
            InvokeWithResponseStreamResponseEvent end = (InvokeWithResponseStreamResponseEvent) stream.next();
            assertThat(end.invokeComplete().errorCode()).isNull();
            assertThat(new String(
                            Base64.getDecoder().decode(end.invokeComplete().logResult())))
                    .contains("REPORT RequestId");
            assertThat(stream.next()).isNull();
        }
    }

    @Test
    void aWholeResponseIsStreamedAndAStreamedOneIsGatheredForInvoke() throws Exception {
        region.python("whole", "def handler(event, context):\n    return {'a': 'b' * 200000}\n");
        Read whole = read("whole");
        assertThat(whole.chunks()).hasSizeGreaterThan(2);
        assertThat(whole.text()).hasSize(200_009).startsWith("{\"a\": \"bb");

        region.node("gathered", """
                exports.handler = awslambda.streamifyResponse(async (event, out) => {
                    out.write('{"n":'); out.write('1}'); out.end();
                });
                """);
        assertThat(TestRegion.text(region.invoke("gathered", "{}"))).isEqualTo("{\"n\":1}");
        assertThat(TestRegion.text(region.invoke("gathered", "{}"))).isEqualTo("{\"n\":1}");
    }

    @Test
    void errorsBeforeAndWithinAResponseAreTold() throws Exception {
        region.node("early", "exports.handler = awslambda.streamifyResponse(async () => { throw new Error('no'); });");
        Read early = read("early");
        assertThat(early.chunks()).isEmpty();
        assertThat(early.end().errorCode()).isEqualTo("Unhandled");
        assertThat(early.end().errorDetails()).contains("\"errorMessage\":\"no\"");

        region.node("late", """
                exports.handler = awslambda.streamifyResponse(async (event, out) => {
                    out.write('some');
                    await new Promise((go) => { setTimeout(go, 50); });
                    throw new TypeError('midway');
                });
                """);
        Read late = read("late");
        assertThat(late.text()).isEqualTo("some");
        assertThat(late.end().errorDetails()).contains("\"errorType\":\"TypeError\"", "midway");
        assertThat(read("late").text()).as("the runtime lives on").isEqualTo("some");
    }

    @Test
    void moreThanALimitOfWholeResponsesMayBeStreamed() throws Exception {
        region.node("large", """
                const { pipeline } = require('node:stream/promises');
                const { Readable } = require('node:stream');
                exports.handler = awslambda.streamifyResponse(async (event, out) => {
                    const piece = Buffer.alloc(1 << 20, 'x');
                    await pipeline(Readable.from((function* () { for (let i = 0; i < 20; i++) yield piece; })()), out);
                });
                """);
        Read large = read("large");
        assertThat(large.chunks().stream().mapToLong(chunk -> chunk.length).sum())
                .isEqualTo(20L << 20);
        assertThat(large.chunks()).allSatisfy(chunk -> assertThat(chunk.length).isLessThanOrEqualTo(64 * 1024));
        assertThat(TestRegion.text(region.invoke("large", "{}"))).contains("Function.ResponseSizeTooLarge");
    }

    @Test
    void aReaderWhoGoesAwayLeavesTheFunctionUnharmed() throws Exception {
        region.node("left", """
                exports.handler = awslambda.streamifyResponse(async (event, out) => {
                    const piece = Buffer.alloc(1 << 20, 'x');
                    for (let i = 0; i < 4; i++) await new Promise((go) => { out.write(piece, go); });
                    console.log('wrote all');
                    out.end();
                });
                """);
        try (EventStream stream = start("left").eventStream()) {
            assertThat(stream.next()).isNotNull();
        }
        assertThat(region.log("left")).isNotNull();
        long until = System.nanoTime() + 10_000_000_000L;
        while (region.log("left").stream().noneMatch(line -> line.contains("wrote all")) && System.nanoTime() < until) {
            Thread.sleep(20);
        }
        assertThat(region.log("left")).anyMatch(line -> line.contains("wrote all"));
    }

    @Test
    void whatCannotRunFaultsAsInvokeDoes() {
        assertThatThrownBy(() -> start("missing"))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("ResourceNotFoundException"));
    }
}
