package dev.haneul.services.iam.actions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.iam.IamModel;
import dev.haneul.api.lambda.LambdaModel;
import dev.haneul.api.logs.LogsModel;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.s3.CopyObjectRequest;
import dev.haneul.api.s3.GetObjectRequest;
import dev.haneul.api.s3.S3Model;
import dev.haneul.api.sts.StsModel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ActionTableTest {
    private static final List<ServiceShape> SERVICES =
            List.of(S3Model.SHAPE, LambdaModel.SHAPE, LogsModel.SHAPE, IamModel.SHAPE, StsModel.SHAPE);
    /** Refused to everyone but root, for they are about buckets of another kind and Object Lambda. Only ever shorter. */
    private static final List<String> WITHOUT_DATA = List.of("s3:CreateSession", "s3:WriteGetObjectResponse");

    private static final Call CALL = new Call(
            Principal.root("111111111111", "k"),
            "111111111111",
            "us-east-1",
            "r",
            Instant.EPOCH,
            Call.Origin.inside("test"));

    @Test
    void everyOperationHasDataBesideTheseFew() {
        List<String> missing = new ArrayList<>();
        for (ServiceShape service : SERVICES) {
            ActionTable table = ActionTable.load(service.id());
            for (OperationShape operation : service.operations()) {
                if (table.needs(operation.name()) == null) {
                    missing.add(operation.toString());
                }
            }
        }
        assertThat(missing).containsExactlyInAnyOrderElementsOf(WITHOUT_DATA);
    }

    @Test
    void everyMemberTheDataNamesStandsInTheModel() {
        List<String> wrong = new ArrayList<>();
        for (ServiceShape service : SERVICES) {
            ActionTable table = ActionTable.load(service.id());
            for (String name : table.known()) {
                OperationShape operation = service.operation(name);
                if (operation == null) {
                    wrong.add(service.id() + ":" + name);
                    continue;
                }
                for (Need need : needs(table, name)) {
                    List<List<String>> groups = new ArrayList<>(need.resource().members());
                    need.keys().stream()
                            .filter(key -> key.path() != null)
                            .forEach(key -> groups.add(key.path().roots()));
                    if (need.when() != null) {
                        groups.add(need.when().roots());
                    }
                    for (List<String> group : groups) {
                        if (!group.contains("")
                                && group.stream()
                                        .noneMatch(
                                                member -> operation.inputShape().member(member) != null)) {
                            wrong.add(operation + " " + group);
                        }
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static List<Need> needs(ActionTable table, String operation) {
        List<Need> needs = table.needs(operation);
        return needs == null ? List.of() : needs;
    }

    private static List<String> asked(String service, String operation, Struct input) {
        List<String> asked = new ArrayList<>();
        for (Need need : needs(ActionTable.load(service), operation)) {
            if (need.appliesTo(input)) {
                need.resource()
                        .resources(input, CALL, (form, value, call) -> null)
                        .forEach(resource -> asked.add(need.action() + " " + resource));
            }
        }
        return asked;
    }

    @Test
    void whatIsAskedFollowsTheRequest() {
        assertThat(asked("s3", "GetObject", new GetObjectRequest().bucket("b").key("a/k")))
                .containsExactly("s3:GetObject arn:aws:s3:::b/a/k");
        assertThat(asked(
                        "s3",
                        "GetObject",
                        new GetObjectRequest().bucket("b").key("k").versionId("1")))
                .containsExactly("s3:GetObjectVersion arn:aws:s3:::b/k");
        assertThat(asked(
                        "s3",
                        "CopyObject",
                        new CopyObjectRequest()
                                .bucket("b")
                                .key("k")
                                .tagging("a=b")
                                .copySource("/from/x%20y+z?versionId=3")))
                .containsExactly(
                        "s3:PutObject arn:aws:s3:::b/k",
                        "s3:PutObjectTagging arn:aws:s3:::b/k",
                        "s3:GetObject arn:aws:s3:::from/x y+z");
    }

    @Test
    void functionsAndLogGroupsAreNamedInManyWays() {
        String arn = "arn:aws:lambda:us-east-1:111111111111:function:f";
        for (String name : List.of("f", arn, "111111111111:function:f", "function:f")) {
            assertThat(asked(
                            "lambda", "GetFunction", new dev.haneul.api.lambda.GetFunctionRequest().functionName(name)))
                    .containsExactly("lambda:GetFunction " + arn);
        }
        assertThat(asked(
                        "lambda",
                        "GetFunction",
                        new dev.haneul.api.lambda.GetFunctionRequest()
                                .functionName("f")
                                .qualifier("live")))
                .containsExactly("lambda:GetFunction " + arn + ":live");
        for (String name : List.of(
                "/g",
                "arn:aws:logs:us-east-1:111111111111:log-group:/g",
                "arn:aws:logs:us-east-1:111111111111:log-group:/g:*")) {
            assertThat(asked(
                            "logs",
                            "FilterLogEvents",
                            new dev.haneul.api.logs.FilterLogEventsRequest().logGroupIdentifier(name)))
                    .containsExactly(
                            "logs:FilterLogEvents arn:aws:logs:us-east-1:111111111111:log-group:/g:log-stream:");
        }
    }

    @Test
    void aTableThatMakesNoSenseIsRefused() {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(
                        () -> ActionTable.parse(List.of("Op: s3:X on * sometimes"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(ActionTable.load("no-such-service").known()).isEmpty();
    }
}
