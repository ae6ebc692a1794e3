package dev.haneul.services.lambda.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.fabric.SocketHttpServer;
import dev.haneul.services.lambda.run.RuntimeSession.Answer;
import dev.haneul.services.lambda.run.RuntimeSession.News;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuntimeApiTest {
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);
    private final RuntimeSession session = new RuntimeSession();
    private final HttpClient client = HttpClient.newHttpClient();
    private SocketHttpServer server;
    private ServerSocketChannel listener;
    private String root;

    @BeforeEach
    void open() throws IOException {
        server = new SocketHttpServer();
        RuntimeApi api = new RuntimeApi(session);
        SocketHttpServer.Site site = server.site(8, 1 << 30, api::serve);
        listener = ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        int port = ((InetSocketAddress) listener.getLocalAddress()).getPort();
        root = "http://127.0.0.1:" + port + "/2018-06-01";
        Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    site.adopt(listener.accept());
                }
            } catch (IOException e) {
                // closed: the test is over
            }
        });
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        listener.close();
        server.close();
    }

    /** Our own runtimes do so: a round trip less. */
    @Test
    void workMayBeAskedForTogetherWithAnAnswer() throws Exception {
        session.offer(invocation("r1"));
        get("/runtime/invocation/next");
        try (Socket socket = new Socket("127.0.0.1", URI.create(root).getPort())) {
            socket.setSoTimeout(20_000);
            String host = " HTTP/1.1\r\nHost: x\r\n";
            String both = "POST /2018-06-01/runtime/invocation/r1/response" + host + "Content-Length: 4\r\n\r\n\"ok\""
                    + "GET /2018-06-01/runtime/invocation/next" + host + "\r\n";
            socket.getOutputStream().write(both.getBytes(StandardCharsets.US_ASCII));

            assertThat(session.awaitAnswer(PATIENCE)).isEqualTo(News.ANSWERED);
            session.takeAnswer();
            assertThat(session.awaitPoll(PATIENCE)).isEqualTo(News.POLLING);
            session.offer(invocation("r2"));

            String answers = "";
            while (!answers.endsWith("{\"n\":1}")) {
                byte[] some = new byte[4096];
                int count = socket.getInputStream().read(some);
                assertThat(count).as(answers).isPositive();
                answers += new String(some, 0, count, StandardCharsets.US_ASCII);
            }
            assertThat(answers).startsWith("HTTP/1.1 202 ").contains("HTTP/1.1 200 ", "r2");
        }
    }

    @Test
    void anInvocationGoesThereAndBack() throws Exception {
        session.offer(invocation("r1"));
        HttpResponse<String> next = get("/runtime/invocation/next");
        assertThat(next.statusCode()).isEqualTo(200);
        assertThat(next.body()).isEqualTo("{\"n\":1}");
        assertThat(next.headers().firstValue("Lambda-Runtime-Aws-Request-Id")).contains("r1");
        assertThat(next.headers().firstValue("Lambda-Runtime-Deadline-Ms")).contains("1700000000000");
        assertThat(next.headers().firstValue("Lambda-Runtime-Invoked-Function-Arn"))
                .contains("arn:f");
        assertThat(next.headers().firstValue("Lambda-Runtime-Trace-Id")).contains("Root=1-a");
        assertThat(next.headers().firstValue("Lambda-Runtime-Client-Context")).contains("{\"custom\":{}}");

        HttpResponse<String> taken = post("/runtime/invocation/r1/response", "\"ok\"");

        assertThat(taken.statusCode()).isEqualTo(202);
        assertThat(taken.body()).contains("\"status\":\"OK\"");
        assertThat(session.awaitAnswer(PATIENCE)).isEqualTo(News.ANSWERED);
        assertThat(session.takeAnswer())
                .isInstanceOfSatisfying(
                        Answer.Result.class,
                        result -> assertThat(new String(result.body(), StandardCharsets.UTF_8))
                                .isEqualTo("\"ok\""));
    }

    @Test
    void aPollWaitsForWork() throws Exception {
        var next = client.sendAsync(
                HttpRequest.newBuilder(URI.create(root + "/runtime/invocation/next"))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(session.awaitPoll(PATIENCE)).isEqualTo(News.POLLING);
        assertThat(next.isDone()).isFalse();
        session.offer(invocation("late"));
        assertThat(next.get(20, TimeUnit.SECONDS).headers().firstValue("Lambda-Runtime-Aws-Request-Id"))
                .contains("late");
    }

    @Test
    void anErrorComesWithItsType() throws Exception {
        session.offer(invocation("r1"));
        get("/runtime/invocation/next");
        HttpRequest request = HttpRequest.newBuilder(URI.create(root + "/runtime/invocation/r1/error"))
                .header("Lambda-Runtime-Function-Error-Type", "My.Error")
                .POST(BodyPublishers.ofString("{\"errorMessage\":\"no\"}"))
                .build();
        assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
                .isEqualTo(202);
        session.awaitAnswer(PATIENCE);
        assertThat(session.takeAnswer())
                .isInstanceOfSatisfying(
                        Answer.Failure.class,
                        failure -> assertThat(failure.problem().type()).isEqualTo("My.Error"));
    }

    @Test
    void anotherRequestsIdIsRefused() throws Exception {
        session.offer(invocation("r1"));
        get("/runtime/invocation/next");
        HttpResponse<String> wrong = post("/runtime/invocation/r2/response", "{}");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("InvalidRequestID");
        post("/runtime/invocation/r1/response", "{}");
        assertThat(post("/runtime/invocation/r1/response", "{}").statusCode()).isEqualTo(400);
    }

    @Test
    void aSecondPollWithoutAnAnswerIsRefused() throws Exception {
        session.offer(invocation("r1"));
        get("/runtime/invocation/next");
        HttpResponse<String> again = get("/runtime/invocation/next");
        assertThat(again.statusCode()).isEqualTo(403);
        assertThat(again.body()).contains("InvalidStateTransition");
    }

    @Test
    void aResultThatIsTooLargeIsRefusedAndTold() throws Exception {
        session.offer(invocation("r1"));
        get("/runtime/invocation/next");
        HttpResponse<String> refused =
                post("/runtime/invocation/r1/response", "x".repeat(RuntimeApi.LARGEST_RESULT_BYTES + 1));
        assertThat(refused.statusCode()).isEqualTo(413);
        session.awaitAnswer(PATIENCE);
        assertThat(session.takeAnswer()).isInstanceOf(Answer.TooLarge.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 8191, 8192, 8193, 16386, 100_000, RuntimeApi.LARGEST_RESULT_BYTES})
    void aResultComesWholeWhetherItsLengthIsToldOrNot(int length) throws Exception {
        byte[] result = new byte[length];
        new Random(length).nextBytes(result);
        for (boolean told : List.of(true, false)) {
            session.offer(invocation("r1"));
            get("/runtime/invocation/next");
            assertThat(respond(result, told).statusCode()).isEqualTo(202);
            assertThat(session.awaitAnswer(PATIENCE)).isEqualTo(News.ANSWERED);
            assertThat(session.takeAnswer())
                    .isInstanceOfSatisfying(
                            Answer.Result.class,
                            answer -> assertThat(answer.body()).isEqualTo(result));
        }
    }

    @Test
    void aResultWithoutALengthIsRefusedWhereItGetsTooLarge() throws Exception {
        session.offer(invocation("r1"));
        get("/runtime/invocation/next");
        assertThat(respond(new byte[RuntimeApi.LARGEST_RESULT_BYTES + 1], false).statusCode())
                .isEqualTo(413);
        session.awaitAnswer(PATIENCE);
        assertThat(session.takeAnswer()).isInstanceOf(Answer.TooLarge.class);
    }

    private HttpResponse<String> respond(byte[] result, boolean lengthTold) throws IOException, InterruptedException {
        HttpRequest.BodyPublisher body = lengthTold
                ? HttpRequest.BodyPublishers.ofByteArray(result)
                : HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(result));
        URI to = URI.create(root + "/runtime/invocation/r1/response");
        return client.send(HttpRequest.newBuilder(to).POST(body).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void aStartThatFailedIsToldOnlyBeforeTheFirstPoll() throws Exception {
        assertThat(post("/runtime/init/error", "{\"errorType\":\"X\"}").statusCode())
                .isEqualTo(202);
        assertThat(session.awaitPoll(PATIENCE)).isEqualTo(News.INIT_FAILED);
        session.offer(invocation("r1"));
        get("/runtime/invocation/next");
        assertThat(post("/runtime/init/error", "{}").statusCode()).isEqualTo(403);
    }

    @Test
    void otherPathsAndMethods() throws Exception {
        assertThat(get("/ping").body()).isEqualTo("pong");
        assertThat(get("/runtime/nothing").statusCode()).isEqualTo(405);
        assertThat(post("/runtime/nothing", "{}").statusCode()).isEqualTo(404);
        assertThat(post("/runtime/invocation/next", "{}").statusCode()).isEqualTo(405);
    }

    @Test
    void anInvocationNobodyHasSeenCanBeTakenBack() throws Exception {
        session.offer(invocation("r1"));
        session.ended();
        assertThat(session.awaitAnswer(PATIENCE)).isEqualTo(News.ENDED);
        assertThat(session.withdraw()).isTrue();
        assertThat(session.alive()).isFalse();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(root + path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(URI.create(root + path))
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static Invocation invocation(String id) {
        byte[] payload = "{\"n\":1}".getBytes(StandardCharsets.UTF_8);
        return new Invocation(id, payload, 1_700_000_000_000L, "arn:f", "{\"custom\":{}}", "Root=1-a");
    }
}
