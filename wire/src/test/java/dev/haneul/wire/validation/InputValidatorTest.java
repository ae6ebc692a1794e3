package dev.haneul.wire.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.haneul.api.iam.CreateRoleRequest;
import dev.haneul.api.iam.IamModel;
import dev.haneul.api.iam.Tag;
import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.Environment;
import dev.haneul.api.lambda.FunctionCode;
import dev.haneul.api.lambda.LambdaModel;
import dev.haneul.api.logs.DescribeLogStreamsRequest;
import dev.haneul.api.logs.FilterLogEventsRequest;
import dev.haneul.api.logs.LogsModel;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Shape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import dev.haneul.api.s3.PutBucketTaggingRequest;
import dev.haneul.api.s3.S3Model;
import dev.haneul.api.s3.Tagging;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.StsModel;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.junit.jupiter.api.Test;

/** The wording of AWS's services, on their real models. */
class InputValidatorTest {
    private static final String ROLE = "arn:aws:iam::000000000000:role/r";

    private final InputValidator validator = new InputValidator();

    private Fault refusal(ServiceShape service, String operation, Struct input) {
        return catchThrowableOfType(Fault.class, () -> validator.check(service.operation(operation), input));
    }

    private static CreateFunctionRequest function() {
        return new CreateFunctionRequest().functionName("f").role(ROLE).code(new FunctionCode());
    }

    @Test
    void goodInputPasses() {
        assertThatCode(() -> validator.check(LambdaModel.SHAPE.operation("CreateFunction"), function()))
                .doesNotThrowAnyException();
    }

    @Test
    void lambdaTellsLengthsPatternsAndRanges() {
        Fault fault = refusal(
                LambdaModel.SHAPE, "CreateFunction", function().memorySize(1).functionName("a b"));
        assertThat(fault.code()).isEqualTo("ValidationException");
        assertThat(fault.status()).isEqualTo(400);
        assertThat(fault.message())
                .startsWith("2 validation errors detected: Value 'a b' at 'functionName' failed to satisfy constraint: "
                        + "Member must satisfy regular expression pattern: (arn:")
                .endsWith("; Value '1' at 'memorySize' failed to satisfy constraint: "
                        + "Member must have value greater than or equal to 128");
    }

    @Test
    void whatIsMissingIsNull() {
        Fault fault = refusal(LambdaModel.SHAPE, "CreateFunction", new CreateFunctionRequest().functionName("f"));
        assertThat(fault.message())
                .isEqualTo("2 validation errors detected: Value null at 'role' failed to satisfy constraint: "
                        + "Member must not be null; Value null at 'code' failed to satisfy constraint: "
                        + "Member must not be null");
    }

    @Test
    void lambdaChecksTheRuntimeItself() {
        assertThatCode(() -> validator.check(
                        LambdaModel.SHAPE.operation("CreateFunction"),
                        function().runtime("cobol")))
                .doesNotThrowAnyException();
        Fault fault = refusal(LambdaModel.SHAPE, "CreateFunction", function().packageType("Tar"));
        assertThat(fault.message())
                .isEqualTo("1 validation error detected: Value 'Tar' at 'packageType' failed to satisfy constraint: "
                        + "Member must satisfy enum value set: [Zip, Image]");
    }

    @Test
    void keysAreToldOfTheWholeMap() {
        Fault fault = refusal(
                LambdaModel.SHAPE,
                "CreateFunction",
                function().environment(new Environment().variables(Map.of("1", "x"))));
        assertThat(fault.message())
                .isEqualTo(
                        "1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: "
                                + "Map keys must satisfy constraint: "
                                + "[Member must satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+]");
    }

    @Test
    void queryServicesSayValidationErrorAndCountMembersFromOne() {
        Fault fault = refusal(
                IamModel.SHAPE,
                "CreateRole",
                new CreateRoleRequest()
                        .roleName("r")
                        .assumeRolePolicyDocument("{}")
                        .tags(List.of(
                                new Tag().key("k").value("v"), new Tag().key("").value("v"))));
        assertThat(fault.code()).isEqualTo("ValidationError");
        assertThat(fault.message())
                .contains("Value '' at 'tags.2.member.key' failed to satisfy constraint: "
                        + "Member must have length greater than or equal to 1");
        Fault duration = refusal(
                StsModel.SHAPE,
                "AssumeRole",
                new AssumeRoleRequest().roleArn(ROLE).roleSessionName("me").durationSeconds(1));
        assertThat(duration.message())
                .isEqualTo("1 validation error detected: Value '1' at 'durationSeconds' failed to satisfy constraint: "
                        + "Member must have value greater than or equal to 900");
    }

    @Test
    void logsSayInvalidParameterException() {
        Fault fault = refusal(LogsModel.SHAPE, "FilterLogEvents", new FilterLogEventsRequest().logGroupName(""));
        assertThat(fault.code()).isEqualTo("InvalidParameterException");
        assertThat(fault.message())
                .isEqualTo("2 validation errors detected: Value '' at 'logGroupName' failed to satisfy constraint: "
                        + "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+; "
                        + "Value '' at 'logGroupName' failed to satisfy constraint: "
                        + "Member must have length greater than or equal to 1");
        Fault order = refusal(LogsModel.SHAPE, "DescribeLogStreams", new DescribeLogStreamsRequest().orderBy("Size"));
        assertThat(order.message())
                .isEqualTo("1 validation error detected: Value 'Size' at 'orderBy' failed to satisfy constraint: "
                        + "Member must satisfy enum value set: [LogStreamName, LastEventTime]");
    }

    @Test
    void plainElementsAreToldOfTheWholeList() {
        Fault fault = refusal(
                LogsModel.SHAPE,
                "FilterLogEvents",
                new FilterLogEventsRequest().logGroupName("g").logStreamNames(List.of("a:b")));
        assertThat(fault.message())
                .isEqualTo(
                        "1 validation error detected: Value '[a:b]' at 'logStreamNames' failed to satisfy constraint: "
                                + "Member must satisfy constraint: [Member must have length less than or equal to 512, "
                                + "Member must have length greater than or equal to 1, "
                                + "Member must satisfy regular expression pattern: [^:*]*]");
    }

    @Test
    void s3ChecksItsValuesItselfAndMissesOnlyWhatIsRequired() {
        Fault body = refusal(S3Model.SHAPE, "PutBucketTagging", new PutBucketTaggingRequest().bucket("b"));
        assertThat(body.code()).isEqualTo("MissingRequestBodyError");
        Fault inside = refusal(
                S3Model.SHAPE,
                "PutBucketTagging",
                new PutBucketTaggingRequest().bucket("b").tagging(new Tagging()));
        assertThat(inside.code()).isEqualTo("MalformedXML");
    }

    @Test
    void aPatternThatExplodesTakesBoundedTime() {
        Pattern evil = Pattern.compile("(a|aa|a?)+b");
        assertThat(BoundedMatch.matches(evil, "a".repeat(5000))).isFalse();
        assertThat(BoundedMatch.matches(evil, "aaab")).isTrue();
    }

    @Test
    void manyViolationsAreToldUpToABound() {
        List<Tag> tags = java.util.Collections.nCopies(10_000, new Tag().key("").value(""));
        Fault fault = refusal(
                IamModel.SHAPE,
                "CreateRole",
                new CreateRoleRequest()
                        .roleName("r")
                        .assumeRolePolicyDocument("{}")
                        .tags(tags));
        assertThat(fault.message().length()).isLessThan(20_000);
    }

    /** Patterns of other dialects are not checked; here they stand, so that a new model's show. */
    @Test
    void everyPatternOfTheModelsIsAJavaPattern() {
        Set<String> odd = new TreeSet<>();
        for (ServiceShape service :
                List.of(S3Model.SHAPE, LambdaModel.SHAPE, LogsModel.SHAPE, IamModel.SHAPE, StsModel.SHAPE)) {
            Set<Shape> seen = new HashSet<>();
            for (OperationShape operation : service.operations()) {
                collect(operation.inputShape(), seen, odd, service.id());
            }
        }
        assertThat(odd).isEmpty();
    }

    private static void collect(Shape shape, Set<Shape> seen, Set<String> odd, String service) {
        if (!seen.add(shape)) {
            return;
        }
        String pattern = shape.constraints().pattern();
        if (pattern != null) {
            try {
                Pattern.compile(pattern);
            } catch (PatternSyntaxException e) {
                odd.add(service + "." + shape.name());
            }
        }
        switch (shape) {
            case StructShape struct -> {
                for (Member member : struct.members()) {
                    collect(member.shape(), seen, odd, service);
                }
            }
            case ListShape list -> collect(list.element().shape(), seen, odd, service);
            case MapShape map -> {
                collect(map.key().shape(), seen, odd, service);
                collect(map.value().shape(), seen, odd, service);
            }
            default -> {
                // A scalar holds nothing.
            }
        }
    }
}
