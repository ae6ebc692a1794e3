package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.IamInstanceProfile;
import dev.haneul.api.ec2.IamInstanceProfileSpecification;
import dev.haneul.api.iam.GetInstanceProfileRequest;
import dev.haneul.api.iam.IamClient;
import dev.haneul.api.iam.InstanceProfile;
import dev.haneul.api.iam.Role;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Faults;
import dev.haneul.services.ec2.Ec2Room;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Instance profiles, asked of IAM: not in a transaction. */
final class Profiles {
    private final Ec2Room room;

    Profiles(Ec2Room room) {
        this.room = room;
    }

    /**
     * The profile a request names, which the caller must be allowed to pass on.
     *
     * @throws Fault where there is none such, or he is not
     */
    @Nullable
    IamInstanceProfile of(@Nullable IamInstanceProfileSpecification wanted, Call call) {
        if (wanted == null || (wanted.arn() == null && wanted.name() == null)) {
            return null;
        }
        String arn = wanted.arn();
        String name = arn == null ? wanted.name() : arn.substring(arn.lastIndexOf('/') + 1);
        String which = arn == null ? "name" : "arn";
        InstanceProfile profile = find(Ec2Room.scope(call), Objects.requireNonNull(name))
                .filter(found -> arn == null || arn.equals(found.arn()))
                .orElseThrow(() -> Ec2Faults.invalid("Value (" + (arn == null ? name : arn)
                        + ") for parameter iamInstanceProfile." + which + " is invalid. Invalid IAM Instance Profile "
                        + which));
        for (Role role : profile.roles()) {
            room.permissions()
                    .require(
                            call,
                            "iam:PassRole",
                            Objects.requireNonNull(role.arn()),
                            Map.of("iam:PassedToService", Ec2Room.HOST));
        }
        return new IamInstanceProfile().arn(profile.arn()).id(profile.instanceProfileId());
    }

    /** A profile by its name. */
    Optional<InstanceProfile> find(Scope scope, String name) {
        try {
            return Optional.ofNullable(new IamClient(room.caller())
                    .getInstanceProfile(new GetInstanceProfileRequest().instanceProfileName(name), room.inside(scope))
                    .instanceProfile());
        } catch (Fault fault) {
            if (fault.code().startsWith("NoSuchEntity")) {
                return Optional.empty();
            }
            throw fault;
        }
    }
}
