package dev.haneul.services.lambda.run;

import dev.haneul.api.runtime.Principal;
import java.time.Instant;

/** Sessions of execution roles: what functions act as. */
public interface RoleSessions {
    /**
     * A session that is good for some time yet.
     *
     * @throws dev.haneul.api.runtime.Fault where the role is gone or does not trust Lambda
     */
    RoleSession session(Target target);

    /**
     * Temporary credentials and who they belong to.
     *
     * @param secretKey signs; never logged
     */
    record RoleSession(
            String accessKeyId, String secretKey, String sessionToken, Instant expires, Principal principal) {
        @Override
        public String toString() {
            return "RoleSession[" + principal.arn() + ", expires " + expires + "]";
        }
    }
}
