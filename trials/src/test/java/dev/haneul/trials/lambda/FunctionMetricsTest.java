package dev.haneul.trials.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Zips;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.FunctionUrlAuthType;
import software.amazon.awssdk.services.lambda.model.ProvisionedConcurrencyStatusEnum;

/** What AWS/Lambda measures, as GetMetricData tells it. */
@ExtendWith(SharedRegion.class)
class FunctionMetricsTest {
    private static final String TRUST = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
            "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}""";
    private static final String CODE = """
            def handler(event, context):
                if event.get('rawPath') == '/broken':
                    raise ValueError('no')
                return {'statusCode': 404 if event.get('rawPath') == '/missing' else 200, 'body': ''}
            """;

    private final URI endpoint;
    private final Clients root;
    private final LambdaClient lambda;
    private final CloudWatchClient watch;
    private String role = "";

    FunctionMetricsTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, Accounts.fresh(), "test");
        this.lambda = root.lambda();
        this.watch = root.cloudWatch();
    }

    @BeforeEach
    void make() {
        role = root.iam()
                .createRole(request -> request.roleName("runner").assumeRolePolicyDocument(TRUST))
                .role()
                .arn();
        lambda.createFunction(request -> request.functionName("f")
                .runtime(HostRuntimes.python())
                .handler("app.handler")
                .role(role)
                .timeout(20)
                .publish(true)
                .code(source -> source.zipFile(Zips.of("app.py", CODE))));
    }

    @AfterEach
    void close() throws Exception {
        lambda.deleteFunction(request -> request.functionName("f"));
        root.close();
    }

    /** The sums of metrics of one resource, once they are all there. */
    private List<Double> sums(String resource, List<String> names, List<Double> expected) throws Exception {
        List<MetricDataQuery> queries = new ArrayList<>();
        for (String name : names) {
            queries.add(MetricDataQuery.builder()
                    .id("m" + queries.size())
                    .metricStat(stat -> stat.stat("Sum")
                            .period(3600)
                            .metric(metric -> metric.namespace("AWS/Lambda")
                                    .metricName(name)
                                    .dimensions(
                                            Dimension.builder()
                                                    .name("FunctionName")
                                                    .value("f")
                                                    .build(),
                                            Dimension.builder()
                                                    .name("Resource")
                                                    .value(resource)
                                                    .build())))
                    .build());
        }
        List<Double> seen = List.of();
        for (int i = 0; i < 150 && !seen.equals(expected); i++) {
            Thread.sleep(200);
            Instant now = Instant.now();
            seen = watch
                    .getMetricData(request -> request.metricDataQueries(queries)
                            .startTime(now.minus(Duration.ofHours(2)))
                            .endTime(now.plus(Duration.ofHours(2))))
                    .metricDataResults()
                    .stream()
                    .map(result ->
                            result.values().stream().mapToDouble(value -> value).sum())
                    .toList();
        }
        return seen;
    }

    @Test
    void functionUrlsAreMeasured() throws Exception {
        lambda.addPermission(request -> request.functionName("f")
                .statementId("open")
                .action("lambda:InvokeFunctionUrl")
                .principal("*")
                .functionUrlAuthType(FunctionUrlAuthType.NONE));
        lambda.addPermission(request -> request.functionName("f")
                .statementId("also")
                .action("lambda:InvokeFunction")
                .principal("*")
                .invokedViaFunctionUrl(true));
        String url = lambda.createFunctionUrlConfig(
                        request -> request.functionName("f").authType(FunctionUrlAuthType.NONE))
                .functionUrl();
        Map<String, String> host = Map.of("Host", URI.create(url).getAuthority());
        for (String path : List.of("/", "/missing", "/missing", "/broken")) {
            RawHttp.send(endpoint, "GET", path, host, new byte[0]);
        }
        List<String> names = List.of("UrlRequestCount", "Url4xxCount", "Url5xxCount", "Invocations", "Errors");
        List<Double> expected = List.of(4.0, 2.0, 1.0, 4.0, 1.0);
        assertThat(sums("f", names, expected)).isEqualTo(expected);
    }

    @Test
    void provisionedConcurrencyIsMeasured() throws Exception {
        lambda.putProvisionedConcurrencyConfig(
                request -> request.functionName("f").qualifier("1").provisionedConcurrentExecutions(1));
        for (int i = 0; i < 300; i++) {
            var status = lambda.getProvisionedConcurrencyConfig(
                    request -> request.functionName("f").qualifier("1"));
            if (status.status() == ProvisionedConcurrencyStatusEnum.READY) {
                break;
            }
            Thread.sleep(100);
        }
        lambda.invoke(request -> request.functionName("f").qualifier("1"));
        lambda.invoke(request -> request.functionName("f").qualifier("1"));
        List<String> names = List.of(
                "ProvisionedConcurrencyInvocations",
                "ProvisionedConcurrencySpilloverInvocations",
                "ProvisionedConcurrentExecutions",
                "ProvisionedConcurrencyUtilization",
                "Invocations");
        List<Double> expected = List.of(2.0, 0.0, 2.0, 2.0, 2.0);
        assertThat(sums("f:1", names, expected)).isEqualTo(expected);
    }
}
