package dev.haneul.services.lambda;

import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.lambda.InvokeAsyncRequest;
import dev.haneul.api.lambda.InvokeAsyncResponse;
import dev.haneul.api.runtime.Body;
import dev.haneul.api.runtime.Call;
import dev.haneul.engines.LaunchException;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.Functions.Found;
import dev.haneul.services.lambda.run.Fleet;
import dev.haneul.services.lambda.run.Outcome;
import dev.haneul.services.lambda.run.ResponseSink;
import dev.haneul.services.lambda.run.Runner;
import dev.haneul.services.lambda.run.Target;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/** {@code lambda:Invoke}: at once, as an event, or only asking whether it would be allowed. */
final class Invoke {
    static final String REQUEST_RESPONSE = "RequestResponse";
    static final String EVENT = "Event";
    static final String DRY_RUN = "DryRun";

    /** Draws which version a weighted alias leads to. */
    static final DoubleSupplier CHANCE = () -> ThreadLocalRandom.current().nextDouble();

    private static final int LARGEST_PAYLOAD_BYTES = 6 * 1024 * 1024;
    private static final int LARGEST_EVENT_BYTES = 1024 * 1024;
    private static final int LARGEST_CONTEXT_BYTES = 3583;
    private static final byte[] NOTHING = "{}".getBytes(StandardCharsets.US_ASCII);

    private final Store store;
    private final Clock clock;
    private final Runner runner;
    private final Concurrency concurrency;
    private final AsyncQueue queue;
    private final Facts facts;
    private final Loops loops;
    private final Durables durables;
    private final Known known;

    Invoke(
            Store store,
            Clock clock,
            Runner runner,
            Concurrency concurrency,
            AsyncQueue queue,
            Facts facts,
            Loops loops,
            Durables durables,
            Known known) {
        this.known = known;
        this.durables = durables;
        this.loops = loops;
        this.store = store;
        this.clock = clock;
        this.runner = runner;
        this.concurrency = concurrency;
        this.queue = queue;
        this.facts = facts;
    }

    InvocationResponse invoke(InvocationRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), in.qualifier(), call);
        String type = Functions.or(in.invocationType(), REQUEST_RESPONSE);
        byte[] payload = payload(in.payload(), type);
        String context = clientContext(in.clientContext());
        Found found = find(ref);
        Tenants.check(found.configuration(), in.tenantId());
        boolean tail = "Tail".equals(in.logType());
        Work work = new Work(call.requestId(), payload, context, tail, null, Loops.trace(call), in.tenantId());
        if (Durables.is(found.configuration())) {
            return durables.invoke(ref, found, in, type, work);
        }
        if (in.durableExecutionName() != null) {
            throw Problems.invalid("DurableExecutionName is supported for durable functions only.");
        }
        InvocationResponse out = new InvocationResponse();
        return switch (type) {
            case DRY_RUN -> out.statusCode(204).executedVersion(found.version());
            case EVENT -> {
                queue.add(ref, work);
                yield out.statusCode(202);
            }
            case REQUEST_RESPONSE -> answer(found, run(ref, found, work), tail);
            default ->
                throw Problems.validation("Value '" + type
                        + "' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event,"
                        + " RequestResponse, DryRun]");
        };
    }

    /** What a reference leads to now; behind a weighted alias, one of its versions. */
    Found find(FunctionRef ref) {
        return store.read(tx -> known.find(tx, ref));
    }

    /** The older form of an asynchronous invocation. */
    InvokeAsyncResponse invokeAsync(InvokeAsyncRequest in, Call call) {
        FunctionRef ref = FunctionRef.of(in.functionName(), null, call);
        byte[] payload;
        try (Body args = in.invokeArgs()) {
            payload = args.stream().readNBytes(LARGEST_EVENT_BYTES + 1);
        } catch (IOException e) {
            throw Problems.badContent("Could not read the request body: " + e.getMessage());
        }
        byte[] event = payload(payload, EVENT);
        Found found = store.read(tx -> Functions.find(tx, ref));
        Tenants.check(found.configuration(), null);
        if (Durables.is(found.configuration())) {
            Durables.requireQualified(ref); // this form names no version
        }
        queue.add(ref, Work.of(call.requestId(), event, Loops.trace(call)));
        return new InvokeAsyncResponse().status(202);
    }

    private static InvocationResponse answer(Found found, Outcome outcome, boolean tail) {
        return new InvocationResponse()
                .statusCode(200)
                .executedVersion(found.version())
                .functionError(outcome.failed() ? "Unhandled" : null)
                .logResult(tail ? Base64.getEncoder().encodeToString(outcome.tail()) : null)
                .payload(outcome.payload());
    }

    /**
     * What a function is invoked with.
     *
     * @param payload JSON
     * @param context the client's, JSON; null for none
     * @param tail whether the end of its log is wanted
     * @param sink takes a streamed response; null where it is wanted whole
     * @param trace the trace header it came with; null for none
     * @param tenant whom it is for; null where tenants are not told apart
     */
    record Work(
            String requestId,
            byte[] payload,
            @Nullable String context,
            boolean tail,
            @Nullable ResponseSink sink,
            @Nullable String trace,
            @Nullable String tenant) {
        /** An event that is wanted answered whole. */
        static Work of(String requestId, byte[] payload, @Nullable String trace) {
            return new Work(requestId, payload, null, false, null, trace, null);
        }
    }

    /**
     * Runs a function now and waits for its end; of a durable one, for the end of an execution.
     *
     * @throws dev.haneul.api.runtime.Fault where it is throttled or cannot be started
     */
    Outcome run(FunctionRef ref, Found found, Work work) {
        return Durables.is(found.configuration()) ? durables.run(ref, found, work) : runOnce(ref, found, work);
    }

    /** Runs one invocation, of whatever function. */
    Outcome runOnce(FunctionRef ref, Found found, Work work) {
        String trace = loops.pass(ref, work.trace);
        Tenants.check(found.configuration(), work.tenant);
        SnapStarts.requireReady(found);
        VpcInterfaces.requireReady(found.configuration());
        Target target = Tenants.target(Functions.target(ref, found), work.tenant);
        String arn = ref.qualifiedArn();
        String requestId = work.requestId;
        Outcome outcome;
        try (Concurrency.Permit _ = concurrency.enter(ref, found.function())) {
            outcome = runner.run(
                    new Runner.Order(target, requestId, work.payload, arn, work.context, trace, work.tail, work.sink));
        } catch (Fleet.FullException e) {
            throw Problems.throttled("ConcurrentInvocationLimitExceeded");
        } catch (LaunchException | IOException e) {
            throw Problems.service("The function could not be started: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Problems.service("The region is stopping.");
        }
        concurrency.served(ref, found.version(), outcome);
        facts.add(
                ref.scope().key(requestId),
                Facts.of(
                        arn,
                        target,
                        found.configuration().architectures().getFirst(),
                        requestId,
                        REQUEST_RESPONSE,
                        1,
                        false,
                        clock.instant(),
                        outcome));
        return outcome;
    }

    /** The event as given, checked: JSON, and no larger than the way it is invoked allows. */
    static byte[] payload(byte @Nullable [] payload, String type) {
        if (payload == null || payload.length == 0) {
            return NOTHING;
        }
        if (type.equals(EVENT) && payload.length > LARGEST_EVENT_BYTES) {
            throw Problems.tooLarge(payload.length + " byte payload is too large for the Event invocation type (limit "
                    + LARGEST_EVENT_BYTES + " bytes)");
        }
        if (payload.length > LARGEST_PAYLOAD_BYTES) {
            throw Problems.tooLarge("Request must be smaller than " + LARGEST_PAYLOAD_BYTES
                    + " bytes for the InvokeFunction operation");
        }
        String fault = Json.fault(payload);
        if (fault != null) {
            throw Problems.badContent(
                    "Could not parse request body into json: Could not parse payload into json: " + fault);
        }
        return payload;
    }

    /** Base64 of a JSON object, at most 3,583 bytes; handed on as JSON in ASCII, as headers need it. */
    static @Nullable String clientContext(@Nullable String base64) {
        if (base64 == null || base64.isEmpty()) {
            return null;
        }
        byte[] json;
        try {
            json = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw Problems.badContent("Client context must be a valid Base64-encoded JSON object.");
        }
        if (base64.length() > LARGEST_CONTEXT_BYTES || Json.fault(json) != null) {
            throw Problems.badContent("Client context must be a valid Base64-encoded JSON object.");
        }
        StringBuilder ascii = new StringBuilder();
        for (char c : new String(json, StandardCharsets.UTF_8).toCharArray()) {
            if (c >= ' ' && c <= '~') {
                ascii.append(c);
            } else if (c > '~') {
                ascii.append(String.format("\\u%04x", (int) c));
            } // line ends and tabs are only white space between tokens
        }
        return ascii.toString();
    }

    /** A trace of its own for every invocation, not sampled. */
    static String newTraceId() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        HexFormat hex = HexFormat.of();
        String id = hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextInt());
        String seconds = hex.toHexDigits((int) (System.currentTimeMillis() / 1000));
        return "Root=1-" + seconds + "-" + id + ";Parent=" + hex.toHexDigits(random.nextLong()) + ";Sampled=0";
    }
}
