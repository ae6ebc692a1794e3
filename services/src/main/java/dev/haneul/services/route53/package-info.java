/**
 * Route 53: hosted zones, public and private, and what resolves by them.
 *
 * <p>A change of records is one transaction: it is applied to the zone change by change, and kept as a whole or refused
 * with every reason. {@link dev.haneul.services.route53.ZoneNames} answers names from the records as they are, inside
 * the networks a private zone is associated with, and everywhere for public zones: every public zone counts as delegated
 * to, so that delegations between zones are not followed, and of several with one name whichever has the name answers. What was changed answers at once; a change is told as PENDING
 * first, as AWS does, and is INSYNC whenever it is asked for.
 *
 * <p>Routing: weighted sets by chance, multivalue answers up to eight, failover to the primary, latency to the region
 * that is asked in, else the first; geolocation to the default. Health does not count: health checks are missing. So are
 * geoproximity and CIDR routing, traffic policies, DNSSEC signing, reusable delegation sets, query logging, and profiles.
 * Nothing listens on the name servers that zones name.
 *
 * <p>Followed: the Route 53 developer guide and API reference.
 */
@NullMarked
package dev.haneul.services.route53;

import org.jspecify.annotations.NullMarked;
