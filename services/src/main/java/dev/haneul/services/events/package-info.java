/**
 * EventBridge: buses, rules, targets, schedules, archives, replays, connections and API destinations.
 *
 * <p>An event that was put is matched at once, by AWS's own event-ruler, and what the rules say is to be delivered is
 * committed before the answer: parcels of {@link dev.haneul.delivery.DeliveryQueue}, which tries them for a day and then
 * writes a dead letter. Services of the region tell their events through the change feed ({@link
 * dev.haneul.kernel.events.ServiceEvent}). Scheduled rules keep the moment they are due in the store.
 *
 * <p>Missing still: partner event sources, global endpoints, private connections, schema discovery, "AWS API Call via
 * CloudTrail" events; archives have no
 * managed rule of their own; a bus's log configuration is kept and nothing is logged. Endpoints of API destinations may
 * be plain HTTP. Followed: the EventBridge user guide and API reference.
 */
@NullMarked
package dev.haneul.services.events;

import org.jspecify.annotations.NullMarked;
