package dev.haneul.services.scheduler;

import dev.haneul.api.scheduler.RetryPolicy;
import dev.haneul.api.scheduler.Target;
import dev.haneul.delivery.DeliveryPolicy;
import dev.haneul.delivery.DeliveryPolicy.DeadLetter;
import dev.haneul.delivery.EcsTasks;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Parcel;
import dev.haneul.delivery.Sender;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.scheduler.SchedulerTables.ScheduleRow;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a schedule hands over when it is due. Pure. */
record Firing(Parcel parcel, DeliveryPolicy policy) {
    static final String HOST = "scheduler.amazonaws.com";

    /** Who comes to the target: the service under the schedule's role, for its group. */
    static Sender sender(Scope scope, String group, Target target) {
        return Sender.service(HOST, scope.account(), SchedulerTables.groupArn(scope, group))
                .under(target.roleArn());
    }

    /**
     * Makes it.
     *
     * @param execution the id of this execution
     */
    static Firing of(Scope scope, ScheduleRow row, Instant scheduled, String execution) {
        Target target = row.target();
        Sender sender = sender(scope, row.group(), target);
        String time = scheduled.truncatedTo(ChronoUnit.SECONDS).toString();
        String arn = SchedulerTables.arn(scope, row);
        String payload = target.input() == null ? event(scope, arn, time, execution) : target.input();
        payload = payload.replace("<aws.scheduler.schedule-arn>", arn)
                .replace("<aws.scheduler.scheduled-time>", time)
                .replace("<aws.scheduler.execution-id>", execution)
                .replace("<aws.scheduler.attempt-number>", "1");
        Parcel parcel = new Parcel(target.arn(), payload, sender, manner(target, scheduled, arn, execution));
        return new Firing(parcel, policy(target, sender, arn, time, execution, payload));
    }

    /** What a target gets where the schedule says nothing. */
    private static String event(Scope scope, String arn, String time, String execution) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("version", "0");
        event.put("id", execution);
        event.put("detail-type", "Scheduled Event");
        event.put("source", "aws.scheduler");
        event.put("account", scope.account());
        event.put("time", time);
        event.put("region", scope.region());
        event.put("resources", List.of(arn));
        event.put("detail", "{}");
        return Json.write(event);
    }

    private static Parcel.Manner manner(Target target, Instant scheduled, String arn, String execution) {
        Parcel.Manner manner = Parcel.Manner.PLAIN;
        if (target.sqsParameters() != null) {
            manner = manner.grouped(target.sqsParameters().messageGroupId(), execution);
        }
        if (target.eventBridgeParameters() != null) {
            manner = manner.enveloped(new Parcel.Envelope(
                    target.eventBridgeParameters().source(),
                    target.eventBridgeParameters().detailType(),
                    List.of(arn),
                    scheduled,
                    null));
        }
        if (target.kinesisParameters() != null) {
            manner = manner.keyed(target.kinesisParameters().partitionKey());
        }
        if (target.ecsParameters() != null) {
            manner = manner.running(EcsTasks.of(target.ecsParameters()));
        }
        return target.arn().contains(":states:") ? manner.named(execution) : manner;
    }

    private static DeliveryPolicy policy(
            Target target, Sender sender, String arn, String time, String execution, String payload) {
        RetryPolicy asked = target.retryPolicy();
        Integer age = asked == null ? null : asked.maximumEventAgeInSeconds();
        Integer retries = asked == null ? null : asked.maximumRetryAttempts();
        String queue = target.deadLetterConfig() == null
                ? null
                : target.deadLetterConfig().arn();
        DeadLetter letter = queue == null
                ? null
                : new DeadLetter(
                        queue,
                        payload.isEmpty() ? "{}" : payload,
                        sender,
                        Map.of(
                                "SCHEDULE_ARN", arn,
                                "TARGET_ARN", target.arn(),
                                "SCHEDULED_TIME", time,
                                "EXECUTION_ID", execution));
        return new DeliveryPolicy(
                age == null ? DeliveryPolicy.DAY.maxAge() : Duration.ofSeconds(age),
                retries == null ? DeliveryPolicy.DAY.maxRetries() : retries,
                letter);
    }
}
