package dev.haneul.services.lambda.run;

/** Decrypts the variables of functions that keep them encrypted, when an environment starts. */
public interface Unsealing {
    /**
     * The same target with its variables in clear; itself where none are encrypted.
     *
     * @throws dev.haneul.api.runtime.Fault where the role may not use the key
     */
    Target unsealed(Target target, RoleSessions.RoleSession role);
}
