package dev.haneul.trials.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.CreateConnectionAuthRequestParameters;
import software.amazon.awssdk.services.eventbridge.model.EventBridgeException;
import software.amazon.awssdk.services.eventbridge.model.PutEventsRequestEntry;
import software.amazon.awssdk.services.eventbridge.model.ResourceAlreadyExistsException;
import software.amazon.awssdk.services.eventbridge.model.Target;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.InvalidRequestException;
import software.amazon.awssdk.services.secretsmanager.model.SecretListEntry;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/** API destinations against an HTTP server on loopback: what it is sent, who may have it sent, and its secrets. */
@ExtendWith(SharedRegion.class)
class ApiDestinationsTest {
    private final String account = Accounts.fresh();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicInteger tokens = new AtomicInteger();
    private final URI endpoint;
    private Clients clients;
    private EventBridgeClient events;
    private SqsClient sqs;
    private HttpServer server;
    private Roles roles;

    ApiDestinationsTest(URI endpoint) {
        this.endpoint = endpoint;
    }

    @BeforeEach
    void open() throws IOException {
        clients = new Clients(endpoint, account, "test");
        events = clients.events();
        sqs = clients.sqs();
        roles = new Roles(clients.iam());
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/o", this::answer);
        server.createContext("/token", this::token);
        server.start();
    }

    @AfterEach
    void close() throws Exception {
        server.stop(0);
        clients.close();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        calls.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + " "
                + exchange.getRequestHeaders().getFirst("x-key") + " "
                + exchange.getRequestHeaders().getFirst("authorization") + " " + body);
        int left = failures.getAndUpdate(n -> n > 0 ? n - 1 : n);
        exchange.sendResponseHeaders(left > 0 ? 503 : left < 0 ? -left : 200, -1);
        exchange.close();
    }

    private void token(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        calls.add("token " + body);
        byte[] answer = ("{\"access_token\":\"t" + tokens.incrementAndGet() + "\",\"expires_in\":3600}")
                .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    private String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private String destination(String type, CreateConnectionAuthRequestParameters auth, int perSecond) {
        String connection = events.createConnection(
                        request -> request.name("c").authorizationType(type).authParameters(auth))
                .connectionArn();
        return events.createApiDestination(request -> request.name("hook")
                        .connectionArn(connection)
                        .invocationEndpoint(url("/o/*"))
                        .invocationRateLimitPerSecond(perSecond)
                        .httpMethod("POST"))
                .apiDestinationArn();
    }

    private static CreateConnectionAuthRequestParameters key() {
        return CreateConnectionAuthRequestParameters.builder()
                .apiKeyAuthParameters(key -> key.apiKeyName("x-key").apiKeyValue("secret"))
                .build();
    }

    private void rule(String destination, String role, Target.Builder target) {
        events.putRule(request -> request.name("hook").eventPattern("{\"source\":[\"my.shop\"]}"));
        events.putTargets(request -> request.rule("hook")
                .targets(target.id("hook")
                        .arn(destination)
                        .roleArn(role)
                        .inputPath("$.detail")
                        .httpParameters(http ->
                                http.pathParameterValues("$.detail.id").queryStringParameters(Map.of("from", "rule")))
                        .build()));
    }

    private String role() {
        return roles.make("r", "events.amazonaws.com", "events:InvokeApiDestination");
    }

    private void put(String detail) {
        assertThat(events.putEvents(request -> request.entries(PutEventsRequestEntry.builder()
                                .source("my.shop")
                                .detailType("Order")
                                .detail(detail)
                                .build()))
                        .failedEntryCount())
                .isZero();
    }

    @Test
    void itIsCalledAndAskedAgainAfterAFailure() throws Exception {
        failures.set(1);
        rule(destination("API_KEY", key(), 300), role(), Target.builder());
        put("{\"id\":\"a/b\"}");
        Waiting.until(() -> calls.size() == 2);
        assertThat(calls).containsOnly("POST /o/a%2Fb?from=rule secret null {\"id\":\"a/b\"}");
    }

    @Test
    void basicCredentialsAndTheConnectionsOwnParametersAreSent() throws Exception {
        CreateConnectionAuthRequestParameters auth = CreateConnectionAuthRequestParameters.builder()
                .basicAuthParameters(basic -> basic.username("me").password("pass"))
                .invocationHttpParameters(more -> more.headerParameters(
                                header -> header.key("x-key").value("h").isValueSecret(true))
                        .bodyParameters(body -> body.key("shop").value("7"))
                        .queryStringParameters(query -> query.key("q").value("1")))
                .build();
        rule(destination("BASIC", auth, 300), role(), Target.builder());
        put("{\"id\":\"1\"}");
        Waiting.until(() -> calls.size() == 1);
        assertThat(calls).containsExactly("POST /o/1?from=rule&q=1 h Basic bWU6cGFzcw== {\"id\":\"1\",\"shop\":\"7\"}");
        assertThat(events.describeConnection(request -> request.name("c")).toString())
                .doesNotContain("pass\"")
                .doesNotContain("Value=h");
    }

    @Test
    void aTokenIsFetchedOnceAndSent() throws Exception {
        CreateConnectionAuthRequestParameters auth = CreateConnectionAuthRequestParameters.builder()
                .oAuthParameters(oauth -> oauth.authorizationEndpoint(url("/token"))
                        .httpMethod("POST")
                        .clientParameters(client -> client.clientID("id").clientSecret("hush"))
                        .oAuthHttpParameters(more ->
                                more.bodyParameters(body -> body.key("scope").value("all"))))
                .build();
        rule(destination("OAUTH_CLIENT_CREDENTIALS", auth, 300), role(), Target.builder());
        put("{\"id\":\"1\"}");
        Waiting.until(() -> calls.size() == 2);
        put("{\"id\":\"2\"}");
        Waiting.until(() -> calls.size() == 3);
        assertThat(calls.getFirst())
                .startsWith("token ")
                .contains("grant_type=client_credentials")
                .contains("scope=all");
        assertThat(calls.get(1)).isEqualTo("POST /o/1?from=rule null Bearer t1 {\"id\":\"1\"}");
        assertThat(calls.get(2)).isEqualTo("POST /o/2?from=rule null Bearer t1 {\"id\":\"2\"}");
    }

    @Test
    void theRateLimitUsesUpNoRetries() throws Exception {
        rule(
                destination("API_KEY", key(), 1),
                role(),
                Target.builder().retryPolicy(retry -> retry.maximumRetryAttempts(0)));
        put("{\"id\":\"1\"}");
        put("{\"id\":\"2\"}");
        put("{\"id\":\"3\"}");
        Waiting.until(() -> calls.size() == 3);
    }

    @Test
    void aRoleIsNeededAndMustAllowIt() throws Exception {
        String destination = destination("API_KEY", key(), 300);
        assertThatThrownBy(() -> rule(destination, null, Target.builder()))
                .isInstanceOf(EventBridgeException.class)
                .hasMessageStartingWith("RoleArn is required for target " + destination);
        String url = Queues.make(sqs, "dead", "events.amazonaws.com");
        String role = roles.make("r", "events.amazonaws.com", "sqs:*");
        rule(destination, role, Target.builder().deadLetterConfig(dead -> dead.arn(Queues.arn(account, "dead"))));
        put("{\"id\":\"1\"}");
        Message message = Queues.receive(sqs, url, 1).getFirst();
        assertThat(Queues.attributes(message))
                .containsEntry("ERROR_CODE", "NO_PERMISSIONS")
                .containsEntry("RETRY_ATTEMPTS", "0")
                .containsEntry("TARGET_ARN", destination)
                .containsEntry("RULE_ARN", "arn:aws:events:us-east-1:" + account + ":rule/hook");
        assertThat(calls).isEmpty();
    }

    @Test
    void itsSecretIsInSecretsManagerAndTheServicesOwn() {
        SecretsManagerClient secrets = clients.secretsManager();
        String connection = destination("API_KEY", key(), 300);
        String arn = events.describeConnection(request -> request.name("c")).secretArn();
        assertThat(arn)
                .matches("arn:aws:secretsmanager:us-east-1:" + account
                        + ":secret:events!connection/c/[0-9a-f-]{36}-[A-Za-z0-9]{6}");
        assertThat(connection).isNotEmpty();
        List<SecretListEntry> all = secrets.listSecrets(request -> {}).secretList();
        assertThat(all).extracting(SecretListEntry::arn).containsExactly(arn);
        assertThat(secrets.describeSecret(request -> request.secretId(arn)).owningService())
                .isEqualTo("events");
        assertThatThrownBy(() -> secrets.deleteSecret(request -> request.secretId(arn)))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("managed by events");
        assertThatThrownBy(() -> events.createConnection(request ->
                        request.name("c").authorizationType("API_KEY").authParameters(key())))
                .isInstanceOf(ResourceAlreadyExistsException.class);
        events.updateConnection(request -> request.name("c")
                .authorizationType("API_KEY")
                .authParameters(auth -> auth.apiKeyAuthParameters(key -> key.apiKeyValue("other"))));
        assertThat(secrets.getSecretValue(request -> request.secretId(arn)).secretString())
                .contains("other")
                .contains("x-key");
        events.deleteApiDestination(request -> request.name("hook"));
        events.deleteConnection(request -> request.name("c"));
        assertThat(secrets.listSecrets(request -> {}).secretList()).isEmpty();
    }
}
