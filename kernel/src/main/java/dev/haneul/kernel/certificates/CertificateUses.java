package dev.haneul.kernel.certificates;

import java.util.List;

/** Who presents a certificate: asked before one is deleted. */
@FunctionalInterface
public interface CertificateUses {
    /** For regions where nothing presents any. */
    CertificateUses NONE = arn -> List.of();

    /** ARNs of what uses the certificate of this ARN. */
    List<String> of(String certificateArn);
}
