/**
 * Container instances: servers that tasks of the EC2 launch type run on. An agent on the server (a systemd unit of the
 * ECS-optimized image) tells the region of itself at a link-local address, and the region registers it with the
 * permissions of the server's instance profile. The region does the agent's other work: it runs the tasks' pods and
 * counts them to the server. The signature of an identity document that RegisterContainerInstance is given is not
 * verified; the server it names must run in the account. External instances are recorded, and nothing runs on them.
 */
@NullMarked
package dev.haneul.services.ecs.instance;

import org.jspecify.annotations.NullMarked;
