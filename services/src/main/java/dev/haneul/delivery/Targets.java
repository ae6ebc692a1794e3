package dev.haneul.delivery;

import dev.haneul.api.ecs.EcsClient;
import dev.haneul.api.ecs.RunTaskRequest;
import dev.haneul.api.ecs.RunTaskResponse;
import dev.haneul.api.ecs.TaskOverride;
import dev.haneul.api.events.EventsClient;
import dev.haneul.api.events.PutEventsRequest;
import dev.haneul.api.events.PutEventsRequestEntry;
import dev.haneul.api.events.PutEventsResponse;
import dev.haneul.api.events.PutEventsResultEntry;
import dev.haneul.api.kinesis.KinesisClient;
import dev.haneul.api.kinesis.PutRecordInput;
import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.lambda.LambdaClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.sns.PublishInput;
import dev.haneul.api.sns.SnsClient;
import dev.haneul.api.sqs.MessageAttributeValue;
import dev.haneul.api.sqs.SendMessageRequest;
import dev.haneul.api.sqs.SqsClient;
import dev.haneul.api.stepfunctions.StartExecutionInput;
import dev.haneul.api.stepfunctions.StartSyncExecutionInput;
import dev.haneul.api.stepfunctions.StartSyncExecutionOutput;
import dev.haneul.api.stepfunctions.StepFunctionsClient;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.time.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Hands one parcel to the target its ARN names, through the target's API. A target whose room is not built answers
 * NotImplemented by itself, which is an {@link Outcome.Never}.
 */
public final class Targets {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** A function may run for a quarter of an hour. */
    private static final Duration ANSWER_PATIENCE = Duration.ofMinutes(15);

    private final Caller neighbours;
    private final Clock clock;
    private final AssumedRoles roles;
    private final LogGroupTarget logs;
    private final Map<String, Carrier> carriers = new ConcurrentHashMap<>();

    /**
     * @param neighbours carries calls to their services
     * @param credentials knows whom STS's keys belong to
     */
    public Targets(Caller neighbours, Credentials credentials, Clock clock) {
        this.neighbours = neighbours;
        this.clock = clock;
        this.roles = new AssumedRoles(neighbours, credentials, clock);
        this.logs = new LogGroupTarget(neighbours, clock);
    }

    /** Brings parcels to targets that no API leads to. */
    @FunctionalInterface
    public interface Carrier {
        /** Hands over; the principal is the sender, its role assumed. */
        Outcome carry(Parcel parcel, Call call);
    }

    /**
     * Adds the carrier of a kind of target at start-up.
     *
     * @param kind the ARN's service and resource type, e.g. {@code events:api-destination}
     */
    public void add(String kind, Carrier carrier) {
        if (carriers.putIfAbsent(kind, carrier) != null) {
            throw new IllegalStateException(kind + " has a carrier");
        }
    }

    /** Hands over, once. Never throws for what a target answers. */
    public Outcome send(Parcel parcel) {
        try {
            return hand(parcel);
        } catch (Fault fault) {
            return Outcome.of(fault);
        }
    }

    /**
     * Asks whether the sender can assume its role.
     *
     * @throws Fault what STS answers where it cannot
     */
    public void requireAssumable(Sender sender, String region) {
        String role = sender.roleArn();
        if (role != null) {
            Principal unused = roles.principal(sender, role, region);
        }
    }

    /** Forgets the sessions of roles, for an account that is reset. */
    public void forget() {
        roles.forget();
    }

    private Outcome hand(Parcel parcel) {
        if (SdkActions.isOne(parcel.arn())) {
            return action(parcel);
        }
        Arn arn = Arn.parse(parcel.arn())
                .orElseThrow(() -> Fault.client("InvalidParameterValue", 400, "No ARN: " + parcel.arn()));
        Call call = call(parcel, arn.account(), arn.region());
        Carrier carrier = carriers.get(arn.service() + ":" + arn.resourceType());
        if (carrier != null) {
            return carrier.carry(parcel, call);
        }
        return switch (arn.service()) {
            case "sqs" -> queue(parcel, arn, call);
            case "sns" -> topic(parcel, call);
            case "lambda" -> function(parcel, call);
            case "events" -> bus(parcel, arn, call);
            case "logs" -> logs.put(parcel, arn, call);
            case "states" -> machine(parcel, call);
            case "kinesis" -> stream(parcel, arn, call);
            case "ecs" -> task(parcel, call);
            default ->
                new Outcome.Never(
                        "NotImplemented", "targets of " + arn.service() + " are not implemented by Haneul yet");
        };
    }

    /** The sender's call into a target's account and region. */
    private Call call(Parcel parcel, String account, String region) {
        return call(parcel.sender(), account, region, parcel.manner().answer() ? ANSWER_PATIENCE : PATIENCE);
    }

    /**
     * A call a sender makes by itself, its role assumed, into an account and region.
     *
     * @throws Fault what STS answers where the role cannot be assumed
     */
    public Call call(Sender sender, String account, String region) {
        return call(sender, account, region, PATIENCE);
    }

    private Call call(Sender sender, String account, String region, Duration patience) {
        String role = sender.roleArn();
        Principal principal = role == null ? sender.principal() : roles.principal(sender, role, region);
        return new Call(
                principal,
                account,
                region,
                UUID.randomUUID().toString(),
                clock.instant().plus(patience),
                Call.Origin.inside(sender.host()));
    }

    private Outcome queue(Parcel parcel, Arn arn, Call call) {
        Parcel.Manner manner = parcel.manner();
        SendMessageRequest request = new SendMessageRequest()
                .queueUrl("https://sqs." + arn.region() + ".amazonaws.com/" + arn.account() + "/" + arn.resource())
                .messageBody(parcel.payload())
                .messageGroupId(manner.groupId())
                .messageDeduplicationId(manner.deduplicationId());
        if (!manner.attributes().isEmpty()) {
            Map<String, MessageAttributeValue> attributes = new HashMap<>();
            manner.attributes()
                    .forEach((name, value) -> attributes.put(
                            name, new MessageAttributeValue().dataType("String").stringValue(value)));
            request.messageAttributes(attributes);
        }
        String id = new SqsClient(neighbours).sendMessage(request, call).messageId();
        return new Outcome.Done(id == null ? "" : id);
    }

    private Outcome topic(Parcel parcel, Call call) {
        Parcel.Manner manner = parcel.manner();
        PublishInput request = new PublishInput()
                .topicArn(parcel.arn())
                .message(parcel.payload())
                .subject(manner.subject())
                .messageGroupId(manner.groupId())
                .messageDeduplicationId(manner.deduplicationId());
        String id = new SnsClient(neighbours).publish(request, call).messageId();
        return new Outcome.Done(id == null ? "" : id);
    }

    private Outcome function(Parcel parcel, Call call) {
        boolean answer = parcel.manner().answer();
        InvocationResponse response = new LambdaClient(neighbours)
                .invoke_(
                        new InvocationRequest()
                                .functionName(parcel.arn())
                                .invocationType(answer ? "RequestResponse" : "Event")
                                .payload(parcel.payload().getBytes(StandardCharsets.UTF_8)),
                        call);
        byte[] payload = response.payload();
        String text = payload == null ? "" : new String(payload, StandardCharsets.UTF_8);
        String error = response.functionError();
        return error == null ? new Outcome.Done(text) : new Outcome.Again("FunctionError", text);
    }

    private Outcome bus(Parcel parcel, Arn arn, Call call) {
        PutEventsRequestEntry entry =
                new PutEventsRequestEntry().eventBusName(parcel.arn()).detail(parcel.payload());
        Parcel.Envelope event = parcel.manner().event();
        if (event != null) {
            entry.source(event.source())
                    .detailType(event.detailType())
                    .resources(event.resources())
                    .time(event.time());
        }
        Call carried = call;
        Forwarded forwarded = event == null ? null : event.forwarded();
        if (forwarded != null) {
            boolean crosses = !Arn.parse(parcel.sender().sourceArn())
                    .map(Arn::region)
                    .orElse(arn.region())
                    .equals(arn.region());
            Outcome refusal = forwarded.refusal(crosses);
            if (refusal != null) {
                return refusal;
            }
            carried = forwarded.on(call, parcel.sender().host(), crosses);
        }
        PutEventsResponse response =
                new EventsClient(neighbours).putEvents(new PutEventsRequest().entries(List.of(entry)), carried);
        PutEventsResultEntry result = response.entries().isEmpty()
                ? new PutEventsResultEntry()
                : response.entries().getFirst();
        String code = result.errorCode();
        if (code != null) {
            return Outcome.ofCode(code, String.valueOf(result.errorMessage()));
        }
        return new Outcome.Done(String.valueOf(result.eventId()));
    }

    private Outcome machine(Parcel parcel, Call call) {
        StepFunctionsClient machines = new StepFunctionsClient(neighbours);
        if (!parcel.manner().answer()) {
            return new Outcome.Done(String.valueOf(machines.startExecution(
                            new StartExecutionInput()
                                    .stateMachineArn(parcel.arn())
                                    .name(parcel.manner().name())
                                    .input(parcel.payload()),
                            call)
                    .executionArn()));
        }
        StartSyncExecutionOutput ended = machines.startSyncExecution(
                new StartSyncExecutionInput().stateMachineArn(parcel.arn()).input(parcel.payload()), call);
        String output = ended.output();
        return "SUCCEEDED".equals(ended.status())
                ? new Outcome.Done(output == null ? "" : output)
                : new Outcome.Again(String.valueOf(ended.error()), String.valueOf(ended.cause()));
    }

    private Outcome stream(Parcel parcel, Arn arn, Call call) {
        String key = parcel.manner().partitionKey();
        PutRecordInput record = new PutRecordInput()
                .streamName(arn.resourceId())
                .streamARN(parcel.arn())
                .partitionKey(key == null || key.isEmpty() ? UUID.randomUUID().toString() : key)
                .data(parcel.payload().getBytes(StandardCharsets.UTF_8));
        return new Outcome.Done(String.valueOf(
                new KinesisClient(neighbours).putRecord(record, call).sequenceNumber()));
    }

    /** A task in a cluster; the payload may give its overrides. */
    private Outcome task(Parcel parcel, Call call) {
        RunTaskRequest task = parcel.manner().task();
        if (task == null) {
            return new Outcome.Never("InvalidParameterException", "no task definition is given for " + parcel.arn());
        }
        task.cluster(parcel.arn());
        Map<String, ?> overrides = Json.object(parcel.payload()).orElse(Map.of());
        if (overrides.containsKey("containerOverrides") || overrides.containsKey("taskRoleArn")) {
            try {
                task.overrides((TaskOverride) JsonStructs.read(new TaskOverride().shape(), overrides));
            } catch (IllegalArgumentException e) {
                return new Outcome.Never("InvalidParameterException", String.valueOf(e.getMessage()));
            }
        }
        RunTaskResponse response = new EcsClient(neighbours).runTask(task, call);
        if (!response.failures().isEmpty() && response.tasks().isEmpty()) {
            String reason = String.valueOf(response.failures().getFirst().reason());
            return reason.startsWith("RESOURCE") || reason.equals("AGENT")
                    ? new Outcome.Again(reason, reason)
                    : new Outcome.Never(reason, reason);
        }
        return new Outcome.Done("");
    }

    /** Any action of an API, its parameters given as JSON; in the sender's own account and region. */
    private Outcome action(Parcel parcel) {
        OperationShape operation = SdkActions.find(parcel.arn()).orElse(null);
        if (operation == null) {
            return new Outcome.Never("NotImplemented", parcel.arn() + " is no action here");
        }
        Map<String, ?> parameters = Json.object(parcel.payload().isBlank() ? "{}" : parcel.payload())
                .orElse(null);
        if (parameters == null) {
            return new Outcome.Never("InvalidParameterValue", "the input is no JSON object");
        }
        String region = Arn.parse(parcel.sender().sourceArn()).map(Arn::region).orElse("");
        try {
            Object answer = neighbours.call(
                    operation,
                    JsonStructs.read(operation.inputShape(), parameters),
                    call(parcel, parcel.sender().account(), region));
            return new Outcome.Done(answer == null ? "" : answer.toString());
        } catch (IllegalArgumentException e) {
            return new Outcome.Never("InvalidParameterValue", String.valueOf(e.getMessage()));
        }
    }
}
