package dev.haneul.trials.ssm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.Clients;
import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import software.amazon.awssdk.services.iam.model.AccessKey;
import software.amazon.awssdk.services.ssm.SsmClient;
import software.amazon.awssdk.services.ssm.model.Parameter;
import software.amazon.awssdk.services.ssm.model.ParameterAlreadyExistsException;
import software.amazon.awssdk.services.ssm.model.ParameterNotFoundException;
import software.amazon.awssdk.services.ssm.model.ParameterStringFilter;
import software.amazon.awssdk.services.ssm.model.ParameterTier;
import software.amazon.awssdk.services.ssm.model.ParameterType;
import software.amazon.awssdk.services.ssm.model.ParameterVersionNotFoundException;
import software.amazon.awssdk.services.ssm.model.SsmException;

@ExtendWith(SharedRegion.class)
class ParametersTest {
    private final String account = Accounts.fresh();
    private final URI endpoint;
    private final Clients root;
    private final SsmClient ssm;

    ParametersTest(URI endpoint) {
        this.endpoint = endpoint;
        this.root = new Clients(endpoint, account, "test");
        this.ssm = root.ssm();
    }

    @AfterEach
    void close() throws Exception {
        root.close();
    }

    private long put(String name, String value) {
        return ssm.putParameter(request -> request.name(name)
                        .value(value)
                        .type(ParameterType.STRING)
                        .overwrite(true))
                .version();
    }

    private Parameter get(String name) {
        return ssm.getParameter(request -> request.name(name).withDecryption(true))
                .parameter();
    }

    @Test
    void versionsLabelsAndHistory() {
        assertThat(put("/app/url", "one")).isEqualTo(1);
        assertThat(put("/app/url", "two")).isEqualTo(2);
        assertThatThrownBy(() -> ssm.putParameter(
                        request -> request.name("/app/url").value("x").type(ParameterType.STRING)))
                .isInstanceOf(ParameterAlreadyExistsException.class);
        ssm.labelParameterVersion(
                request -> request.name("/app/url").parameterVersion(1L).labels("prod", "aws-no"));
        assertThat(get("/app/url").value()).isEqualTo("two");
        assertThat(get("/app/url:1").value()).isEqualTo("one");
        assertThat(get("/app/url:prod").value()).isEqualTo("one");
        assertThat(get("arn:aws:ssm:us-east-1:" + account + ":parameter/app/url")
                        .version())
                .isEqualTo(2);
        assertThatThrownBy(() -> get("/app/url:9")).isInstanceOf(ParameterVersionNotFoundException.class);
        assertThat(ssm.getParameterHistory(request -> request.name("/app/url")).parameters())
                .extracting(each -> each.version() + " " + each.labels())
                .containsExactly("1 [prod]", "2 []");
        ssm.deleteParameter(request -> request.name("/app/url"));
        assertThatThrownBy(() -> get("/app/url")).isInstanceOf(ParameterNotFoundException.class);
    }

    @Test
    void aHundredVersionsStayAndALabelHoldsTheOldest() {
        for (int i = 0; i < 101; i++) {
            put("many", "v" + i);
        }
        assertThatThrownBy(() -> get("many:1")).isInstanceOf(ParameterVersionNotFoundException.class);
        ssm.labelParameterVersion(
                request -> request.name("many").parameterVersion(2L).labels("keep"));
        assertThatThrownBy(() -> put("many", "one too many"))
                .isInstanceOf(SsmException.class)
                .hasMessageContaining("can't be deleted because it has a label");
    }

    @Test
    void aSecureStringNeedsItsKey() throws Exception {
        String key = root.kms().createKey().keyMetadata().keyId();
        String large = "s".repeat(5000);
        ssm.putParameter(request -> request.name("/s/small")
                .value("hush")
                .type(ParameterType.SECURE_STRING)
                .keyId(key));
        ssm.putParameter(request -> request.name("/s/large")
                .value(large)
                .type(ParameterType.SECURE_STRING)
                .tier(ParameterTier.INTELLIGENT_TIERING));
        assertThat(get("/s/small").value()).isEqualTo("hush");
        assertThat(get("/s/large").value()).isEqualTo(large);
        assertThat(ssm.getParameter(request -> request.name("/s/small"))
                        .parameter()
                        .value())
                .isNotEqualTo("hush");
        root.iam().createUser(request -> request.userName("reader"));
        root.iam()
                .putUserPolicy(request -> request.userName("reader")
                        .policyName("p")
                        .policyDocument(
                                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"ssm:Get*\","
                                        + "\"Resource\":\"arn:aws:ssm:*:*:parameter/s/*\"}]}"));
        AccessKey keys = root.iam()
                .createAccessKey(request -> request.userName("reader"))
                .accessKey();
        try (Clients reader = new Clients(endpoint, keys.accessKeyId(), keys.secretAccessKey())) {
            SsmClient his = reader.ssm();
            assertThatThrownBy(() ->
                            his.getParameter(request -> request.name("/s/small").withDecryption(true)))
                    .hasMessageContaining("kms:Decrypt");
            // The key AWS manages opens to whoever may use the parameter.
            assertThat(his.getParameter(request -> request.name("/s/large").withDecryption(true))
                            .parameter()
                            .value())
                    .isEqualTo(large);
            assertThatThrownBy(() -> his.getParameter(request -> request.name("/other")))
                    .hasMessageContaining("not authorized to perform: ssm:GetParameter");
        }
        assertThat(root.cloudTrail().lookupEvents().events())
                .allSatisfy(event -> assertThat(event.cloudTrailEvent()).doesNotContain("hush", "sssss"));
    }

    @Test
    void pathsFiltersAndPages() {
        for (String name : List.of("/a/1", "/a/2", "/a/b/3", "/c/4", "plain")) {
            put(name, name);
        }
        assertThat(names(ssm.getParametersByPath(request -> request.path("/a")).parameters()))
                .containsExactly("/a/1", "/a/2");
        assertThat(ssm
                        .getParametersByPathPaginator(
                                request -> request.path("/").recursive(true).maxResults(2))
                        .stream()
                        .flatMap(page -> page.parameters().stream())
                        .map(Parameter::name))
                .containsExactly("/a/1", "/a/2", "/a/b/3", "/c/4");
        assertThat(described("Name", "BeginsWith", "pl")).containsExactly("plain");
        assertThat(described("Path", "Recursive", "/a")).containsExactly("/a/1", "/a/2", "/a/b/3");
        assertThat(ssm.getParameters(request -> request.names("/a/1", "none")).invalidParameters())
                .containsExactly("none");
    }

    private List<String> described(String key, String option, String value) {
        return ssm
                .describeParameters(request -> request.parameterFilters(ParameterStringFilter.builder()
                        .key(key)
                        .option(option)
                        .values(value)
                        .build()))
                .parameters()
                .stream()
                .map(each -> each.name())
                .toList();
    }

    private static List<String> names(List<Parameter> parameters) {
        return parameters.stream().map(Parameter::name).toList();
    }

    @Test
    void badParametersAreRefused() {
        assertThatThrownBy(() -> put("no/slash", "x")).hasMessageContaining("fully qualified");
        assertThatThrownBy(() -> put("/aws/mine", "x")).hasMessageContaining("No access to reserved");
        assertThatThrownBy(() -> put("/large", "x".repeat(4097))).hasMessageContaining("Standard tier");
        assertThatThrownBy(() -> ssm.putParameter(request -> request.name("/n")
                        .value("abc")
                        .type(ParameterType.STRING)
                        .allowedPattern("\\d+")))
                .hasMessageContaining("allowedPattern");
    }
}
