/**
 * Application Auto Scaling: capacities of other services' resources, kept between bounds, moved by alarms and by the clock.
 *
 * <p>A scalable target is a row with its bounds; policies and scheduled actions stand beside it. A target-tracking policy
 * makes two CloudWatch alarms of its own, whose action is the policy; a step policy is an action of whatever alarms the
 * user points at it. The reconciler of a target looks, every minute and whenever an alarm changes, at the alarms that name
 * its policies, has {@link dev.haneul.services.applicationautoscaling.ScalingPlan} say what capacity is due, sets it
 * through the resource's own API, and writes an activity. Bounds hold at once: a capacity outside of them is moved inside.
 *
 * <p>Built for {@code ecs} services ({@code ecs:service:DesiredCount}); other namespaces are refused as not implemented.
 * Predictive scaling is not built, nor are target-tracking metrics made of expressions. AWS says of target tracking only
 * that it is in proportion and slow to scale in; here it is capacity × metric ÷ target, rounded up, both ways. A step
 * policy takes part as long as its alarm is in ALARM; alarms that name a policy for OK or for too little data do nothing.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/application/userguide/what-is-application-auto-scaling.html">the
 *     user guide</a>
 */
@NullMarked
package dev.haneul.services.applicationautoscaling;

import org.jspecify.annotations.NullMarked;
