/**
 * ECS: clusters, task definitions, tasks and what they run on.
 *
 * <p>The service is one class made of stories, each an interface with default methods over what the whole room shares
 * ({@link dev.haneul.services.ecs.EcsRoom}) and over the records of {@link dev.haneul.services.ecs.EcsTables}, most of
 * which are the API's own structures. {@link dev.haneul.services.ecs.task} launches, runs and stops tasks; services
 * ({@link dev.haneul.services.ecs.service}) do so within transactions of their own.
 */
@NullMarked
package dev.haneul.services.ecs;

import org.jspecify.annotations.NullMarked;
