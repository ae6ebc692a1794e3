package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.CreateAliasRequest;
import dev.haneul.api.lambda.DeleteProvisionedConcurrencyConfigRequest;
import dev.haneul.api.lambda.GetProvisionedConcurrencyConfigRequest;
import dev.haneul.api.lambda.GetProvisionedConcurrencyConfigResponse;
import dev.haneul.api.lambda.ListProvisionedConcurrencyConfigsRequest;
import dev.haneul.api.lambda.PublishVersionRequest;
import dev.haneul.api.lambda.PutFunctionConcurrencyRequest;
import dev.haneul.api.lambda.PutProvisionedConcurrencyConfigRequest;
import dev.haneul.api.runtime.Fault;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ProvisionedTest {
    private static final String TYPE = """
            import os
            print('starting')
            def handler(event, context):
                return os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']
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

    private static void put(String name, String qualifier, int many) {
        region.lambda.putProvisionedConcurrencyConfig(
                new PutProvisionedConcurrencyConfigRequest()
                        .functionName(name)
                        .qualifier(qualifier)
                        .provisionedConcurrentExecutions(many),
                region.call());
    }

    private static GetProvisionedConcurrencyConfigResponse get(String name, String qualifier) {
        return region.lambda.getProvisionedConcurrencyConfig(
                new GetProvisionedConcurrencyConfigRequest().functionName(name).qualifier(qualifier), region.call());
    }

    private static void publish(String name) {
        region.lambda.publishVersion(new PublishVersionRequest().functionName(name), region.call());
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long until = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(until);
            Thread.sleep(20);
        }
    }

    @Test
    void environmentsStandReadyBeforeTheFirstCall() throws Exception {
        region.python("ready", TYPE);
        publish("ready");
        region.lambda.createAlias(
                new CreateAliasRequest().functionName("ready").name("live").functionVersion("1"), region.call());
        put("ready", "live", 2);
        await(() -> "READY".equals(get("ready", "live").status()));
        assertThat(get("ready", "live").allocatedProvisionedConcurrentExecutions())
                .isEqualTo(2);
        var answer = region.invoke("ready:live", "{}");
        assertThat(TestRegion.text(answer)).isEqualTo("\"provisioned-concurrency\"");
        assertThat(TestRegion.tail(answer)).doesNotContain("Init Duration");
        assertThat(TestRegion.text(region.invoke("ready", "{}"))).isEqualTo("\"on-demand\"");
        assertThat(region.lambda
                        .listProvisionedConcurrencyConfigs(
                                new ListProvisionedConcurrencyConfigsRequest().functionName("ready"), region.call())
                        .provisionedConcurrencyConfigs())
                .singleElement()
                .satisfies(item -> assertThat(item.functionArn()).endsWith(":ready:live"));
        assertThatThrownBy(() -> put("ready", "1", 1)).hasMessageContaining("Alias and its version");
        region.lambda.deleteProvisionedConcurrencyConfig(
                new DeleteProvisionedConcurrencyConfigRequest()
                        .functionName("ready")
                        .qualifier("live"),
                region.call());
        refused(() -> get("ready", "live"), "ProvisionedConcurrencyConfigNotFoundException");
        region.settle();
        assertThat(TestRegion.text(region.invoke("ready:live", "{}"))).isEqualTo("\"on-demand\"");
    }

    @Test
    void whatCannotStartIsToldAsFailed() throws Exception {
        region.python("broken", "raise ValueError('at start')\n");
        publish("broken");
        put("broken", "1", 1);
        await(() -> "FAILED".equals(get("broken", "1").status()));
        assertThat(get("broken", "1").statusReason()).isEqualTo("FUNCTION_ERROR_INIT_FAILURE");
        region.lambda.deleteProvisionedConcurrencyConfig(
                new DeleteProvisionedConcurrencyConfigRequest()
                        .functionName("broken")
                        .qualifier("1"),
                region.call());
    }

    @Test
    void limitsAreAwss() {
        region.python("limited", TYPE);
        publish("limited");
        refused(() -> put("limited", "$LATEST", 1), "InvalidParameterValueException");
        refused(() -> put("limited", "1", 901), "InvalidParameterValueException");
        region.lambda.putFunctionConcurrency(
                new PutFunctionConcurrencyRequest().functionName("limited").reservedConcurrentExecutions(1),
                region.call());
        refused(() -> put("limited", "1", 2), "InvalidParameterValueException");
        refused(() -> put("limited", "9", 1), "ResourceNotFoundException");
    }

    private static void refused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo(code));
    }
}
