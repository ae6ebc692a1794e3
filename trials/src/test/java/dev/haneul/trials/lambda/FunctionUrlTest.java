package dev.haneul.trials.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Zips;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.SignedRequest;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.FunctionUrlAuthType;
import software.amazon.awssdk.services.lambda.model.InvokeMode;
import software.amazon.awssdk.services.lambda.model.ResourceConflictException;
import software.amazon.awssdk.services.lambda.model.ResourceNotFoundException;

@ExtendWith(SharedRegion.class)
class FunctionUrlTest {
    private static final String TRUST = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
            "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
    private static final String ECHO = """
            def handler(event, context):
                if event['rawPath'] == '/fail':
                    raise ValueError('no')
                if event['rawPath'] == '/plain':
                    return {'just': 'json'}
                if event['rawPath'] == '/odd':
                    return {'statusCode': 'many'}
                if event['rawPath'] == '/binary':
                    return {'statusCode': 200, 'isBase64Encoded': True, 'body': 'AAH/', 'headers': {'Content-Type': 'image/x'}}
                import json
                return {'statusCode': 201, 'cookies': ['a=1', 'b=2'], 'headers': {'X-Own': 'yes',
                        'access-control-allow-origin': 'https://evil.example'}, 'body': json.dumps(event)}
            """;
    private static final byte[] NOTHING = new byte[0];

    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final Clients root;
    private final LambdaClient lambda;
    private String role = "";

    FunctionUrlTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.lambda = root.lambda();
    }

    @BeforeEach
    void makeARole() {
        role = root.iam()
                .createRole(request -> request.roleName("runner").assumeRolePolicyDocument(TRUST))
                .role()
                .arn();
    }

    @AfterEach
    void close() throws Exception {
        lambda.listFunctions()
                .functions()
                .forEach(function -> lambda.deleteFunction(request -> request.functionName(function.functionName())));
        root.close();
    }

    private void create(String name, String runtime, String handler, String file, String code) {
        lambda.createFunction(request -> request.functionName(name)
                .runtime(runtime)
                .handler(handler)
                .role(role)
                .timeout(20)
                .code(source -> source.zipFile(Zips.of(file, code))));
    }

    private String url(String name, FunctionUrlAuthType auth, InvokeMode mode) {
        return URI.create(lambda.createFunctionUrlConfig(request ->
                                request.functionName(name).authType(auth).invokeMode(mode))
                        .functionUrl())
                .getAuthority();
    }

    /** What the console and CloudFormation add for a public URL. */
    private void open(String name) {
        lambda.addPermission(request -> request.functionName(name)
                .statementId("url")
                .action("lambda:InvokeFunctionUrl")
                .principal("*")
                .functionUrlAuthType(FunctionUrlAuthType.NONE));
        lambda.addPermission(request -> request.functionName(name)
                .statementId("function")
                .action("lambda:InvokeFunction")
                .principal("*")
                .invokedViaFunctionUrl(true));
    }

    private RawHttp.Answer get(String host, String target, Map<String, String> headers) throws IOException {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("Host", host);
        return RawHttp.send(endpoint, "GET", target, all, NOTHING);
    }

    @Test
    void configurationsComeAndGo() {
        create("conf", HostRuntimes.python(), "app.handler", "app.py", ECHO);
        var made = lambda.createFunctionUrlConfig(request -> request.functionName("conf")
                .authType("NONE")
                .cors(cors -> cors.allowOrigins("https://a.example").maxAge(5)));
        assertThat(made.functionUrl())
                .matches("http://[a-z0-9]{32}\\.lambda-url\\.us-east-1\\.localhost:" + endpoint.getPort() + "/");
        assertThatThrownBy(() -> lambda.createFunctionUrlConfig(
                        request -> request.functionName("conf").authType("NONE")))
                .isInstanceOf(ResourceConflictException.class)
                .hasMessageContaining("FunctionUrlConfig exists for this Lambda function");
        lambda.updateFunctionUrlConfig(request -> request.functionName("conf").authType("AWS_IAM"));
        var got = lambda.getFunctionUrlConfig(request -> request.functionName("conf"));
        assertThat(got.authTypeAsString()).isEqualTo("AWS_IAM");
        assertThat(got.invokeMode()).isEqualTo(InvokeMode.BUFFERED);
        assertThat(got.cors().allowOrigins()).containsExactly("https://a.example");
        assertThat(lambda.listFunctionUrlConfigs(request -> request.functionName("conf"))
                        .functionUrlConfigs())
                .hasSize(1);
        lambda.deleteFunctionUrlConfig(request -> request.functionName("conf"));
        assertThatThrownBy(() -> lambda.getFunctionUrlConfig(request -> request.functionName("conf")))
                .isInstanceOf(ResourceNotFoundException.class);
        assertThatThrownBy(() -> lambda.createFunctionUrlConfig(request ->
                        request.functionName("conf").qualifier("nobody").authType("NONE")))
                .isInstanceOf(ResourceNotFoundException.class);
    }

    @Test
    void aPublicUrlNeedsItsPolicyAndGivesTheEventOfFormatTwo() throws Exception {
        create("open", HostRuntimes.python(), "app.handler", "app.py", ECHO);
        String host = url("open", FunctionUrlAuthType.NONE, InvokeMode.BUFFERED);
        RawHttp.Answer closed = get(host, "/", Map.of());
        assertThat(closed.status()).isEqualTo(403);
        assertThat(closed.text()).isEqualTo("{\"Message\":\"Forbidden\"}");
        open("open");

        RawHttp.Answer answer = get(
                host, "/some%20path?a=1&b=2&a=3", Map.of("Cookie", "x=1; y=2", "X-Mixed", "Value", "User-Agent", "t"));

        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.headers().get("set-cookie")).containsExactly("a=1", "b=2");
        assertThat(answer.header("x-own")).isEqualTo("yes");
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.text())
                .contains(
                        "\"version\": \"2.0\"", "\"rawPath\": \"/some%20path\"", "\"rawQueryString\": \"a=1&b=2&a=3\"")
                .contains("\"cookies\": [\"x=1\", \"y=2\"]", "\"x-mixed\": \"Value\"", "\"a\": \"1,3\"")
                .contains("\"method\": \"GET\"", "\"accountId\": \"anonymous\"", "\"isBase64Encoded\": false")
                .contains("\"apiId\": \"" + host.substring(0, 32) + "\"", "\"sourceIp\": \"127.0.0.1\"");

        RawHttp.Answer binary = RawHttp.send(
                endpoint, "POST", "/in", Map.of("Host", host, "Content-Type", "image/png"), new byte[] {1, 2, 3});
        assertThat(binary.text()).contains("\"body\": \"AQID\"", "\"isBase64Encoded\": true");
        assertThat(get(host, "/binary", Map.of()).body()).containsExactly(0, 1, 255);
        assertThat(get(host, "/plain", Map.of()).text()).isEqualTo("{\"just\": \"json\"}");
        for (String bad : new String[] {"/fail", "/odd"}) {
            RawHttp.Answer failed = get(host, bad, Map.of());
            assertThat(failed.status()).isEqualTo(502);
            assertThat(failed.text()).isEqualTo("Internal Server Error");
        }
        String amazon = host.split(":")[0].replace(".localhost", ".on.aws");
        assertThat(get(amazon, "/", Map.of()).status()).isEqualTo(201);
        assertThat(get("a".repeat(32) + ".lambda-url.us-east-1.on.aws", "/", Map.of())
                        .status())
                .isEqualTo(403);
        byte[] large = new byte[6 * 1024 * 1024 + 1];
        assertThat(RawHttp.send(endpoint, "POST", "/", Map.of("Host", host), large)
                        .status())
                .isEqualTo(413);
        lambda.putFunctionConcurrency(request -> request.functionName("open").reservedConcurrentExecutions(0));
        RawHttp.Answer throttled = get(host, "/", Map.of());
        assertThat(throttled.status()).isEqualTo(429);
        assertThat(throttled.text()).contains("ReservedFunctionConcurrentInvocationLimitExceeded");
    }

    @Test
    void corsIsAnsweredByTheUrlItself() throws Exception {
        create("cors", HostRuntimes.python(), "app.handler", "app.py", ECHO);
        open("cors");
        String host = URI.create(lambda.createFunctionUrlConfig(request -> request.functionName("cors")
                                .authType("NONE")
                                .cors(cors -> cors.allowOrigins("https://a.example")
                                        .allowMethods("GET")
                                        .allowHeaders("x-one")
                                        .maxAge(60)
                                        .allowCredentials(true)))
                        .functionUrl())
                .getAuthority();
        Map<String, String> asks =
                Map.of("Host", host, "Origin", "https://a.example", "Access-Control-Request-Method", "GET");
        RawHttp.Answer preflight = RawHttp.send(endpoint, "OPTIONS", "/", asks, NOTHING);
        assertThat(preflight.status()).isEqualTo(200);
        assertThat(preflight.header("access-control-allow-origin")).isEqualTo("https://a.example");
        assertThat(preflight.header("access-control-allow-methods")).isEqualTo("GET");
        assertThat(preflight.header("access-control-max-age")).isEqualTo("60");
        RawHttp.Answer own = get(host, "/", Map.of("Origin", "https://a.example"));
        assertThat(own.headers().get("access-control-allow-origin")).containsExactly("https://a.example");
        assertThat(own.header("access-control-allow-credentials")).isEqualTo("true");
        assertThat(get(host, "/", Map.of("Origin", "https://b.example")).headers())
                .doesNotContainKey("access-control-allow-origin");
    }

    @Test
    void anIamUrlLetsInWhoeverSignsAndMay() throws Exception {
        create("signed", HostRuntimes.python(), "app.handler", "app.py", ECHO);
        String host = url("signed", FunctionUrlAuthType.AWS_IAM, InvokeMode.BUFFERED);
        assertThat(get(host, "/", Map.of()).status()).isEqualTo(403);
        RawHttp.Answer answer = signed(host, account, "test", "lambda");
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.text()).contains("\"userArn\": \"arn:aws:iam::" + account + ":root\"");
        assertThat(signed(host, account, "test", "s3").status()).isEqualTo(403);

        root.iam().createUser(request -> request.userName("visitor"));
        var key = root.iam()
                .createAccessKey(request -> request.userName("visitor"))
                .accessKey();
        assertThat(signed(host, key.accessKeyId(), key.secretAccessKey(), "lambda")
                        .status())
                .isEqualTo(403);
        allow("lambda:InvokeFunctionUrl");
        assertThat(signed(host, key.accessKeyId(), key.secretAccessKey(), "lambda")
                        .status())
                .as("both actions are needed")
                .isEqualTo(403);
        allow("lambda:Invoke*");
        assertThat(signed(host, key.accessKeyId(), key.secretAccessKey(), "lambda")
                        .status())
                .isEqualTo(201);
        assertThat(signed(host, key.accessKeyId(), "wrong", "lambda").status()).isEqualTo(403);
        root.iam().deleteUserPolicy(request -> request.userName("visitor").policyName("p"));
        root.iam().deleteAccessKey(request -> request.userName("visitor").accessKeyId(key.accessKeyId()));
        root.iam().deleteUser(request -> request.userName("visitor"));
    }

    private void allow(String action) {
        root.iam()
                .putUserPolicy(
                        request -> request.userName("visitor").policyName("p").policyDocument("""
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"%s","Resource":"*"}]}""".formatted(action)));
    }

    private RawHttp.Answer signed(String host, String key, String secret, String service) throws IOException {
        byte[] body = "{\"n\":1}".getBytes(StandardCharsets.UTF_8);
        SdkHttpRequest request = SdkHttpRequest.builder()
                .uri(URI.create("http://" + host + "/a?q=1"))
                .method(SdkHttpMethod.POST)
                .putHeader("content-type", "application/json")
                .build();
        SignedRequest signed = AwsV4HttpSigner.create()
                .sign(sign -> sign.identity(AwsCredentialsIdentity.create(key, secret))
                        .request(request)
                        .payload(() -> new ByteArrayInputStream(body))
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, service)
                        .putProperty(AwsV4HttpSigner.REGION_NAME, "us-east-1"));
        Map<String, String> headers = new LinkedHashMap<>();
        signed.request().headers().forEach((name, values) -> headers.put(name, values.getFirst()));
        headers.remove("Content-Length");
        return RawHttp.send(endpoint, "POST", "/a?q=1", headers, body);
    }

    @Test
    void aStreamingUrlGivesStatusAndBodyAsTheyCome() throws Exception {
        create("stream", HostRuntimes.node(), "index.handler", "index.js", """
                exports.handler = awslambda.streamifyResponse(async (event, out) => {
                    if (event.rawPath === '/early') throw new Error('early');
                    out = awslambda.HttpResponseStream.from(out, {
                        statusCode: 203, headers: { 'Content-Type': 'text/x-own' }, cookies: ['c=1'] });
                    out.write('one ');
                    await new Promise((go) => { setTimeout(go, 20); });
                    if (event.rawPath === '/late') throw new Error('late');
                    out.write('two');
                    out.end();
                });
                """);
        open("stream");
        String host = url("stream", FunctionUrlAuthType.NONE, InvokeMode.RESPONSE_STREAM);
        RawHttp.Answer answer = get(host, "/", Map.of());
        assertThat(answer.status()).isEqualTo(203);
        assertThat(answer.header("content-type")).isEqualTo("text/x-own");
        assertThat(answer.header("set-cookie")).isEqualTo("c=1");
        assertThat(answer.text()).isEqualTo("one two");
        assertThat(answer.whole()).isTrue();
        assertThat(get(host, "/early", Map.of()).status()).isEqualTo(502);
        RawHttp.Answer cut = get(host, "/late", Map.of());
        assertThat(cut.text()).isEqualTo("one ");
        assertThat(cut.whole()).isFalse();
    }
}
