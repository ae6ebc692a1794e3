package dev.haneul.services.elbv2;

import dev.haneul.edge.table.Listener;
import dev.haneul.kernel.store.Scope;
import java.util.Optional;

/** Where certificates come from, with their keys. */
@FunctionalInterface
public interface Certificates {
    /** Where there are none. */
    Certificates NONE = (scope, arn) -> Optional.empty();

    /** The certificate with this ARN as it is now; empty where the account has none such that could be used. */
    Optional<Listener.Identity> find(Scope scope, String arn);
}
