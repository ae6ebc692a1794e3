package dev.haneul.services.lambda;

import static dev.haneul.services.lambda.TestRegion.tail;
import static dev.haneul.services.lambda.TestRegion.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.lambda.Environment;
import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.services.lambda.runtimes.Choice;
import dev.haneul.services.lambda.runtimes.Family;
import dev.haneul.services.lambda.runtimes.Interpreters;
import dev.haneul.services.lambda.runtimes.RuntimeName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PythonRuntimeTest {
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
    void anEventGoesInAndAResultComesOut() {
        region.python("echo", "def handler(event, context):\n    return {'got': event, 'name': '하늘'}\n");
        InvocationResponse answer = region.invoke("echo", "{\"a\":[1,2.5,null,true]}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.functionError()).isNull();
        assertThat(answer.executedVersion()).isEqualTo("$LATEST");
        assertThat(text(answer)).isEqualTo("{\"got\": {\"a\": [1, 2.5, null, true]}, \"name\": \"\\ud558\\ub298\"}");
        assertThat(text(region.invoke(new InvocationRequest().functionName("echo"))))
                .startsWith("{\"got\": {},");
    }

    @Test
    void theLogIsFramedByThePlatform() {
        region.python(
                "logged", "print('loading')\ndef handler(event, context):\n    print('hi')\n    print('there')\n");
        InvocationResponse first = region.invoke("logged", "{}");
        assertThat(tail(first))
                .matches("START RequestId: [0-9a-f-]{36} Version: \\$LATEST\nhi\nthere\nEND RequestId: [0-9a-f-]{36}\n"
                        + "REPORT RequestId: [0-9a-f-]{36}\tDuration: [0-9.]+ ms\tBilled Duration: [0-9]+ ms\tMemory"
                        + " Size: 256 MB\tMax Memory Used: [0-9]+ MB\tInit Duration: [0-9.]+ ms\t\n");
        InvocationResponse second = region.invoke("logged", "{}");
        assertThat(tail(second)).doesNotContain("Init Duration");
        assertThat(region.log("logged"))
                .hasSize(12)
                .startsWith(
                        region.log("logged").getFirst(),
                        "loading\n",
                        "START RequestId: " + id(first) + " Version: $LATEST\n",
                        "hi\n",
                        "there\n",
                        "END RequestId: " + id(first) + "\n");
        assertThat(region.log("logged").getFirst()).startsWith("INIT_START Runtime Version: python:3.");
        assertThat(region.logs.streams("/aws/lambda/logged")).isEqualTo(1);
        assertThat(region.logs
                        .groups
                        .get("/aws/lambda/logged")
                        .keySet()
                        .iterator()
                        .next())
                .matches("\\d{4}/\\d\\d/\\d\\d/\\[\\$LATEST][0-9a-f]{32}");
    }

    @Test
    void theLoggingModuleHasLambdasFormat() {
        region.python("logging", """
                import logging
                logging.getLogger().setLevel(logging.INFO)
                def handler(event, context):
                    logging.getLogger('x').info('two\\nlines %s', 1)
                """);
        InvocationResponse answer = region.invoke("logging", "{}");
        assertThat(region.log("logging"))
                .anyMatch(event -> event.matches(
                        "\\[INFO]\t\\d{4}-\\d\\d-\\d\\dT[0-9:]{8}\\.\\d{1,3}Z\t" + id(answer) + "\ttwo\nlines 1\n"));
    }

    @Test
    void anExceptionBecomesAnErrorDocument() {
        region.python(
                "raising",
                "def handler(event, context):\n    return deeper()\n\ndef deeper():\n    raise ValueError('no')\n");
        InvocationResponse answer = region.invoke("raising", "{}");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.functionError()).isEqualTo("Unhandled");
        assertThat(text(answer))
                .startsWith("{\"errorMessage\": \"no\", \"errorType\": \"ValueError\", \"requestId\": \"" + id(answer)
                        + "\", \"stackTrace\": [\"  File \\\"")
                .contains("/app.py\\\", line 2, in handler\\n    return deeper()\\n")
                .doesNotContain("haneul_lambda");
        assertThat(tail(answer)).contains("[ERROR] ValueError: no\nTraceback (most recent call last):\n");
        assertThat(tail(region.invoke("raising", "{}"))).doesNotContain("Init Duration"); // it lives on
    }

    @Test
    void filesNamedLikeWhatTheRuntimeUsesTakeNobodysPlace() {
        byte[] shadow = "raise ImportError('of the function')\n".getBytes(StandardCharsets.UTF_8);
        byte[] app = """
                import json, re, logging
                def handler(event, context):
                    if event:
                        raise ValueError(json.dumps({'re': bool(re.match('a', 'abc'))}))
                    return json.loads('[1]')
                """.getBytes(StandardCharsets.UTF_8);
        byte[] zip = Zips.of(Map.of("app.py", app, "json.py", shadow, "re.py", shadow));
        region.create(TestRegion.function("shadows", "python3.12", "app.handler", zip)
                .environment(new Environment().variables(Map.of("TZ", ":UTC")))); // a start of its own
        assertThat(text(region.invoke("shadows", "{}"))).isEqualTo("[1]");
        assertThat(text(region.invoke("shadows", "{\"a\":1}")))
                .startsWith("{\"errorMessage\": \"{\\\"re\\\": true}\", \"errorType\": \"ValueError\"");
    }

    @Test
    void handlersHaveWhatPythonsSiteGives() {
        String code = """
                import os, sys
                def handler(event, context):
                    import json
                    try:
                        exit(7)
                    except SystemExit as left:
                        code = left.code
                    packages = [path for path in sys.path if path.endswith("-packages")]
                    missing = [path for path in packages if not os.path.isdir(path) and not path.startswith("/opt")]
                    return [code, callable(help), "wanted" in os.environ, len(packages) > 1, missing]
                """;
        for (Map<String, String> variables : List.of(Map.<String, String>of(), Map.of("TZ", ":UTC"))) {
            String name = "site" + variables.size();
            region.create(TestRegion.function(name, "python3.11", "app.handler", "app.py", code)
                    .environment(new Environment().variables(variables)));
            assertThat(text(region.invoke(name, "{}"))).isEqualTo("[7, true, false, true, []]");
        }
    }

    @Test
    void aFunctionsOwnPythonPathBringsItsSiteCustomization() {
        byte[] zip = Zips.of(Map.of(
                "app.py",
                bytes("import os\ndef handler(event, context):\n    return os.environ['SAID']\n"),
                "tracing/sitecustomize.py",
                bytes("import os\nos.environ['SAID'] = 'customized'\n")));
        region.create(TestRegion.function("customized", "python3.11", "app.handler", zip)
                .environment(new Environment().variables(Map.of("PYTHONPATH", "/var/task/tracing:/var/runtime"))));
        assertThat(text(region.invoke("customized", "{}"))).isEqualTo("\"customized\"");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void whatCannotBeLoadedIsToldByName() {
        failsToStart(
                "noimport",
                "import not_there\n",
                "app.handler",
                "Runtime.ImportModuleError",
                "Unable to import module 'app': No module named 'not_there'");
        failsToStart(
                "nohandler",
                "x = 1\n",
                "app.handler",
                "Runtime.HandlerNotFound",
                "Handler 'handler' missing on module 'app'");
        failsToStart(
                "nomodule",
                "x = 1\n",
                "other.handler",
                "Runtime.ImportModuleError",
                "Unable to import module 'other': No module named 'other'");
        failsToStart(
                "badname",
                "x = 1\n",
                "handler",
                "Runtime.MalformedHandlerName",
                "Bad handler 'handler': not enough values to unpack (expected 2, got 1)");
        failsToStart(
                "syntax",
                "def handler(:\n",
                "app.handler",
                "Runtime.UserCodeSyntaxError",
                "Syntax error in module 'app':");
        failsToStart("atimport", "raise KeyError('k')\n", "app.handler", "KeyError", "'k'");
    }

    private static void failsToStart(String name, String code, String handler, String type, String message) {
        region.create(TestRegion.function(name, "python3.11", handler, "app.py", code));
        InvocationResponse answer = region.invoke(name, "{}");
        assertThat(answer.functionError()).isEqualTo("Unhandled");
        assertThat(text(answer)).contains("\"errorType\": \"" + type + "\"").contains(message);
        assertThat(region.log(name))
                .anyMatch(event -> event.contains("[ERROR] " + type))
                .anyMatch(event ->
                        event.matches("INIT_REPORT Init Duration: [0-9.]+ ms\tPhase: init\tStatus: error\tError"
                                + " Type: " + type + "\n"))
                .anyMatch(event -> event.contains("\tPhase: invoke\tStatus: error\t"));
    }

    @Test
    void whatCannotBeWrittenAsJsonIsAMarshalError() {
        region.python("unjson", "def handler(event, context):\n    return object()\n");
        assertThat(text(region.invoke("unjson", "{}")))
                .contains("\"errorType\": \"Runtime.MarshalError\"")
                .contains("Unable to marshal response: Object of type object is not JSON serializable");
    }

    @Test
    void theContextTellsAllAboutTheInvocation() {
        region.python("context", """
                def handler(event, c):
                    left = c.get_remaining_time_in_millis()
                    return [c.function_name, c.function_version, c.memory_limit_in_mb, c.invoked_function_arn,
                            c.aws_request_id, c.log_group_name, 0 < left <= 10000, c.client_context.custom['k'],
                            c.identity.cognito_identity_id]
                """);
        String context =
                Base64.getEncoder().encodeToString("{\"custom\":{\"k\":\"값\"}}".getBytes(StandardCharsets.UTF_8));
        InvocationResponse answer = region.invoke(new InvocationRequest()
                .functionName("context:$LATEST")
                .clientContext(context)
                .logType("Tail"));
        assertThat(text(answer))
                .isEqualTo("[\"context\", \"$LATEST\", \"256\","
                        + " \"arn:aws:lambda:us-east-1:000000000000:function:context:$LATEST\", \"" + id(answer)
                        + "\", \"/aws/lambda/context\", true, \"\\uac12\", null]");
    }

    @Test
    void theEnvironmentIsLambdas() {
        region.create(TestRegion.function("environment", "python3.11", "app.handler", "app.py", """
                        import os
                        def handler(event, context):
                            return dict(os.environ)
                        """)
                .environment(new Environment().variables(Map.of("MINE", "yes"))));
        String variables = text(region.invoke("environment", "{}"));
        assertThat(variables)
                .contains("\"MINE\": \"yes\"")
                .contains("\"AWS_LAMBDA_FUNCTION_NAME\": \"environment\"")
                .contains("\"AWS_LAMBDA_FUNCTION_MEMORY_SIZE\": \"256\"")
                .contains("\"AWS_LAMBDA_FUNCTION_VERSION\": \"$LATEST\"")
                .contains("\"AWS_REGION\": \"us-east-1\"")
                .contains("\"AWS_EXECUTION_ENV\": \"AWS_Lambda_python3.11\"")
                .contains("\"AWS_LAMBDA_INITIALIZATION_TYPE\": \"on-demand\"")
                .contains("\"_HANDLER\": \"app.handler\"")
                .contains("\"TZ\": \":UTC\"")
                .contains("\"AWS_ACCESS_KEY_ID\": \"ASIA")
                .contains("\"AWS_SESSION_TOKEN\": \"token-ASIA")
                .contains("\"AWS_ENDPOINT_URL\": \"http://127.0.0.1:")
                .contains("\"_X_AMZN_TRACE_ID\": \"Root=1-")
                .doesNotContain("JAVA_HOME");
    }

    @Test
    void stateIsKeptBetweenInvocationsAndNotBetweenFunctions() {
        String code = "n = 0\ndef handler(event, context):\n    global n\n    n += 1\n    return n\n";
        region.python("counter", code);
        region.python("counter2", code);
        assertThat(text(region.invoke("counter", "{}"))).isEqualTo("1");
        assertThat(text(region.invoke("counter", "{}"))).isEqualTo("2");
        assertThat(text(region.invoke("counter2", "{}"))).isEqualTo("1");
    }

    @Test
    void anotherVersionThanTheHostsRunsWithAWarning() {
        Choice choice = Stream.of("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
                .map(version -> RuntimeName.of("python" + version).orElseThrow())
                .map(name -> Choice.of(name, Interpreters.ofHost().of(Family.PYTHON), false)
                        .orElseThrow())
                .filter(one -> one.substitution() != null)
                .findFirst()
                .orElseThrow();
        String code = "import sys\ndef handler(e, c):\n    return '%d.%d' % sys.version_info[:2]\n";
        region.create(TestRegion.function("other", choice.runtime().name(), "app.handler", "app.py", code));
        assertThat(text(region.invoke("other", "{}")))
                .isEqualTo("\"" + choice.interpreter().shortVersion() + "\"");
        assertThat(region.log("other")).contains("[WARNING] " + choice.substitution() + "\n");
    }

    @Test
    void scratchIsWritableAndTheCodeIsNot() {
        region.python("scratch", """
                import os, tempfile
                def handler(event, context):
                    with open(os.path.join(tempfile.gettempdir(), 'x'), 'w') as f:
                        f.write('x' * 1000)
                    try:
                        open(os.path.join(os.environ['LAMBDA_TASK_ROOT'], 'y'), 'w')
                        return 'written'
                    except OSError:
                        return 'read-only'
                """);
        String expected = region.engineName().equals("sandbox") ? "\"read-only\"" : "\"written\"";
        assertThat(text(region.invoke("scratch", "{}"))).isEqualTo(expected);
    }

    private static String id(InvocationResponse answer) {
        return tail(answer).substring("START RequestId: ".length(), "START RequestId: ".length() + 36);
    }
}
