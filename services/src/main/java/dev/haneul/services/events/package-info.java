/**
 * EventBridge: buses, rules, targets, schedules, archives, replays, connections and API destinations.
 *
 * <p>An event that was put is matched at once, by AWS's own event-ruler, and what the rules say is to be delivered is
 * committed before the answer: parcels of {@link dev.haneul.delivery.DeliveryQueue}, which tries them for a day and then
 * writes a dead letter. Services of the region tell their events through the change feed ({@link
 * dev.haneul.kernel.events.ServiceEvent}). Scheduled rules keep the moment they are due in the store.
 *
 * <p>An event goes from bus to bus once within a region and once across regions, and keeps its id, account and region;
 * what would go further is refused as AWS refuses it ({@link dev.haneul.delivery.Forwarded}). CloudTrail's calls come
 * where a trail is logging and a rule could want them ({@link ApiCallInterest}). Connections keep their secrets in
 * Secrets Manager under EventBridge's service-linked role; the secret's text is this room's own JSON.
 *
 * <p>Missing still: partner event sources, global endpoints, private connections, schema discovery, rules in the state
 * ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS get no more than others; archives have no managed rule of their own; a
 * bus's log configuration is kept and nothing is logged. Endpoints of API destinations may be plain HTTP. Followed: the
 * EventBridge user guide and API reference.
 */
@NullMarked
package dev.haneul.services.events;

import org.jspecify.annotations.NullMarked;
