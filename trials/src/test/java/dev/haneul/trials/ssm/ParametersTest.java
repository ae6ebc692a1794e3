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

    @Test
    void tagsAndLabelsComeAndGo() {
        put("/t/a", "1");
        put("/t/a", "2");
        ssm.addTagsToResource(request -> request.resourceType("Parameter")
                .resourceId("/t/a")
                .tags(tag -> tag.key("k").value("v"), tag -> tag.key("l").value("w")));
        ssm.removeTagsFromResource(
                request -> request.resourceType("Parameter").resourceId("/t/a").tagKeys("k"));
        assertThat(ssm.listTagsForResource(
                                request -> request.resourceType("Parameter").resourceId("/t/a"))
                        .tagList())
                .extracting(tag -> tag.key() + tag.value())
                .containsExactly("lw");
        ssm.labelParameterVersion(
                request -> request.name("/t/a").parameterVersion(1L).labels("old", "kept"));
        var gone = ssm.unlabelParameterVersion(
                request -> request.name("/t/a").parameterVersion(1L).labels("old", "never"));
        assertThat(gone.removedLabels()).containsExactly("old");
        assertThat(gone.invalidLabels()).containsExactly("never");
        assertThat(get("/t/a:kept").value()).isEqualTo("1");
        assertThatThrownBy(() -> get("/t/a:old")).isInstanceOf(ParameterVersionNotFoundException.class);
    }

    @Test
    void aPathIsNotToldWhereItsKeyRefuses() throws Exception {
        String key = root.kms().createKey().keyMetadata().keyId();
        put("/p/plain", "1");
        ssm.putParameter(request -> request.name("/p/secret")
                .value("hush")
                .type(ParameterType.SECURE_STRING)
                .keyId(key));
        root.iam().createUser(request -> request.userName("walker"));
        root.iam()
                .putUserPolicy(request -> request.userName("walker")
                        .policyName("p")
                        .policyDocument(
                                "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"ssm:Get*\","
                                        + "\"Resource\":\"*\"}]}"));
        AccessKey keys = root.iam()
                .createAccessKey(request -> request.userName("walker"))
                .accessKey();
        try (Clients walker = new Clients(endpoint, keys.accessKeyId(), keys.secretAccessKey())) {
            SsmClient his = walker.ssm();
            assertThatThrownBy(() -> his.getParametersByPath(
                            request -> request.path("/p").withDecryption(true)))
                    .hasMessageContaining("kms:Decrypt");
            assertThat(his.getParametersByPath(request -> request.path("/p")).parameters())
                    .extracting(Parameter::name)
                    .containsExactlyInAnyOrder("/p/plain", "/p/secret");
        }
    }

    @Test
    void policiesAreOfAdvancedParameters() {
        String expires = "[{\"Type\":\"Expiration\",\"Version\":\"1.0\",\"Attributes\":{\"Timestamp\":"
                + "\"2099-01-01T00:00:00.000Z\"}}]";
        assertThatThrownBy(() -> ssm.putParameter(request -> request.name("standard")
                        .value("1")
                        .type(ParameterType.STRING)
                        .policies(expires)))
                .isInstanceOf(SsmException.class);
        ssm.putParameter(request -> request.name("advanced")
                .value("1")
                .type(ParameterType.STRING)
                .tier(ParameterTier.ADVANCED)
                .policies(expires));
        assertThat(ssm.describeParameters(request -> request.parameterFilters(
                                filter -> filter.key("Name").values("advanced")))
                        .parameters()
                        .getFirst()
                        .policies())
                .singleElement()
                .satisfies(policy -> assertThat(policy.policyType()).isEqualTo("Expiration"));
    }
}
