package dev.haneul.services.elbv2;

import dev.haneul.edge.table.Listener;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.certificates.CertificateSource;
import dev.haneul.kernel.store.Scope;
import java.util.Optional;

/** Certificates of an account's own. */
record Certificates(CertificateSource source) {
    /** The certificate with this ARN as it is now; empty where the account has none such that could be used. */
    Optional<Listener.Identity> find(Scope scope, String arn) {
        return Arn.parse(arn)
                .filter(parsed -> parsed.account().equals(scope.account()))
                .flatMap(parsed -> source.find(arn))
                .map(found -> new Listener.Identity(arn, found.chain(), found.key()));
    }
}
