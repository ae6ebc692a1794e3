package dev.haneul.services.elbv2;

import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.lambda.LambdaClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.edge.http.Functions;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.call.OnBehalf;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.UUID;

/** Functions as targets: invoked as the load balancing service on behalf of the target group. */
final class LambdaTargets implements Functions {
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final LambdaClient lambda;
    private final InstantSource clock;

    LambdaTargets(Caller neighbours, InstantSource clock) {
        this.lambda = new LambdaClient(neighbours);
        this.clock = clock;
    }

    @Override
    public byte[] invoke(String group, String arn, byte[] event) throws IOException {
        Arn function = Arn.parse(arn).orElseThrow(() -> new IOException(arn + " is no function"));
        Call call = new Call(
                OnBehalf.of(
                        Neighbours.HOST,
                        group,
                        Arn.parse(group).map(Arn::account).orElse("")),
                function.account(),
                function.region(),
                UUID.randomUUID().toString(),
                clock.instant().plus(PATIENCE),
                Call.Origin.inside(Neighbours.HOST));
        try {
            InvocationResponse answer =
                    lambda.invoke_(new InvocationRequest().functionName(arn).payload(event), call);
            if (answer.functionError() != null) {
                throw new Failed("LambdaUnhandled", "the function failed: " + answer.functionError());
            }
            byte[] payload = answer.payload();
            return payload == null ? new byte[0] : payload;
        } catch (Fault e) {
            boolean denied = e.code().startsWith("AccessDenied");
            throw new Failed(denied ? "LambdaAccessDenied" : "LambdaUnhandled", e.code() + ": " + e.message());
        }
    }
}
