/**
 * What services share when they hand something to a target that an ARN names: an S3 event, a rule's match, a schedule.
 *
 * <p>{@link dev.haneul.delivery.Targets} hands over one {@link dev.haneul.delivery.Parcel} through the target's own API,
 * as the sending service or under a role it assumes, and says what came of it. {@link dev.haneul.delivery.DeliveryQueue}
 * keeps parcels until they are taken, at least once, and sends those nobody took to a dead-letter queue. {@link
 * dev.haneul.delivery.QueueReader} takes messages out of a queue that somebody else is to have. The room knows the
 * services' APIs and none of their rooms.
 */
@NullMarked
package dev.haneul.delivery;

import org.jspecify.annotations.NullMarked;
