/**
 * EventBridge Scheduler: schedules in groups, fired by the region's clock.
 *
 * <p>Each enabled schedule has the moment it is due in the store; the transaction that moves it on also puts the parcel
 * into a {@link dev.haneul.delivery.DeliveryQueue}, so a schedule fires at least once, whatever happens. What was due
 * while the region stood is made up for once. Targets are reached under the schedule's role; universal targets call any
 * action of an API ({@link dev.haneul.delivery.SdkActions}).
 *
 * <p>Missing still: SageMaker pipelines; customer keys are kept and not used. Followed: the Scheduler user guide and API
 * reference.
 */
@NullMarked
package dev.haneul.services.scheduler;

import org.jspecify.annotations.NullMarked;
