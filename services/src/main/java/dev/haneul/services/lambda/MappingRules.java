package dev.haneul.services.lambda;

import dev.haneul.api.lambda.EventSourceMappingConfiguration;
import dev.haneul.api.lambda.Filter;
import dev.haneul.api.lambda.FilterCriteria;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.delivery.EventPatterns;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.call.Permissions;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.Functions.Found;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What a mapping may be, with AWS's words where it may not. See "CreateEventSourceMapping". */
final class MappingRules {
    private static final int MOST_FILTERS = 5;
    private static final int MOST_WITHOUT_WINDOW = 10;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Caller neighbours;
    private final Permissions permissions;
    private final Roles roles;
    private final Clock clock;

    MappingRules(Caller neighbours, Permissions permissions, Roles roles, Clock clock) {
        this.neighbours = neighbours;
        this.permissions = permissions;
        this.roles = roles;
        this.clock = clock;
    }

    /** The source's ARN; refused where no such source is built. */
    static Arn source(@Nullable String arn) {
        if (arn == null) {
            throw Problems.notBuilt("CreateEventSourceMapping without an EventSourceArn (self-managed sources)");
        }
        Arn parsed = Arn.parse(arn).orElseThrow(() -> Problems.invalid("Unrecognized event source: " + arn));
        return switch (parsed.service()) {
            case "sqs" -> parsed;
            case "kinesis", "dynamodb", "kafka", "mq", "rds" ->
                throw Problems.notBuilt("CreateEventSourceMapping with a source of " + parsed.service());
            default ->
                throw Problems.invalid("Unrecognized event source, must be kinesis, dynamodb stream or sqs. Unsupported"
                        + " source arn: " + arn);
        };
    }

    /** Checks a queue's numbers. */
    static void numbers(EventSourceMappingConfiguration at, Arn source) {
        int batch = Functions.or(at.batchSize(), 10);
        int window = Functions.or(at.maximumBatchingWindowInSeconds(), 0);
        boolean fifo = source.resource().endsWith(".fifo");
        if (fifo && batch > MOST_WITHOUT_WINDOW) {
            throw Problems.invalid("Batch size must be between 1 and 10 for FIFO queues.");
        }
        if (fifo && window > 0) {
            throw Problems.invalid("Batching window is not supported for FIFO queues");
        }
        if (batch > MOST_WITHOUT_WINDOW && window == 0) {
            throw Problems.invalid("Maximum batch window in seconds must be greater than 0 if maximum batch size is"
                    + " greater than 10");
        }
        filters(at.filterCriteria());
    }

    private static void filters(@Nullable FilterCriteria criteria) {
        List<Filter> filters = criteria == null ? List.of() : criteria.filters();
        if (filters.size() > MOST_FILTERS) {
            throw Problems.invalid("Exceeded the maximum number of filters: " + MOST_FILTERS + ".");
        }
        for (Filter filter : filters) {
            if (filter.pattern() == null || EventPatterns.fault(filter.pattern()) != null) {
                throw Problems.invalid("Invalid filter pattern definition.");
            }
        }
    }

    /** Asks the queue as the function's role: it must be there, be the role's to read, and hide long enough. */
    void reachable(Arn source, FunctionRef ref, Found found) {
        Call call = call(source, ref, found);
        for (String action : List.of("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")) {
            try {
                permissions.require(call, "sqs:" + action, source.toString(), Map.of());
            } catch (Fault denied) {
                throw Problems.invalid(
                        "The provided execution role does not have permissions to call " + action + " on SQS");
            }
        }
        int hidden;
        try {
            hidden = new QueueSource(neighbours, source).visibilitySeconds(call);
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            throw Problems.invalid("Error occurred while ReceiveMessage. SQS Error Code: " + fault.code()
                    + ". SQS Error Message: " + fault.message());
        }
        int timeout = Functions.or(found.configuration().timeout(), 3);
        if (hidden < timeout) {
            throw Problems.invalid("Queue visibility timeout: " + hidden + " seconds is less than Function timeout: "
                    + timeout + " seconds");
        }
    }

    /** A call to a source in the name of the function. */
    Call call(Arn source, FunctionRef ref, Found found) {
        Principal principal = roles.session(Functions.target(ref, found)).principal();
        return new Call(
                principal,
                source.account(),
                source.region(),
                UUID.randomUUID().toString(),
                clock.instant().plus(PATIENCE),
                Call.Origin.inside("lambda.amazonaws.com"));
    }
}
