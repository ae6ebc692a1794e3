/**
 * Express services: a web application of one container image, with everything that serves it.
 *
 * <p>{@code CreateExpressGatewayService} registers the task definition (container {@code Main}, Fargate, awslogs) and
 * keeps what is wanted; {@code ExpressReconciler} then makes, each found by its name before it is made: the balancer and
 * its security group, an HTTP listener, two target groups and a host-header rule, the log group, the group of the
 * service's tasks, the service with canary deployments (5 % for three minutes, three minutes to go back in), the scalable
 * target and its policy. All through the API that any caller has, as ECS itself; they can be seen and changed there.
 * Until it is done, and while the deployment goes on, {@code statusReason} says what is waited for or why it does not go
 * on. An update registers a definition and deploys it where tasks change, else only what it names. Deletion ends the tasks,
 * takes away what was the service's own, and the balancer with the last that shares it; task definitions and logs stay.
 *
 * <p>Up to 25 services of the same subnets share a balancer: internet-facing where the subnets' routes lead to an internet
 * gateway, else internal. Endpoints are {@code NAME-ID.ecs.REGION.localhost} at the region's own port (in networks,
 * {@code NAME-ID.ecs.REGION.on.aws} at port 80): the name stands for the balancer's, the rule tells the service.
 *
 * <p>Departures: the listener is HTTP and there is no certificate, for nobody here can prove {@code on.aws} to ACM; a region
 * with TLS ends it at its own port. The infrastructure role must exist, be passed and let ECS assume it, but what is done,
 * ECS does with its own permissions. The subnets' kinds must not be mixed. No alarm rolls a deployment back: the circuit
 * breaker does.
 *
 * <p>Missing, and answered NotImplemented: the metric REQUEST_COUNT_PER_TARGET, other subnets in an update.
 */
@NullMarked
package dev.haneul.services.ecs.express;

import org.jspecify.annotations.NullMarked;
