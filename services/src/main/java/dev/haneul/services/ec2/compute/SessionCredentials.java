package dev.haneul.services.ec2.compute;

import dev.haneul.api.iam.InstanceProfile;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.Credentials;
import dev.haneul.api.sts.StsClient;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Ec2Room;
import dev.haneul.services.ec2.metadata.InstanceFacts;
import dev.haneul.services.ec2.metadata.RoleCredentials;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Sessions of instance profiles' roles, got from STS; new ones well before the old ones end. */
final class SessionCredentials implements RoleCredentials {
    private static final int SECONDS = 3600;
    private static final Duration EARLY = Duration.ofMinutes(15);
    private static final int MOST_KEPT = 2000;

    private final Ec2Room room;
    private final Profiles profiles;
    private final Map<String, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);

    private record Kept(String role, Instant made, Credentials keys) {}

    SessionCredentials(Ec2Room room, Profiles profiles) {
        this.room = room;
        this.profiles = profiles;
    }

    @Override
    public String info(InstanceFacts.Profile profile) {
        return """
                {
                  "Code" : "Success",
                  "LastUpdated" : "%s",
                  "InstanceProfileArn" : "%s",
                  "InstanceProfileId" : "%s"
                }""".formatted(seconds(room.now()), profile.arn(), profile.id());
    }

    @Override
    public String of(InstanceFacts facts, String role) {
        try {
            Kept session = session(facts, role);
            return """
                    {
                      "Code" : "Success",
                      "LastUpdated" : "%s",
                      "Type" : "AWS-HMAC",
                      "AccessKeyId" : "%s",
                      "SecretAccessKey" : "%s",
                      "Token" : "%s",
                      "Expiration" : "%s"
                    }""".formatted(
                            seconds(session.made()),
                            session.keys().accessKeyId(),
                            session.keys().secretAccessKey(),
                            session.keys().sessionToken(),
                            seconds(Objects.requireNonNull(session.keys().expiration())));
        } catch (Fault fault) {
            return """
                    {
                      "Code" : "AssumeRoleUnauthorizedAccess",
                      "Message" : "EC2 cannot assume the role %s. Please see documentation at https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_iam-ec2.html#troubleshoot_iam-ec2_errors-info-doc.",
                      "LastUpdated" : "%s"
                    }""".formatted(role, seconds(room.now()));
        }
    }

    private Kept session(InstanceFacts facts, String role) {
        Instant now = room.now();
        synchronized (kept) {
            Kept known = kept.get(facts.instanceId());
            if (known != null
                    && known.role().equals(role)
                    && now.isBefore(
                            Objects.requireNonNull(known.keys().expiration()).minus(EARLY))) {
                return known;
            }
        }
        Scope scope = new Scope(facts.place().account(), facts.place().region());
        Kept made = new Kept(role, now, assume(scope, facts));
        synchronized (kept) {
            kept.put(facts.instanceId(), made);
            if (kept.size() > MOST_KEPT) {
                kept.remove(kept.keySet().iterator().next());
            }
        }
        return made;
    }

    private Credentials assume(Scope scope, InstanceFacts facts) {
        String arn = Optional.ofNullable(facts.profile())
                .map(InstanceFacts.Profile::arn)
                .map(profile -> profile.substring(profile.lastIndexOf('/') + 1))
                .flatMap(name -> profiles.find(scope, name))
                .map(InstanceProfile::roles)
                .filter(roles -> !roles.isEmpty())
                .map(roles -> roles.getFirst().arn())
                .orElseThrow(() -> Fault.client("NoSuchEntity", 404, "The instance profile has no role."));
        Credentials keys = new StsClient(room.caller())
                .assumeRole(
                        new AssumeRoleRequest()
                                .roleArn(arn)
                                .roleSessionName(facts.instanceId())
                                .durationSeconds(SECONDS),
                        room.inside(scope))
                .credentials();
        return Objects.requireNonNull(keys);
    }

    private static Instant seconds(Instant moment) {
        return moment.truncatedTo(ChronoUnit.SECONDS);
    }
}
