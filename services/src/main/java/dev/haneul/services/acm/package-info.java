/**
 * AWS Certificate Manager: certificates that load balancers present.
 *
 * <p>A requested certificate waits until its names are proven, and is then signed by the region's own authority ({@code
 * ca.pem} in the data folder is what clients trust). Names are proven by DNS for real: for each name ACM says which CNAME
 * it wants to see, and a reconciler looks it up in the region's hosted zones until it is there, for 72 hours. What stands
 * in the public DNS of the world is not asked. It is the same record for the same account and name each time, so renewals
 * (from 45 days before the end) find it again, as at AWS. Certificates live 198 days. Which moves come next is the pure
 * {@code CertificatePlan}.
 *
 * <p>Imported certificates are checked as AWS checks them (key, match, dates, chain) and kept as they are. Private keys
 * are sealed under the data folder's key; whoever ends TLS reads them by {@link
 * dev.haneul.kernel.certificates.CertificateSource}.
 *
 * <p>Told on EventBridge: that a certificate is available, nears its end, has expired, or could not be renewed.
 *
 * <p><b>Recorded only:</b> e-mail validation (no mail is sent, so such a request times out) and HTTP validation (which
 * AWS offers for CloudFront alone); certificate transparency. <b>Not built:</b> private certificate authorities,
 * RevokeCertificate, SearchCertificates.
 */
@NullMarked
package dev.haneul.services.acm;

import org.jspecify.annotations.NullMarked;
