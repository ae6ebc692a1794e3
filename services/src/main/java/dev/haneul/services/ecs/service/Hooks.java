package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.DeploymentLifecycleHook;
import dev.haneul.api.lambda.InvocationRequest;
import dev.haneul.api.lambda.InvocationResponse;
import dev.haneul.api.lambda.LambdaClient;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Sender;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Lifecycle hooks of blue/green deployments: a function is asked, under the hook's role, whether the deployment may go
 * on; one that says {@code IN_PROGRESS} is asked again. A pause waits for ContinueServiceDeployment.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html">Hooks</a>
 */
final class Hooks {
    private static final Duration CALL_BACK = Duration.ofSeconds(30);
    private static final int ID_CHARS = 21;

    private final Services services;
    private final EcsRoom room;
    private final Targets targets;

    Hooks(Services services) {
        this.services = services;
        this.room = services.room();
        this.targets = new Targets(room.caller(), room.credentials(), room.clock());
    }

    /** Calls a hook and keeps what it answers. */
    void call(Key key, Step.Call step) {
        ServiceRow row = room.read(tx -> tx.get(ServiceTables.SERVICES, key))
                .map(found -> found.value())
                .orElse(null);
        Rollout rollout = row == null ? null : row.rollout(step.rollout()).orElse(null);
        Rollout.Shift shift = rollout == null ? null : rollout.shift();
        var configuration = row == null ? null : row.told().deploymentConfiguration();
        if (row == null
                || rollout == null
                || shift == null
                || configuration == null
                || step.hook() >= configuration.lifecycleHooks().size()) {
            return;
        }
        DeploymentLifecycleHook hook = configuration.lifecycleHooks().get(step.hook());
        Instant now = room.now();
        Rollout.Hook kept = shift.hooks().stream()
                .filter(each -> each.index() == step.hook())
                .findFirst()
                .orElseGet(() -> new Rollout.Hook(
                        room.ids().lower(ID_CHARS),
                        step.hook(),
                        Objects.requireNonNullElse(hook.hookTargetArn(), ""),
                        "IN_PROGRESS",
                        now,
                        null));
        Rollout.Hook next = "PAUSE".equals(hook.targetType())
                ? answered(kept, "AWAITING_ACTION", null)
                : ask(key.scope(), row, rollout, shift, hook, kept);
        services.change(key, found -> found.with(rollout.id(), each -> with(each, shift.stage(), next, now)));
    }

    private static Rollout.Hook answered(Rollout.Hook hook, String status, @Nullable Instant again) {
        return new Rollout.Hook(hook.id(), hook.index(), hook.target(), status, hook.since(), again);
    }

    private static Rollout with(Rollout rollout, Rollout.Stage stage, Rollout.Hook hook, Instant now) {
        Rollout.Shift shift = rollout.shift();
        if (shift == null || shift.stage() != stage) {
            return rollout;
        }
        List<Rollout.Hook> hooks = new ArrayList<>(shift.hooks());
        hooks.removeIf(each -> each.index() == hook.index());
        hooks.add(hook);
        return rollout.shift(shift.hooks(List.copyOf(hooks)), now);
    }

    private Rollout.Hook ask(
            Scope scope,
            ServiceRow row,
            Rollout rollout,
            Rollout.Shift shift,
            DeploymentLifecycleHook hook,
            Rollout.Hook kept) {
        try {
            Sender sender =
                    Sender.service(EcsRoom.HOST, scope.account(), row.arn()).under(hook.roleArn());
            Call call = targets.call(sender, scope.account(), scope.region());
            InvocationResponse response = new LambdaClient(room.caller())
                    .invoke_(
                            new InvocationRequest()
                                    .functionName(hook.hookTargetArn())
                                    .invocationType("RequestResponse")
                                    .payload(event(scope, row, rollout, shift, kept)
                                            .getBytes(StandardCharsets.UTF_8)),
                            call);
            return read(kept, response);
        } catch (Fault fault) {
            // As on AWS, a function that cannot be asked fails the deployment; one of ours that is down does not.
            return answered(
                    kept,
                    fault.status() >= 500 ? "IN_PROGRESS" : "FAILED",
                    fault.status() >= 500 ? room.now().plus(CALL_BACK) : null);
        }
    }

    private static String event(Scope scope, ServiceRow row, Rollout rollout, Rollout.Shift shift, Rollout.Hook kept) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("serviceArn", row.arn());
        details.put("targetServiceRevisionArn", Rolls.arn(scope, "service-revision", row, rollout.revision()));
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("executionId", kept.id());
        event.put("lifecycleStage", shift.stage().name());
        event.put("resourceArn", Rolls.arn(scope, "service-deployment", row, rollout.deployment()));
        event.put("executionDetails", details);
        return Json.write(event);
    }

    private Rollout.Hook read(Rollout.Hook kept, InvocationResponse response) {
        byte[] payload = response.payload();
        Map<String, ?> answer = payload == null || response.functionError() != null
                ? Map.of()
                : Json.object(new String(payload, StandardCharsets.UTF_8)).orElse(Map.of());
        String status = String.valueOf(answer.get("hookStatus"));
        if (!status.equals("IN_PROGRESS")) {
            return answered(kept, status.equals("SUCCEEDED") ? "SUCCEEDED" : "FAILED", null);
        }
        Object delay = answer.get("callBackDelay");
        Duration pause = delay instanceof Number number
                ? Duration.ofSeconds(Math.clamp(number.longValue(), 1, 3600))
                : CALL_BACK;
        return answered(kept, "IN_PROGRESS", room.now().plus(pause));
    }
}
