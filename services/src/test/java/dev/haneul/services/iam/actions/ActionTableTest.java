package dev.haneul.services.iam.actions;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.Catalog;
import dev.haneul.api.dynamodb.BatchGetItemInput;
import dev.haneul.api.dynamodb.Delete;
import dev.haneul.api.dynamodb.KeysAndAttributes;
import dev.haneul.api.dynamodb.Put;
import dev.haneul.api.dynamodb.TransactWriteItem;
import dev.haneul.api.dynamodb.TransactWriteItemsInput;
import dev.haneul.api.ec2.CreateTagsRequest;
import dev.haneul.api.ec2.IamInstanceProfileSpecification;
import dev.haneul.api.ec2.RunInstancesRequest;
import dev.haneul.api.ec2.TagSpecification;
import dev.haneul.api.ecs.DeleteClusterRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.ListShape;
import dev.haneul.api.runtime.MapShape;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.ServiceShape;
import dev.haneul.api.runtime.Shape;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.runtime.StructShape;
import dev.haneul.api.s3.CopyObjectRequest;
import dev.haneul.api.s3.GetObjectRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ActionTableTest {
    private static final List<ServiceShape> SERVICES = Catalog.SERVICES;

    private static final Call CALL = new Call(
            Principal.root("111111111111", "k"),
            "111111111111",
            "us-east-1",
            "r",
            Instant.EPOCH,
            Call.Origin.inside("test"));

    @Test
    void everyOperationHasData() {
        List<String> missing = new ArrayList<>();
        for (ServiceShape service : SERVICES) {
            ActionTable table = ActionTable.load(service.id());
            for (OperationShape operation : service.operations()) {
                if (table.needs(operation.name()) == null) {
                    missing.add(operation.toString());
                }
            }
        }
        assertThat(missing).isEmpty();
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
                    List<MemberPath> paths = new ArrayList<>(need.resource().paths());
                    need.keys().stream()
                            .map(Need.Key::path)
                            .filter(Objects::nonNull)
                            .forEach(paths::add);
                    if (need.when() != null) {
                        paths.add(need.when());
                    }
                    for (MemberPath path : paths) {
                        // A shared template may name what only some of its operations have.
                        if (path.alternatives().stream().noneMatch(steps -> stands(operation.inputShape(), steps))) {
                            wrong.add(operation + " " + path.alternatives());
                        }
                    }
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static boolean stands(Shape shape, List<String> steps) {
        if (shape instanceof ListShape list) {
            return stands(list.element().shape(), steps);
        }
        if (shape instanceof MapShape map) {
            return !steps.isEmpty() && steps.getFirst().equals("keys")
                    || stands(map.value().shape(), steps);
        }
        if (steps.isEmpty() || steps.equals(List.of(""))) {
            return true;
        }
        Member member = shape instanceof StructShape struct ? struct.member(steps.getFirst()) : null;
        return member != null && stands(member.shape(), steps.subList(1, steps.size()));
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
    void aNameMayBeAWholeArnOfTheSameServiceAndOfNoOther() {
        String cluster = "arn:aws:ecs:us-east-1:111111111111:cluster/";
        String other = "arn:aws:ecs:us-west-2:222222222222:cluster/c";
        assertThat(asked("ecs", "DeleteCluster", new DeleteClusterRequest().cluster("c")))
                .containsExactly("ecs:DeleteCluster " + cluster + "c");
        assertThat(asked("ecs", "DeleteCluster", new DeleteClusterRequest().cluster(other)))
                .containsExactly("ecs:DeleteCluster " + other);
        assertThat(asked("ecs", "DeleteCluster", new DeleteClusterRequest().cluster("arn:aws:s3:::mine")))
                .containsExactly("ecs:DeleteCluster " + cluster + "arn:aws:s3:::mine");
    }

    @Test
    void everyTableOfATransactionIsAsked() {
        assertThat(asked(
                        "dynamodb",
                        "TransactWriteItems",
                        new TransactWriteItemsInput()
                                .transactItems(List.of(
                                        new TransactWriteItem().put(new Put().tableName("a")),
                                        new TransactWriteItem().put(new Put().tableName("a")),
                                        new TransactWriteItem().delete(new Delete().tableName("b"))))))
                .containsExactly(
                        "dynamodb:PutItem arn:aws:dynamodb:us-east-1:111111111111:table/a",
                        "dynamodb:DeleteItem arn:aws:dynamodb:us-east-1:111111111111:table/b");
        assertThat(asked(
                        "dynamodb",
                        "BatchGetItem",
                        new BatchGetItemInput().requestItems(Map.of("a", new KeysAndAttributes()))))
                .containsExactly("dynamodb:BatchGetItem arn:aws:dynamodb:us-east-1:111111111111:table/a");
    }

    @Test
    void runningInstancesAsksForAllTheyAreMadeOfAndForThePassedRole() {
        String ec2 = "arn:aws:ec2:us-east-1:111111111111:";
        List<String> asked = asked(
                "ec2",
                "RunInstances",
                new RunInstancesRequest()
                        .imageId("ami-1")
                        .subnetId("subnet-1")
                        .iamInstanceProfile(new IamInstanceProfileSpecification().name("p"))
                        .tagSpecifications(List.of(new TagSpecification().resourceType("volume"))));
        assertThat(asked)
                .contains(
                        "ec2:RunInstances " + ec2 + "instance/*",
                        "ec2:RunInstances arn:aws:ec2:us-east-1::image/ami-1",
                        "ec2:RunInstances " + ec2 + "subnet/subnet-1",
                        "ec2:RunInstances " + ec2 + "volume/*",
                        "ec2:CreateTags " + ec2 + "volume/*")
                .anyMatch(each -> each.startsWith("iam:PassRole "))
                .noneMatch(each -> each.contains("key-pair"));
        assertThat(asked("ec2", "CreateTags", new CreateTagsRequest().resources(List.of("i-1", "ami-1"))))
                .containsExactly(
                        "ec2:CreateTags " + ec2 + "instance/i-1", "ec2:CreateTags arn:aws:ec2:us-east-1::image/ami-1");
    }

    @Test
    void aTableThatMakesNoSenseIsRefused() {
        assertThat(org.assertj.core.api.Assertions.catchThrowable(
                        () -> ActionTable.parse(List.of("Op: s3:X on * sometimes"))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(ActionTable.load("no-such-service").known()).isEmpty();
    }
}
