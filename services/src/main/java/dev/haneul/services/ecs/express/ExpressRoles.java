package dev.haneul.services.ecs.express;

import dev.haneul.api.iam.GetRoleRequest;
import dev.haneul.api.iam.IamClient;
import dev.haneul.api.iam.Role;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.StsClient;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.call.OnBehalf;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import org.jspecify.annotations.Nullable;

/** Makes sure of the roles of Express services. That the caller may pass them is asked with the action itself. */
final class ExpressRoles {
    private static final int SECONDS = 900;

    private final EcsRoom room;

    ExpressRoles(EcsRoom room) {
        this.room = room;
    }

    /**
     * The roles of tasks; null for none given.
     *
     * @throws Fault InvalidParameterException
     */
    void check(Call call, @Nullable String execution, @Nullable String task) {
        if (execution != null) {
            present(call, "executionRoleArn", execution);
        }
        if (task != null) {
            present(call, "taskRoleArn", task);
        }
    }

    /** The role of ECS itself, which must let ECS assume it. */
    void checkInfrastructure(Call call, String role) {
        present(call, "infrastructureRoleArn", role);
        Scope scope = EcsRoom.scope(call);
        try {
            Call ecs = room.as(OnBehalf.of(EcsRoom.HOST, EcsRoom.arn(scope, "*"), scope.account()), scope);
            new StsClient(room.caller())
                    .assumeRole(
                            new AssumeRoleRequest()
                                    .roleArn(role)
                                    .roleSessionName("ecs-express")
                                    .durationSeconds(SECONDS),
                            ecs);
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            throw EcsFaults.invalid("infrastructureRoleArn: Amazon ECS is unable to assume the role " + role + ". "
                    + "Its trust policy must allow " + EcsRoom.HOST + ".");
        }
    }

    private void present(Call call, String field, String arn) {
        Arn role = Arn.parse(arn)
                .filter(each -> each.service().equals("iam")
                        && each.account().equals(call.account())
                        && each.resource().startsWith("role/"))
                .orElseThrow(
                        () -> EcsFaults.invalid(field + " '" + arn + "' is not the ARN of a role of this account."));
        String path = role.resource();
        if (!arn.equals(find(path.substring(path.lastIndexOf('/') + 1), EcsRoom.scope(call)))) {
            throw EcsFaults.invalid(field + ": there is no role " + arn + ".");
        }
    }

    private @Nullable String find(String name, Scope scope) {
        try {
            Role role = new IamClient(room.caller())
                    .getRole(new GetRoleRequest().roleName(name), room.inside(scope))
                    .role();
            return role == null ? null : role.arn();
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            return null;
        }
    }
}
