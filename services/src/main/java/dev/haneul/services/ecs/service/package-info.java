/**
 * Services: what keeps tasks running, replaces them, and brings new revisions about.
 *
 * <p>A service's record holds what is wanted and its deployments ({@link
 * dev.haneul.services.ecs.service.Rollout}); a record for each of its tasks holds what the service has done with it. Both
 * change in the transaction that launches or stops the task, so a crash neither loses a task nor starts one twice. What
 * no transaction can do (targets, registries, traffic, hooks) is written down before it is done and is done again where
 * it is not known to be.
 *
 * <p>The plans are pure. {@link dev.haneul.services.ecs.service.MemberPlan} leads one task in (registered, healthy) and
 * out (deregistered, drained, only then SIGTERM); {@link dev.haneul.services.ecs.service.ServicePlan} decides how many
 * of which deployment there are: rolling, daemon, blue/green (also in steps), task sets. The reconciler looks, plans,
 * and takes the steps.
 *
 * <p>Modelled: deployments with minimum and maximum percent, circuit breaker and alarms with rollback, lifecycle hooks
 * and bake time, grace periods, pauses before tasks that keep failing, replacement of what fails its checks, balance
 * over zones, task protection, draining instances, service deployments and revisions, events of the service and on
 * EventBridge. Departures: a task that ends before it was healthy counts as failed, also where it ran for a moment; a
 * deployment that is gone back from leaves the settings of the revision that came back. With CODE_DEPLOY the first
 * revision runs, and changes are refused as AWS refuses them.
 *
 * <p>Service Connect: {@code Connects} finds the namespace and makes endpoints known in Cloud Map, {@code Mesh} is the
 * namespace at one moment, {@code ConnectWork} listens at the aliases' addresses in the network of each task that takes
 * part. A task knows the names that were there when it started, as on AWS, and reaches whichever tasks are healthy now. HTTP
 * is told apart by requests, all else (HTTP/2 and gRPC too) by connections. There is no proxy in the called task: what
 * AWS's writes to the logs of {@code logConfiguration} is written by nobody here, {@code perRequestTimeoutSeconds} is kept
 * and not followed.
 *
 * <p>Missing, and answered NotImplemented: Service Connect's TLS, access logs, ingress ports, test traffic and networks
 * other than awsvpc, Classic Load Balancers, EBS volumes, VPC Lattice, the
 * EXTERNAL and MANAGED_INSTANCES launch types, service discovery for tasks without a network of their own, daemons as
 * resources of their own.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html">Amazon ECS services</a>
 */
@NullMarked
package dev.haneul.services.ecs.service;

import org.jspecify.annotations.NullMarked;
