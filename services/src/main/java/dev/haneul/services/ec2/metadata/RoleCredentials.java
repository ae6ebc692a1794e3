package dev.haneul.services.ec2.metadata;

/** Credentials of instance profiles' roles, as JSON documents. */
public interface RoleCredentials {
    /** What {@code iam/info} tells of the profile. */
    String info(InstanceFacts.Profile profile);

    /** What {@code iam/security-credentials/ROLE} tells: credentials, or why there are none. */
    String of(InstanceFacts facts, String role);
}
