package dev.haneul.services.lambda;

import static dev.haneul.services.lambda.TestRegion.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.Environment;
import dev.haneul.api.lambda.InvocationResponse;
import java.io.IOException;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Runtimes booted ahead of time: functions get them, and cannot tell by what they see. */
class StandbyTest {
    private static final int MOST_TRIES = 50;
    private static final String PYTHON = """
            import os
            def handler(event, context):
                shown = sorted(k + '=' + v for k, v in os.environ.items()
                        if not k.startswith(('AWS_S', 'AWS_A', 'AWS_LAMBDA_LOG', 'AWS_LAMBDA_FUNCTION_N', 'PYTHON', '_X_AMZN')))
                return [os.path.exists('/run/haneul'), os.getcwd(), os.listdir('.'), shown]
            """;
    private static final String NODE = """
            const fs = require('fs');
            exports.handler = async () => [fs.existsSync('/run/haneul'), process.cwd(), fs.readdirSync('.'),
                Object.keys(process.env).sort().filter(k => !k.startsWith('NODE_OPT')), process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE];
            """;
    private static final String BOOTSTRAP = """
            #!/usr/bin/python3
            import http.client, json, os
            api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
            while True:
                api.request('GET', '/2018-06-01/runtime/invocation/next')
                r = api.getresponse()
                request_id = r.headers['Lambda-Runtime-Aws-Request-Id']
                r.read()
                seen = [os.path.exists('/run/haneul'), os.getcwd(), os.environ['QUOTED'],
                        sorted(k for k in os.environ if not k.startswith('LC_'))]
                api.request('POST', '/2018-06-01/runtime/invocation/%s/response' % request_id, json.dumps(seen))
                api.getresponse().read()
            """;

    private static TempFolder folder;
    private static TestRegion region;

    @BeforeAll
    static void open() throws IOException {
        folder = new TempFolder();
        region = new TestRegion(folder.path());
        assumeTrue(region.engineName().equals("sandbox"), "only sandboxes show whether a runtime stood by");
    }

    @AfterAll
    static void close() throws IOException {
        region.close();
        folder.close();
    }

    @Test
    void pythonCannotTell() {
        sameFromStandby(
                name -> TestRegion.function(name, "python3.11", "app.handler", "app.py", PYTHON),
                Map.of("PYTHONHASHSEED", "0"));
    }

    @Test
    void nodeCannotTell() {
        sameFromStandby(
                name -> TestRegion.function(name, "nodejs20.x", "index.handler", "index.js", NODE),
                Map.of("NODE_OPTIONS", "--no-warnings"));
    }

    @Test
    void aCustomRuntimeCannotTell() {
        sameFromStandby(
                name -> TestRegion.function(name, "provided.al2023", "none", Zips.executable(BOOTSTRAP)),
                Map.of("LC_ALL", "C"));
    }

    @Test
    void whatStoodBySeesNothingOfOthers() {
        String look = """
                import os
                def handler(event, context):
                    seen = [open('/proc/self/mountinfo').read(), str(dict(os.environ)), str(os.listdir('/tmp'))]
                    for pid in os.listdir('/proc'):
                        try: seen.append(open('/proc/%s/environ' % pid).read())
                        except OSError: pass
                    for folder in ('/var/task', '/run', '/run/haneul'):
                        if os.path.isdir(folder): seen.append(folder + str(os.listdir(folder)))
                    open('/tmp/left-here', 'w').close()
                    return '|'.join(seen)
                """;
        region.create(TestRegion.function("other", "python3.11", "app.handler", "app.py", "# their-code\n" + look)
                .environment(new Environment().variables(Map.of("SECRET", "their-secret"))));
        region.invoke("other", "{}");
        for (int tried = 0; tried < MOST_TRIES; tried++) {
            String name = "stranger-" + tried;
            region.create(TestRegion.function(name, "python3.11", "app.handler", "app.py", look + "# " + tried));
            region.settle();
            String seen = text(region.invoke(name, "{}"));
            assertThat(seen)
                    .doesNotContain("their-secret", "left-here", "function:other", "FUNCTION_NAME=other")
                    .contains(name);
            if (seen.contains("/run/haneul")) {
                String gate = seen.substring(seen.indexOf("/run/haneul["));
                assertThat(gate).startsWith("/run/haneul[]"); // the gate is gone; others' were never there
                return;
            }
        }
        throw new AssertionError("nothing ever stood by: " + String.join("\n", region.lambda.status()));
    }

    /** A function whose variables the interpreter reads when it starts gets a start of its own; it sees the same. */
    private static void sameFromStandby(Function<String, CreateFunctionRequest> function, Map<String, String> early) {
        String kind = early.keySet().iterator().next().toLowerCase(java.util.Locale.ROOT);
        Map<String, String> plain = Map.of("QUOTED", "it's");
        Map<String, String> own = new java.util.HashMap<>(plain);
        own.putAll(early);
        region.create(function.apply(kind + "-own").environment(new Environment().variables(own)));
        String without = text(region.invoke(kind + "-own", "{}"));
        assertThat(without).startsWith("[false");
        for (int tried = 0; tried < MOST_TRIES; tried++) {
            String name = kind + "-" + tried;
            region.create(function.apply(name).environment(new Environment().variables(plain)));
            region.settle();
            InvocationResponse answer = region.invoke(name, "{}");
            assertThat(answer.functionError()).as(text(answer)).isNull();
            if (text(answer).startsWith("[true")) {
                assertThat(text(answer).substring("[true".length())).isEqualTo(without.substring("[false".length()));
                return;
            }
        }
        throw new AssertionError("nothing ever stood by: " + String.join("\n", region.lambda.status()));
    }
}
