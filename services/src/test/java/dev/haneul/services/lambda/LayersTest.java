package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.AddLayerVersionPermissionRequest;
import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.DeleteFunctionRequest;
import dev.haneul.api.lambda.DeleteLayerVersionRequest;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.GetLayerVersionByArnRequest;
import dev.haneul.api.lambda.GetLayerVersionPolicyRequest;
import dev.haneul.api.lambda.GetLayerVersionRequest;
import dev.haneul.api.lambda.GetLayerVersionResponse;
import dev.haneul.api.lambda.Layer;
import dev.haneul.api.lambda.LayerVersionContentInput;
import dev.haneul.api.lambda.ListLayerVersionsRequest;
import dev.haneul.api.lambda.ListLayersRequest;
import dev.haneul.api.lambda.PublishLayerVersionRequest;
import dev.haneul.api.lambda.PublishLayerVersionResponse;
import dev.haneul.api.lambda.PublishVersionRequest;
import dev.haneul.api.lambda.RemoveLayerVersionPermissionRequest;
import dev.haneul.api.lambda.UpdateFunctionConfigurationRequest;
import dev.haneul.api.runtime.Fault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LayersTest {
    private static final String HANDLER = """
            import shared
            def handler(event, context):
                return [shared.NAME, open('/opt/data/one').read(), __import__('os').path.exists('/opt/data/two')]
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

    private static PublishLayerVersionResponse publish(String name, Map<String, byte[]> files) {
        return region.lambda.publishLayerVersion(
                new PublishLayerVersionRequest()
                        .layerName(name)
                        .description("d")
                        .compatibleRuntimes(List.of("python3.11"))
                        .content(new LayerVersionContentInput().zipFile(Zips.of(files))),
                region.call());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static CreateFunctionRequest python(String name, String... layers) {
        return TestRegion.function(name, "python3.11", "app.handler", "app.py", HANDLER)
                .layers(List.of(layers));
    }

    @Test
    void layersAreMergedInTheirOrderAndALaterOneWins() {
        String first = publish(
                        "first",
                        Map.of(
                                "python/shared.py", bytes("NAME = 'first'"),
                                "data/one", bytes("1"),
                                "data/two", bytes("2")))
                .layerVersionArn();
        String second = publish(
                        "second", Map.of("python/shared.py", bytes("NAME = 'second'"), "data/one/x", bytes("folder")))
                .layerVersionArn();
        String third = publish("third", Map.of("data/one", bytes("three"))).layerVersionArn();
        FunctionConfiguration made = region.create(python("merged", first, second, third));
        assertThat(made.layers()).extracting(Layer::arn).containsExactly(first, second, third);
        for (int i = 0; i < 3; i++) { // a standby, a fresh start and a warm one see the same
            assertThat(TestRegion.text(region.invoke("merged", "{}"))).isEqualTo("[\"second\", \"three\", true]");
        }
        region.lambda.updateFunctionConfiguration(
                new UpdateFunctionConfigurationRequest().functionName("merged").layers(List.of(third, first)),
                region.call());
        assertThat(TestRegion.text(region.invoke("merged", "{}"))).isEqualTo("[\"first\", \"1\", true]");
        region.lambda.publishVersion(new PublishVersionRequest().functionName("merged"), region.call());
        FunctionConfiguration without = region.lambda.updateFunctionConfiguration(
                new UpdateFunctionConfigurationRequest().functionName("merged").layers(List.of()), region.call());
        assertThat(without.layers()).isEmpty();
        assertThat(TestRegion.text(region.invoke("merged", "{}"))).contains("Runtime.ImportModuleError");
        assertThat(TestRegion.text(region.invoke("merged:1", "{}"))).isEqualTo("[\"first\", \"1\", true]");
    }

    @Test
    void aFunctionKeepsALayerThatIsDeletedAndNumbersAreNotGivenTwice() throws IOException {
        String arn = publish("kept", Map.of("python/shared.py", bytes("NAME = 'k'"), "data/one", bytes("o")))
                .layerVersionArn();
        region.create(python("keeper", arn));
        region.lambda.deleteLayerVersion(
                new DeleteLayerVersionRequest().layerName("kept").versionNumber(1L), region.call());
        refused(() -> region.create(python("late", arn)), "InvalidParameterValueException");
        assertThat(TestRegion.text(region.invoke("keeper", "{}"))).isEqualTo("[\"k\", \"o\", false]");
        PublishLayerVersionResponse again = publish("kept", Map.of("data/one", bytes("o2")));
        assertThat(again.version()).isEqualTo(2);
        region.lambda.deleteFunction(new DeleteFunctionRequest().functionName("keeper"), region.call());
    }

    @Test
    void versionsAreListedNewestFirstAndFetched() {
        PublishLayerVersionResponse one = publish("listed", Map.of("a", bytes("1")));
        publish("listed", Map.of("a", bytes("2")));
        assertThat(one.content().codeSize()).isPositive();
        var page = region.lambda.listLayerVersions(
                new ListLayerVersionsRequest().layerName("listed").maxItems(1), region.call());
        assertThat(page.layerVersions())
                .singleElement()
                .satisfies(item -> assertThat(item.version()).isEqualTo(2));
        var rest = region.lambda.listLayerVersions(
                new ListLayerVersionsRequest().layerName("listed").marker(page.nextMarker()), region.call());
        assertThat(rest.layerVersions())
                .singleElement()
                .satisfies(item -> assertThat(item.version()).isEqualTo(1));
        assertThat(region.lambda
                        .listLayerVersions(
                                new ListLayerVersionsRequest()
                                        .layerName("listed")
                                        .compatibleRuntime("nodejs20.x"),
                                region.call())
                        .layerVersions())
                .isEmpty();
        assertThat(region.lambda
                        .listLayers(new ListLayersRequest(), region.call())
                        .layers())
                .filteredOn(item -> item.layerName().equals("listed"))
                .singleElement()
                .satisfies(item ->
                        assertThat(item.latestMatchingVersion().version()).isEqualTo(2));
        GetLayerVersionResponse got = region.lambda.getLayerVersion(
                new GetLayerVersionRequest().layerName("listed").versionNumber(1L), region.call());
        assertThat(got.content().location()).contains("/awslambda-tasks/snapshots/");
        assertThat(region.lambda
                        .getLayerVersionByArn(
                                new GetLayerVersionByArnRequest().arn(one.layerVersionArn()), region.call())
                        .content()
                        .codeSha256())
                .isEqualTo(got.content().codeSha256());
        refused(
                () -> region.lambda.getLayerVersion(
                        new GetLayerVersionRequest().layerName("listed").versionNumber(9L), region.call()),
                "ResourceNotFoundException");
    }

    @Test
    void policiesComeAndGo() {
        publish("shared", Map.of("a", bytes("1")));
        region.lambda.addLayerVersionPermission(
                new AddLayerVersionPermissionRequest()
                        .layerName("shared")
                        .versionNumber(1L)
                        .statementId("all")
                        .action("lambda:GetLayerVersion")
                        .principal("*")
                        .organizationId("o-abcdefghij"),
                region.call());
        String arn = "arn:aws:lambda:us-east-1:000000000000:layer:shared:1";
        assertThat(region.lambda
                        .getLayerVersionPolicy(
                                new GetLayerVersionPolicyRequest()
                                        .layerName("shared")
                                        .versionNumber(1L),
                                region.call())
                        .policy())
                .contains("\"Principal\":\"*\"", "aws:PrincipalOrgID", arn);
        assertThat(region.lambda.resourcePolicies().find(arn))
                .hasValueSatisfying(owned -> assertThat(owned.policy()).contains("o-abcdefghij"));
        region.lambda.removeLayerVersionPermission(
                new RemoveLayerVersionPermissionRequest()
                        .layerName("shared")
                        .versionNumber(1L)
                        .statementId("all"),
                region.call());
        refused(
                () -> region.lambda.getLayerVersionPolicy(
                        new GetLayerVersionPolicyRequest().layerName("shared").versionNumber(1L), region.call()),
                "ResourceNotFoundException");
    }

    @Test
    void limitsAreAwss() throws IOException {
        String[] arns = new String[6];
        for (int i = 0; i < arns.length; i++) {
            arns[i] = publish("many" + i, Map.of("a" + i, bytes("x"))).layerVersionArn();
        }
        refused(() -> region.create(python("six", arns)), "InvalidParameterValueException");
        String newer = publish("many0", Map.of("b", bytes("y"))).layerVersionArn();
        refused(() -> region.create(python("twice", arns[0], newer)), "InvalidParameterValueException");
        byte[] half = new byte[130_000_000];
        String[] large = {
            publish("large1", Map.of("one", half)).layerVersionArn(),
            publish("large2", Map.of("two", half)).layerVersionArn(),
            publish("large3", Map.of("three", half)).layerVersionArn()
        };
        assertThatThrownBy(() -> region.create(python("large", large)))
                .hasMessageContaining(
                        "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes");
    }

    private static void refused(ThrowingCallable call, String code) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo(code));
    }
}
