/**
 * EC2: virtual networks and the servers on them.
 *
 * <p>The service is one class made of stories: {@link dev.haneul.services.ec2.network} holds virtual networks and what
 * hangs on them, {@link dev.haneul.services.ec2.compute} servers, images and disks. Each story is an interface with
 * default methods over what the whole room shares: {@link dev.haneul.services.ec2.Ec2Room} (store, clock, ids, pages,
 * client tokens), {@link dev.haneul.services.ec2.Kind} (what a resource is called, kept and tagged as), {@link
 * dev.haneul.services.ec2.Filters} and {@link dev.haneul.services.ec2.Ec2Faults}.
 *
 * <p>Most records are the API's own structures: what describe tells is what is kept. Tags stand in one table for every
 * resource. A dry run runs the whole operation in its transaction and rolls it back, so that it tells what would be
 * refused.
 */
@NullMarked
package dev.haneul.services.ec2;

import org.jspecify.annotations.NullMarked;
