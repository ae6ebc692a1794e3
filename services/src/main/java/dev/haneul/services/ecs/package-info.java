/**
 * ECS: clusters, task definitions, tasks and what they run on.
 *
 * <p>The service is one class made of stories, each an interface with default methods over what the whole room shares
 * ({@link dev.haneul.services.ecs.EcsRoom}) and over the records of {@link dev.haneul.services.ecs.EcsTables}, most of
 * which are the API's own structures. {@link dev.haneul.services.ecs.task} launches, runs and stops tasks; services
 * ({@link dev.haneul.services.ecs.service}) do so within transactions of their own. {@link
 * dev.haneul.services.ecs.instance} is about the servers of the EC2 launch type,
 * {@link dev.haneul.services.ecs.express} about services that come with their load balancer.
 *
 * <p><b>Images</b> come from the region's registry, pulled with the permissions of the execution role, or from OCI image
 * layouts in the folder {@code ecs/images/NAME} of the region's data, which stand for every other registry. <b>Roles</b>
 * are assumed by ecs-tasks.amazonaws.com; containers get their credentials, and are told of themselves, at 169.254.170.2.
 * They find the region by {@code AWS_ENDPOINT_URL}, which AWS does not set: no stock image trusts who signs for its hosts
 * here. <b>EFS</b> volumes and Docker's shared ones are folders of the region's data.
 *
 * <p><b>ExecuteCommand</b> starts a session of Session Manager's with the container, whose output goes where the cluster
 * says; {@code ./haneul exec} runs a command without one.
 *
 * <p><b>Fargate Spot</b> has no market here: {@code ./haneul interrupt TASK} takes a task's capacity away. It is told on
 * EventBridge and asked to end at once, also where a load balancer has it still, and is killed two minutes later at the
 * latest.
 *
 * <p>Missing: encryption of such sessions by a KMS key, FireLens and log drivers other than awslogs and json-file, Windows, GPUs,
 * managed EBS volumes, volumes of a container instance's own folders, private registries, managed instances, managed
 * scaling and draining of capacity providers (there is no Auto Scaling yet), tasks on external instances, daemons.
 */
@NullMarked
package dev.haneul.services.ecs;

import org.jspecify.annotations.NullMarked;
