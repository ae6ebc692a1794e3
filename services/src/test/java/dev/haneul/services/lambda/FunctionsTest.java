package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.lambda.*;
import dev.haneul.api.runtime.Fault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Operations on functions as such; nothing runs here. */
class FunctionsTest {
    private static final String CODE = "def handler(event, context):\n    return 1\n";
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
    void aNewFunctionHasAwssDefaults() {
        FunctionConfiguration made =
                region.lambda.createFunction(request("fresh").memorySize(null).timeout(null), region.call());
        assertThat(made.functionArn()).isEqualTo("arn:aws:lambda:us-east-1:000000000000:function:fresh");
        assertThat(made.memorySize()).isEqualTo(128);
        assertThat(made.timeout()).isEqualTo(3);
        assertThat(made.ephemeralStorage().size()).isEqualTo(512);
        assertThat(made.architectures()).containsExactly("x86_64");
        assertThat(made.version()).isEqualTo("$LATEST");
        assertThat(made.state()).isEqualTo("Active");
        assertThat(made.lastUpdateStatus()).isEqualTo("Successful");
        assertThat(made.packageType()).isEqualTo("Zip");
        assertThat(made.tracingConfig().mode()).isEqualTo("PassThrough");
        assertThat(made.loggingConfig().logGroup()).isEqualTo("/aws/lambda/fresh");
        assertThat(made.lastModified()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\+0000");
        assertThat(made.codeSha256()).hasSize(44);
        assertThat(made.environment()).isNull();
    }

    @Test
    void aNameCanBeTakenOnce() {
        create("taken");
        refused(() -> create("taken"), "ResourceConflictException", "Function already exist: taken");
    }

    @Test
    void theRoleMustBeOneThatLambdaCanAssume() {
        refused(
                () -> create("roleless", in -> in.role("arn:aws:iam::000000000000:role/none")),
                "InvalidParameterValueException",
                "The role defined for the function cannot be assumed by Lambda.");
    }

    @Test
    void runtimesAreThoseOfAws() {
        refused(
                () -> create("odd", in -> in.runtime("cobol85")),
                "InvalidParameterValueException",
                "Value cobol85 at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [");
        refused(
                () -> create("old", in -> in.runtime("nodejs12.x")),
                "InvalidParameterValueException",
                "The runtime parameter of nodejs12.x is no longer supported");
        refused(
                () -> create("ruby", in -> in.runtime("ruby3.3")),
                "InvalidParameterValueException",
                "The runtime ruby3.3 cannot run here");
        refused(
                () -> create("none", in -> in.runtime(null)),
                "InvalidParameterValueException",
                "Runtime and Handler are mandatory parameters for functions created with deployment packages.");
    }

    @Test
    void limitsAreAwss() {
        refused(() -> create("m", in -> in.memorySize(127)), "ValidationException", "'memorySize'");
        refused(() -> create("m", in -> in.memorySize(10_241)), "ValidationException", "'memorySize'");
        refused(() -> create("t", in -> in.timeout(0)), "ValidationException", "'timeout'");
        refused(() -> create("t", in -> in.timeout(901)), "ValidationException", "'timeout'");
        refused(
                () -> create("e", in -> in.ephemeralStorage(new EphemeralStorage().size(10_241))),
                "ValidationException",
                "'ephemeralStorage.size'");
        create("most", in -> in.memorySize(10_240).timeout(900));
    }

    @Test
    void variablesAreLimitedAndSomeAreLambdasOwn() {
        refused(
                () -> create("v", in -> variables(in, Map.of("AWS_REGION", "x", "_HANDLER", "y"))),
                "InvalidParameterValueException",
                "Reserved keys used in this request: AWS_REGION, _HANDLER");
        refused(
                () -> create("v", in -> variables(in, Map.of("BIG", "x".repeat(4096)))),
                "InvalidParameterValueException",
                "exceeded the 4KB limit. String measured: {\"BIG\":");
        FunctionConfiguration made = create("v", in -> variables(in, Map.of("A", "1")));
        assertThat(made.environment().variables()).containsExactly(Map.entry("A", "1"));
    }

    @Test
    void packagesMustBeZips() {
        refused(
                () -> create("z", in -> in.code(new FunctionCode().zipFile("no zip".getBytes(StandardCharsets.UTF_8)))),
                "InvalidParameterValueException",
                "Could not unzip uploaded file. Please check your file, then try to upload again.");
        refused(
                () -> create("z", in -> in.code(new FunctionCode())),
                "InvalidParameterValueException",
                "Please provide a source for function code.");
        refused(
                () -> region.lambda.getFunction(new GetFunctionRequest().functionName("z"), region.call()),
                "ResourceNotFoundException",
                "Function not found: arn:aws:lambda:us-east-1:000000000000:function:z");
    }

    @Test
    void packagesComeFromS3WithTheCallersPermissions() {
        region.s3.objects.put("bucket/code.zip", Zips.of("app.py", CODE));
        FunctionConfiguration made =
                create("s3", in -> in.code(new FunctionCode().s3Bucket("bucket").s3Key("code.zip")));
        assertThat(made.codeSize()).isPositive();
        refused(
                () -> create(
                        "s4",
                        in -> in.code(new FunctionCode().s3Bucket("bucket").s3Key("none"))),
                "InvalidParameterValueException",
                "Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not"
                        + " exist.");
    }

    @Test
    void whatIsNotBuiltIsNotSilentlyTaken() {
        refused(
                () -> create(
                        "l",
                        in -> in.vpcConfig(new VpcConfig()
                                .subnetIds(List.of("subnet-0a1b2c3d"))
                                .securityGroupIds(List.of("sg-0a1b2c3d"))
                                .ipv6AllowedForDualStack(true))),
                "NotImplemented",
                "VpcConfig with Ipv6AllowedForDualStack");
        refused(
                () -> create("l", in -> in.vpcConfig(new VpcConfig().subnetIds(List.of("subnet-0a1b2c3d")))),
                "InvalidParameterValueException",
                "SubnetIds and SecurityIds must coexist or be both empty list.");
        create("l", in -> in.vpcConfig(new VpcConfig().subnetIds(List.of())).layers(List.of()));
    }

    @Test
    void codeIsUpdatedAndItsFormerFilesGo() throws Exception {
        FunctionConfiguration made = create("update");
        byte[] other = Zips.of("app.py", CODE + "# changed\n");
        refused(
                () -> region.lambda.updateFunctionCode(
                        new UpdateFunctionCodeRequest()
                                .functionName("update")
                                .zipFile(other)
                                .revisionId("x"),
                        region.call()),
                "PreconditionFailedException",
                "The Revision Id provided does not match the latest Revision Id.");
        FunctionConfiguration dry = region.lambda.updateFunctionCode(
                new UpdateFunctionCodeRequest()
                        .functionName("update")
                        .zipFile(other)
                        .dryRun(true),
                region.call());
        assertThat(dry.codeSha256()).isNotEqualTo(made.codeSha256());
        assertThat(configuration("update").codeSha256()).isEqualTo(made.codeSha256());

        FunctionConfiguration changed = region.lambda.updateFunctionCode(
                new UpdateFunctionCodeRequest()
                        .functionName("update")
                        .zipFile(other)
                        .revisionId(made.revisionId()),
                region.call());

        assertThat(changed.codeSha256()).isEqualTo(dry.codeSha256());
        assertThat(changed.revisionId()).isNotEqualTo(made.revisionId());
        assertThat(configuration("update").revisionId()).isEqualTo(changed.revisionId());
    }

    @Test
    void configurationIsUpdatedMemberByMember() {
        create("conf", in -> variables(in, Map.of("A", "1")).description("one"));
        FunctionConfiguration changed = region.lambda.updateFunctionConfiguration(
                new UpdateFunctionConfigurationRequest().functionName("conf").memorySize(512), region.call());
        assertThat(changed.memorySize()).isEqualTo(512);
        assertThat(changed.description()).isEqualTo("one");
        assertThat(changed.environment().variables()).containsEntry("A", "1");
        refused(
                () -> region.lambda.updateFunctionConfiguration(
                        new UpdateFunctionConfigurationRequest()
                                .functionName("conf")
                                .timeout(901),
                        region.call()),
                "ValidationException",
                "'timeout'");
        refused(
                () -> region.lambda.updateFunctionConfiguration(
                        new UpdateFunctionConfigurationRequest()
                                .functionName("absent")
                                .timeout(9),
                        region.call()),
                "ResourceNotFoundException",
                "Function not found");
    }

    @Test
    void aDeletedFunctionIsGone() {
        create("gone");
        assertThat(region.lambda
                        .deleteFunction(new DeleteFunctionRequest().functionName("gone"), region.call())
                        .statusCode())
                .isEqualTo(204);
        refused(() -> configuration("gone"), "ResourceNotFoundException", "Function not found");
        refused(
                () -> region.lambda.deleteFunction(new DeleteFunctionRequest().functionName("gone"), region.call()),
                "ResourceNotFoundException",
                "Function not found: arn:aws:lambda:us-east-1:000000000000:function:gone");
        create("gone");
    }

    @Test
    void listsComeInPages() {
        for (int i = 0; i < 5; i++) {
            create("paged-" + i);
        }
        List<String> names = new ArrayList<>();
        String marker = null;
        do {
            ListFunctionsResponse page = region.lambda.listFunctions(
                    new ListFunctionsRequest().maxItems(2).marker(marker), region.call());
            assertThat(page.functions()).hasSizeLessThanOrEqualTo(2);
            page.functions().forEach(function -> names.add(function.functionName()));
            marker = page.nextMarker();
        } while (marker != null);
        assertThat(names)
                .contains("paged-0", "paged-1", "paged-2", "paged-3", "paged-4")
                .doesNotHaveDuplicates();
    }

    @Test
    void tagsAreKept() {
        FunctionConfiguration made = create("tagged", in -> in.tags(Map.of("a", "1")));
        region.lambda.tagResource(
                new TagResourceRequest().resource(made.functionArn()).tags(Map.of("b", "2")), region.call());
        region.lambda.untagResource(
                new UntagResourceRequest().resource(made.functionArn()).tagKeys(List.of("a")), region.call());
        assertThat(region.lambda
                        .listTags(new ListTagsRequest().resource(made.functionArn()), region.call())
                        .tags())
                .containsExactly(Map.entry("b", "2"));
        refused(() -> create("t2", in -> in.tags(Map.of("aws:x", "1"))), "InvalidParameterValueException", "aws:x");
    }

    @Test
    void versionsAreSnapshotsAndAliasesLeadToThem() {
        FunctionConfiguration made = create("versioned", in -> in.publish(true));
        assertThat(made.version()).isEqualTo("1");
        FunctionConfiguration again = publish("versioned");
        assertThat(again.version()).isEqualTo("1"); // nothing has changed
        region.lambda.updateFunctionConfiguration(
                new UpdateFunctionConfigurationRequest()
                        .functionName("versioned")
                        .memorySize(512),
                region.call());
        FunctionConfiguration second = publish("versioned");
        assertThat(second.version()).isEqualTo("2");
        assertThat(second.functionArn()).endsWith(":function:versioned:2");
        assertThat(configuration("versioned:1").memorySize()).isEqualTo(256);
        assertThat(configuration("versioned:2").memorySize()).isEqualTo(512);
        assertThat(region.lambda
                        .listVersionsByFunction(
                                new ListVersionsByFunctionRequest().functionName("versioned"), region.call())
                        .versions())
                .extracting(FunctionConfiguration::version)
                .containsExactly("$LATEST", "1", "2");

        AliasConfiguration alias = region.lambda.createAlias(
                new CreateAliasRequest().functionName("versioned").name("prod").functionVersion("1"), region.call());
        assertThat(alias.aliasArn()).endsWith(":function:versioned:prod");
        assertThat(configuration("versioned:prod").version()).isEqualTo("1");
        region.lambda.updateAlias(
                new UpdateAliasRequest().functionName("versioned").name("prod").functionVersion("2"), region.call());
        assertThat(configuration("versioned:prod").version()).isEqualTo("2");
        refused(
                () -> region.lambda.deleteFunction(
                        new DeleteFunctionRequest().functionName("versioned").qualifier("2"), region.call()),
                "ResourceConflictException",
                "Unable to delete version because the following aliases reference it: [prod]");
        region.lambda.deleteFunction(
                new DeleteFunctionRequest().functionName("versioned").qualifier("1"), region.call());
        refused(() -> configuration("versioned:1"), "ResourceNotFoundException", "Function not found");
        refused(
                () -> region.lambda.getAlias(
                        new GetAliasRequest().functionName("versioned").name("none"), region.call()),
                "ResourceNotFoundException",
                "Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:versioned:none");
    }

    @Test
    void aResetEndsWhatRan() throws IOException {
        try (TempFolder other = new TempFolder();
                TestRegion emptied = new TestRegion(other.path())) {
            emptied.python("f", CODE);
            emptied.invoke("f", "{}");
            emptied.settle();
            emptied.store.reset(null);
            emptied.lambda.reset(null);
            emptied.settle();
            assertThat(emptied.lambda.status()).contains("environments: 0 idle, 0 in use");
            assertThat(other.path().resolve("lambda/code")).isEmptyDirectory();
            emptied.python("f", CODE);
            assertThat(TestRegion.text(emptied.invoke("f", "{}"))).isEqualTo("1");
        }
    }

    @Test
    void theAccountTellsItsLimits() {
        create("reserving");
        int before = unreserved();
        region.lambda.putFunctionConcurrency(
                new PutFunctionConcurrencyRequest().functionName("reserving").reservedConcurrentExecutions(30),
                region.call());
        assertThat(unreserved()).isEqualTo(before - 30);
        refused(
                () -> region.lambda.putFunctionConcurrency(
                        new PutFunctionConcurrencyRequest()
                                .functionName("reserving")
                                .reservedConcurrentExecutions(901),
                        region.call()),
                "InvalidParameterValueException",
                "below its minimum value of [100]");
        region.lambda.deleteFunctionConcurrency(
                new DeleteFunctionConcurrencyRequest().functionName("reserving"), region.call());
        assertThat(unreserved()).isEqualTo(before);
    }

    private int unreserved() {
        return region.lambda
                .getAccountSettings(new GetAccountSettingsRequest(), region.call())
                .accountLimit()
                .unreservedConcurrentExecutions();
    }

    private static FunctionConfiguration publish(String name) {
        return region.lambda.publishVersion(new PublishVersionRequest().functionName(name), region.call());
    }

    private static FunctionConfiguration configuration(String name) {
        return region.lambda.getFunctionConfiguration(
                new GetFunctionConfigurationRequest().functionName(name), region.call());
    }

    private static CreateFunctionRequest variables(CreateFunctionRequest in, Map<String, String> variables) {
        return in.environment(new Environment().variables(variables));
    }

    private static CreateFunctionRequest request(String name) {
        return TestRegion.function(name, "python3.11", "app.handler", "app.py", CODE);
    }

    private static FunctionConfiguration create(String name) {
        return create(name, in -> in);
    }

    private static FunctionConfiguration create(String name, UnaryOperator<CreateFunctionRequest> change) {
        return region.create(change.apply(request(name)));
    }

    private static void refused(ThrowingCallable call, String code, String message) {
        assertThatThrownBy(call).isInstanceOfSatisfying(Fault.class, fault -> {
            assertThat(fault.code()).isEqualTo(code);
            assertThat(fault.message()).contains(message);
        });
    }
}
