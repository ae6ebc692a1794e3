/**
 * EventBridge Pipes: from a queue, through a filter and an enrichment, to a target, under the pipe's role.
 *
 * <p>A running pipe is a reconciler that takes a batch from its source, and removes from the source only what its target
 * has taken: at least once, and what fails comes back by the queue's own visibility and redrive.
 *
 * <p>Missing still: every source but SQS; the batching window; Batch, Redshift, SageMaker and Timestream targets; logs,
 * whose configuration is kept. Followed: the EventBridge Pipes user guide and API reference.
 */
@NullMarked
package dev.haneul.services.pipes;

import org.jspecify.annotations.NullMarked;
