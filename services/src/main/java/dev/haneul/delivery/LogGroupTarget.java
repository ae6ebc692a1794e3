package dev.haneul.delivery;

import dev.haneul.api.logs.CreateLogStreamRequest;
import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.LogsClient;
import dev.haneul.api.logs.PutLogEventsRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.time.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/** Log groups as targets: each source writes a stream of its own, which comes into being with its first event. */
final class LogGroupTarget {
    private final LogsClient logs;
    private final Clock clock;

    LogGroupTarget(Caller neighbours, Clock clock) {
        this.logs = new LogsClient(neighbours);
        this.clock = clock;
    }

    Outcome put(Parcel parcel, Arn arn, Call call) {
        String group = arn.resourceId();
        if (group.endsWith(":*")) {
            group = group.substring(0, group.length() - 2);
        }
        String source = parcel.sender().host() + " " + parcel.sender().sourceArn();
        String stream =
                UUID.nameUUIDFromBytes(source.getBytes(StandardCharsets.UTF_8)).toString();
        Instant now = clock.instant();
        PutLogEventsRequest request = new PutLogEventsRequest()
                .logGroupName(group)
                .logStreamName(stream)
                .logEvents(List.of(
                        new InputLogEvent().timestamp(now.toEpochMilli()).message(parcel.payload())));
        try {
            logs.putLogEvents(request, call);
        } catch (Fault fault) {
            if (!fault.code().equals("ResourceNotFoundException")
                    || !fault.message().contains("stream")) {
                throw fault;
            }
            create(group, stream, call);
            logs.putLogEvents(request, call);
        }
        return new Outcome.Done("");
    }

    private void create(String group, String stream, Call call) {
        try {
            logs.createLogStream(
                    new CreateLogStreamRequest().logGroupName(group).logStreamName(stream), call);
        } catch (Fault fault) {
            if (!fault.code().equals("ResourceAlreadyExistsException")) {
                throw fault;
            }
        }
    }
}
