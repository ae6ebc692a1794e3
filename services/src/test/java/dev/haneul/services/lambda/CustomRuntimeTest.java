package dev.haneul.services.lambda;

import static dev.haneul.services.lambda.TestRegion.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.lambda.InvocationResponse;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Functions that bring their own runtime, as {@code bootstrap}. */
class CustomRuntimeTest {
    /** The loop of AWS's tutorial for custom runtimes, in Python for want of curl in every sandbox. */
    private static final String BOOTSTRAP = """
            #!/usr/bin/python3
            import http.client, os
            api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
            while True:
                api.request('GET', '/2018-06-01/runtime/invocation/next')
                r = api.getresponse()
                request_id = r.headers['Lambda-Runtime-Aws-Request-Id']
                event = r.read().decode()
                print('handling', os.environ['_HANDLER'], flush=True)
                api.request('POST', '/2018-06-01/runtime/invocation/%s/response' % request_id, '{"echo":%s}' % event)
                api.getresponse().read()
            """;

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
    void aBootstrapServesInvocations() throws IOException {
        region.create(TestRegion.function("own", "provided.al2023", "any.thing", Zips.executable(BOOTSTRAP)));
        assertThat(text(region.invoke("own", "{\"a\":1}"))).isEqualTo("{\"echo\":{\"a\":1}}");
        assertThat(text(region.invoke("own", "[]"))).isEqualTo("{\"echo\":[]}");
        assertThat(region.log("own")).contains("handling any.thing\n");
    }

    @Test
    void whatARuntimePrintsAfterItsAnswerBelongsToTheInvocation() throws IOException {
        String late = BOOTSTRAP.replace(
                "api.getresponse().read()",
                "api.getresponse().read()\n    import time; time.sleep(0.2); print('late', flush=True)");
        region.create(TestRegion.function("late", "provided.al2023", "x", Zips.executable(late)));
        region.invoke("late", "{}");
        String log = String.join("", region.log("late"));
        assertThat(log.indexOf("late\n")).isBetween(log.indexOf("START "), log.indexOf("END "));
    }

    @Test
    void aBootstrapThatEndsAtOnceIsAnExitError() throws IOException {
        region.create(
                TestRegion.function("ending", "provided.al2", "x", Zips.executable("#!/bin/sh\necho going\nexit 3\n")));
        InvocationResponse answer = region.invoke("ending", "{}");
        assertThat(answer.functionError()).isEqualTo("Unhandled");
        assertThat(text(answer))
                .matches(
                        "\\{\"errorType\":\"Runtime.ExitError\",\"errorMessage\":\"RequestId: [0-9a-f-]{36} Error: Runtime"
                                + " exited with error: exit status 3\"}");
        assertThat(region.log("ending")).contains("going\n");
    }

    @Test
    void aPackageWithoutABootstrapFailsToStart() {
        region.create(TestRegion.function("without", "provided.al2023", "x", Zips.of("other", "x")));
        InvocationResponse answer = region.invoke("without", "{}");
        assertThat(answer.functionError()).isEqualTo("Unhandled");
        assertThat(text(answer)).contains("\"errorType\":\"Runtime.InvalidEntrypoint\"");
    }
}
