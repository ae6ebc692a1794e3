package dev.haneul.services.ecs.task;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.Credentials;
import dev.haneul.api.sts.StsClient;
import dev.haneul.kernel.call.OnBehalf;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsRoom;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** Sessions of tasks' roles, got from STS as ecs-tasks.amazonaws.com; new ones well before the old ones end. */
final class TaskRoles {
    private static final int SECONDS = 3600;
    private static final Duration EARLY = Duration.ofMinutes(15);
    private static final int MOST_KEPT = 4000;

    private final EcsRoom room;
    private final Map<String, Session> kept = new LinkedHashMap<>(16, 0.75f, true);

    /** A role's session for one task. */
    record Session(String role, Credentials keys, Principal principal, Instant expires) {}

    TaskRoles(EcsRoom room) {
        this.room = room;
    }

    /**
     * A session that lasts a while.
     *
     * @throws Fault what STS answers where the role may not be assumed
     */
    Session of(Scope scope, String role, String task) {
        String key = role + " " + task;
        Instant now = room.now();
        synchronized (kept) {
            Session known = kept.get(key);
            if (known != null && now.isBefore(known.expires().minus(EARLY))) {
                return known;
            }
        }
        Session made = assume(scope, role, task);
        synchronized (kept) {
            kept.put(key, made);
            if (kept.size() > MOST_KEPT) {
                kept.remove(kept.keySet().iterator().next());
            }
        }
        return made;
    }

    private Session assume(Scope scope, String role, String task) {
        Principal ecs = OnBehalf.of(EcsRoom.TASKS_HOST, EcsRoom.arn(scope, "*"), scope.account());
        Call call = room.as(ecs, scope);
        Credentials keys = Objects.requireNonNull(new StsClient(room.caller())
                .assumeRole(
                        new AssumeRoleRequest()
                                .roleArn(role)
                                .roleSessionName(task)
                                .durationSeconds(SECONDS),
                        call)
                .credentials());
        Principal principal = room.credentials()
                .find(Objects.requireNonNull(keys.accessKeyId()), keys.sessionToken())
                .orElseThrow(() -> Fault.server("ServerException", 500, "STS does not know its own key."))
                .principal();
        return new Session(role, keys, principal, Objects.requireNonNull(keys.expiration()));
    }

    /** Forgets the sessions of a task that is gone. */
    void forget(String task) {
        synchronized (kept) {
            kept.keySet().removeIf(key -> key.endsWith(" " + task));
        }
    }
}
