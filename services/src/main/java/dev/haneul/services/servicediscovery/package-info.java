/**
 * AWS Cloud Map: namespaces, the services in them, and the instances that are registered there.
 *
 * <p>A DNS namespace has a hosted zone of Route 53's, which a reconciler makes and removes; the operation that asked for
 * it is PENDING until then. Instances are registered in one transaction, whose operation has succeeded by the time it is
 * told. {@link dev.haneul.services.servicediscovery.Discovery} answers from the same records whoever asks by API and, in
 * the namespace's network (everywhere for public ones), by DNS: {@code A}, {@code AAAA}, {@code SRV} (whose targets are
 * {@code instance.service.namespace}), {@code CNAME} and aliases of load balancers. These records are not listed by
 * Route 53.
 *
 * <p>Missing: Route 53 health checks of public services (recorded, instances count as healthy), namespaces shared between
 * accounts, registration by EC2 instance id.
 *
 * <p>Followed: the Cloud Map developer guide and API reference.
 */
@NullMarked
package dev.haneul.services.servicediscovery;

import org.jspecify.annotations.NullMarked;
