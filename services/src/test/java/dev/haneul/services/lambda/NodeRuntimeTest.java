package dev.haneul.services.lambda;

import static dev.haneul.services.lambda.TestRegion.tail;
import static dev.haneul.services.lambda.TestRegion.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.lambda.InvocationResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class NodeRuntimeTest {
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
    void everyStyleOfHandlerAnswers() {
        answers("async-style", "exports.handler = async (event) => ({ got: event });", "{\"got\":{\"a\":1}}");
        answers(
                "promise",
                "exports.handler = (e) => new Promise((ok) => setTimeout(() => ok('later'), 5));",
                "\"later\"");
        answers("callback", "exports.handler = (e, c, cb) => cb(null, e.a + 1);", "2");
        answers("timer", "exports.handler = (e, c, cb) => { setTimeout(() => cb(null, 'called'), 5); };", "\"called\"");
        answers("succeed", "exports.handler = (e, c) => c.succeed('old');", "\"old\"");
        answers("nothing", "exports.handler = () => {};", "null");
        answers("undefined", "exports.handler = async () => {};", "null");
        answers("never", "exports.handler = () => new Promise(() => {});", "null");
    }

    @Test
    void aCallbackMayLeaveTheEventLoopBusy() {
        answers(
                "busyloop",
                "exports.handler = (e, c, cb) => { c.callbackWaitsForEmptyEventLoop = false;"
                        + " setInterval(() => {}, 1000); cb(null, 'now'); };",
                "\"now\"");
    }

    @Test
    void modulesOfBothKindsLoad() {
        region.create(TestRegion.function(
                "esm", "nodejs20.x", "index.handler", "index.mjs", "export const handler = async () => 'esm';"));
        assertThat(text(region.invoke("esm", "{}"))).isEqualTo("\"esm\"");
        region.create(
                TestRegion.function(
                        "typed",
                        "nodejs20.x",
                        "lib/app.api.handler",
                        Zips.of(
                                Map.of(
                                        "package.json", bytes("{\"type\":\"module\"}"),
                                        "lib/app.js",
                                                bytes(
                                                        "import os from 'node:os'; export const api = { handler: async () => typeof os };")))));
        assertThat(text(region.invoke("typed", "{}"))).isEqualTo("\"object\"");
        region.create(TestRegion.function(
                "required",
                "nodejs20.x",
                "index.handler",
                Zips.of(Map.of(
                        "index.js", bytes("exports.handler = require('./other').handler;"),
                        "other.js", bytes("exports.handler = async () => 'required';")))));
        assertThat(text(region.invoke("required", "{}"))).isEqualTo("\"required\"");
    }

    @Test
    void theConsoleHasLambdasFormat() {
        region.node("console", """
                console.log('at start');
                exports.handler = async () => {
                    console.log('hello %s', 'world', { a: 1 });
                    console.error('two\\nlines');
                    process.stdout.write('raw\\n');
                };
                """);
        InvocationResponse answer = region.invoke("console", "{}");
        String stamp = "\\d{4}-\\d\\d-\\d\\dT[0-9:.]{12}Z\t";
        assertThat(region.log("console"))
                .anyMatch(event -> event.matches(stamp + "undefined\tINFO\tat start\n"))
                .anyMatch(event -> event.matches(stamp + "[0-9a-f-]{36}\tINFO\thello world \\{ a: 1 }\n"))
                .anyMatch(event -> event.matches(stamp + "[0-9a-f-]{36}\tERROR\ttwo\nlines\n"))
                .contains("raw\n");
        assertThat(tail(answer)).contains("\tERROR\ttwo\nlines\n");
    }

    @Test
    void anErrorBecomesAnErrorDocument() {
        region.node("throwing", "exports.handler = async () => { throw new RangeError('too far'); };");
        InvocationResponse answer = region.invoke("throwing", "{}");
        assertThat(answer.functionError()).isEqualTo("Unhandled");
        assertThat(text(answer))
                .startsWith(
                        "{\"errorType\":\"RangeError\",\"errorMessage\":\"too far\",\"trace\":[\"RangeError: too far\",\"  ");
        assertThat(region.log("throwing"))
                .anyMatch(
                        event -> event.contains(
                                "\tERROR\tInvoke Error \t{\"errorType\":\"RangeError\",\"errorMessage\":\"too far\",\"stack\":["));
        region.node("rejecting", "exports.handler = (e, c, cb) => cb('just text');");
        assertThat(text(region.invoke("rejecting", "{}")))
                .isEqualTo("{\"errorType\":\"string\",\"errorMessage\":\"just text\",\"trace\":[]}");
    }

    @Test
    void whatNobodyCatchesEndsTheEnvironment() {
        region.node(
                "uncaught",
                "exports.handler = () => { setTimeout(() => { throw new Error('late'); }, 1); return new Promise(() => {}); };");
        InvocationResponse answer = region.invoke("uncaught", "{}");
        assertThat(text(answer)).startsWith("{\"errorType\":\"Error\",\"errorMessage\":\"late\"");
        region.node(
                "unhandled",
                "exports.handler = () => { Promise.reject(new Error('alone')); return new Promise((ok) => setTimeout(ok, 1000)); };");
        assertThat(text(region.invoke("unhandled", "{}")))
                .startsWith("{\"errorType\":\"Runtime.UnhandledPromiseRejection\",\"errorMessage\":\"Error: alone\"");
    }

    @Test
    void anErrorThatComesWithTheAnswerEndsTheEnvironmentBeforeItIsGivenMore() {
        region.node(
                "parting", "exports.handler = async () => { Promise.reject(new Error('alone')); return 'whole'; };");
        region.node(
                "immediate",
                "exports.handler = async () => { setImmediate(() => { throw new Error('soon'); }); return 'whole'; };");
        for (int i = 0; i < 5; i++) {
            for (String name : List.of("parting", "immediate")) {
                InvocationResponse answer = region.invoke(name, "{}");
                assertThat(text(answer)).as(name).isEqualTo("\"whole\"");
                assertThat(tail(answer)).as("its environment is new").contains("Init Duration");
            }
        }
        assertThat(region.log("parting")).anyMatch(event -> event.contains("Unhandled Promise Rejection"));
        assertThat(region.log("immediate")).anyMatch(event -> event.contains("Uncaught Exception"));
    }

    @Test
    void anErrorBetweenTwoInvocationsEndsTheEnvironment() throws InterruptedException {
        region.node(
                "idling",
                "exports.handler = async () => { setTimeout(() => { throw new Error('idle'); }, 30); return 1; };");
        assertThat(text(region.invoke("idling", "{}"))).isEqualTo("1");
        Thread.sleep(1000); // it has ended by then
        InvocationResponse answer = region.invoke("idling", "{}");
        assertThat(text(answer)).isEqualTo("1");
        assertThat(tail(answer)).as("its environment is new").contains("Init Duration");
    }

    @Test
    void answersOfAllSizesAreFollowedByMore() {
        region.node("sized", "exports.handler = async (n) => 'x'.repeat(n);");
        for (int size : List.of(1, 100_000, 5_000_000, 7_000_000, 5_000_000, 1)) {
            String answer = text(region.invoke("sized", String.valueOf(size)));
            if (size > 6_000_000) {
                assertThat(answer).contains("Function.ResponseSizeTooLarge");
            } else {
                assertThat(answer).hasSize(size + 2);
            }
        }
    }

    @Test
    void nothingIsLeftOfWhatWasTriedBeforehand() {
        String code =
                "exports.handler = async () => [Object.keys(require.cache), module.parent.children.map(m => m.id)];";
        for (int i = 0; i < 3; i++) {
            region.node("tried-" + i, code);
            region.settle();
            assertThat(text(region.invoke("tried-" + i, "{}")))
                    .contains("/var/task/index.js")
                    .doesNotContain("trial");
        }
    }

    @Test
    void whatCannotBeLoadedIsToldByName() {
        failsToStart("noimport", "require('not-there');", "index.handler", "Runtime.ImportModuleError", "not-there");
        failsToStart(
                "nohandler",
                "exports.x = 1;",
                "index.handler",
                "Runtime.HandlerNotFound",
                "index.handler is undefined or not exported");
        failsToStart("nomodule", "", "other.handler", "Runtime.ImportModuleError", "Cannot find module 'other'");
        failsToStart("syntax", "exports.handler = (", "index.handler", "Runtime.UserCodeSyntaxError", "SyntaxError");
        failsToStart("badname", "", "handler", "Runtime.MalformedHandlerName", "Bad handler");
    }

    @Test
    void whatCannotBeWrittenAsJsonIsAnError() {
        region.node("bigint", "exports.handler = async () => 1n;");
        assertThat(text(region.invoke("bigint", "{}"))).contains("Unable to stringify response body");
    }

    private static void failsToStart(String name, String code, String handler, String type, String message) {
        region.create(TestRegion.function(name, "nodejs20.x", handler, "index.js", code));
        InvocationResponse answer = region.invoke(name, "{}");
        assertThat(answer.functionError()).isEqualTo("Unhandled");
        assertThat(text(answer)).contains("\"errorType\":\"" + type + "\"").contains(message);
        assertThat(region.log(name)).anyMatch(event -> event.contains("\tundefined\tERROR\tUncaught Exception \t"));
    }

    private static void answers(String name, String code, String expected) {
        region.node(name, code);
        InvocationResponse answer = region.invoke(name, "{\"a\":1}");
        assertThat(text(answer)).as(name).isEqualTo(expected);
        assertThat(answer.functionError()).as(name).isNull();
        assertThat(text(region.invoke(name, "{\"a\":1}"))).as(name + " again").isEqualTo(expected);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
