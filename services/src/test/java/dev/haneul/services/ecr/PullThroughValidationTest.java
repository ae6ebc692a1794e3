package dev.haneul.services.ecr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ecr.CreatePullThroughCacheRuleRequest;
import dev.haneul.api.ecr.PullThroughCacheRuleNotFoundException;
import dev.haneul.api.ecr.ValidatePullThroughCacheRuleRequest;
import dev.haneul.api.ecr.ValidatePullThroughCacheRuleResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.secretsmanager.GetSecretValueRequest;
import dev.haneul.api.secretsmanager.GetSecretValueResponse;
import dev.haneul.api.secretsmanager.ResourceNotFoundException;
import dev.haneul.api.secretsmanager.SecretsManagerApi;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether a pull through cache rule's upstream lets its secret in. */
class PullThroughValidationTest {
    private static final String SECRETS = "arn:aws:secretsmanager:us-east-1:000000000000:secret:ecr-pullthroughcache/";

    private RegistryFixture registry;
    private UpstreamRegistry upstream;

    /** Two secrets: one is right, one is no document at all. */
    private static final class Secrets implements SecretsManagerApi {
        @Override
        public GetSecretValueResponse getSecretValue(GetSecretValueRequest in, Call call) {
            String name = in.secretId().substring(SECRETS.length());
            return switch (name) {
                case "right", "wrong" ->
                    new GetSecretValueResponse()
                            .secretString("{\"username\":\"user\",\"accessToken\":\"" + name + "\"}");
                case "text" -> new GetSecretValueResponse().secretString("hello");
                default -> throw Fault.of(new ResourceNotFoundException(), "no such secret");
            };
        }
    }

    @BeforeEach
    void open() throws IOException {
        registry = new RegistryFixture();
        registry.dispatcher.add(new Secrets());
        upstream = new UpstreamRegistry();
    }

    @AfterEach
    void close() throws IOException {
        upstream.close();
        registry.close();
    }

    @Test
    void anUpstreamThatLetsUsInIsValidWithAndWithoutASecret() {
        ValidatePullThroughCacheRuleResponse open = validated("open", null);
        assertThat(open.isValid()).isTrue();
        assertThat(open.failure()).isNull();
        assertThat(open.upstreamRegistryUrl()).isEqualTo(upstream.address());
        assertThat(open.upstreamRepositoryPrefix()).isEqualTo("ROOT");
        assertThat(validated("mine", "right").isValid()).isTrue();
    }

    @Test
    void whatIsWrongIsTold() {
        assertThat(validated("a", "wrong").failure()).contains("401");
        assertThat(validated("b", "text").failure()).contains("username and accessToken");
        assertThat(validated("c", "gone").failure()).contains("does not exist");
        upstream.close();
        ValidatePullThroughCacheRuleResponse away = validated("d", null);
        assertThat(away.isValid()).isFalse();
        assertThat(away.failure()).contains(upstream.address());
    }

    @Test
    void aRuleThatDoesNotExistIsAnError() {
        assertThatThrownBy(() -> registry.ecr.validatePullThroughCacheRule(
                        new ValidatePullThroughCacheRuleRequest().ecrRepositoryPrefix("none"), registry.call()))
                .isInstanceOfSatisfying(
                        Fault.class,
                        fault -> assertThat(fault.code())
                                .isEqualTo(PullThroughCacheRuleNotFoundException.class.getSimpleName()));
    }

    private ValidatePullThroughCacheRuleResponse validated(String prefix, String secret) {
        registry.ecr.createPullThroughCacheRule(
                new CreatePullThroughCacheRuleRequest()
                        .ecrRepositoryPrefix(prefix)
                        .upstreamRegistryUrl(upstream.address())
                        .credentialArn(secret == null ? null : SECRETS + secret),
                registry.call());
        return registry.ecr.validatePullThroughCacheRule(
                new ValidatePullThroughCacheRuleRequest().ecrRepositoryPrefix(prefix), registry.call());
    }
}
