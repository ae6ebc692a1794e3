package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.Service;
import dev.haneul.api.ecs.ServiceRevision;
import dev.haneul.api.ecs.UpdateServiceRequest;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.service.ServiceTables.ServiceRow;
import java.util.Objects;

/** What may be changed of a service, and which changes begin a deployment. Pure. */
final class ServiceUpdate {
    private ServiceUpdate() {}

    /** Refuses changes that the service's kind does not know. */
    static void check(ServiceRow row, UpdateServiceRequest in) {
        if (row.daemon() && in.desiredCount() != null) {
            throw EcsFaults.invalid("The daemon scheduling strategy does not support a desired count for services. "
                    + "Remove the desired count value and try again");
        }
        String controller = row.controller();
        if (in.deploymentController() != null
                && !Objects.equals(in.deploymentController().type(), controller)) {
            throw EcsFaults.invalid("Updating the deployment controller of a service is not supported from "
                    + controller + " to " + in.deploymentController().type() + ".");
        }
        if (controller.equals("CODE_DEPLOY")) {
            checkElsewhere(in, "a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.");
        } else if (controller.equals("EXTERNAL")) {
            checkElsewhere(in, "an EXTERNAL deployment controller. Use task sets instead.");
        }
        boolean strategy = !in.capacityProviderStrategy().isEmpty()
                && !in.capacityProviderStrategy().equals(row.told().capacityProviderStrategy());
        if (strategy && !Boolean.TRUE.equals(in.forceNewDeployment())) {
            throw EcsFaults.invalid("When switching from launch type to capacity provider strategy on an existing "
                    + "service, or making a change to a capacity provider strategy on a service that is already using "
                    + "one, you must force a new deployment.");
        }
    }

    private static void checkElsewhere(UpdateServiceRequest in, String whose) {
        if (in.taskDefinition() != null) {
            throw EcsFaults.invalid("Unable to update task definition on services with " + whose);
        }
        if (in.networkConfiguration() != null) {
            throw EcsFaults.invalid("Unable to update network parameters on services with " + whose);
        }
        if (in.platformVersion() != null) {
            throw EcsFaults.invalid("Unable to update platform version on services with " + whose);
        }
        if (in.hasLoadBalancers()) {
            throw EcsFaults.invalid("Unable to update load balancers on services with " + whose);
        }
        if (Boolean.TRUE.equals(in.forceNewDeployment())) {
            throw EcsFaults.invalid("Cannot force a new deployment on services with " + whose);
        }
    }

    /** Whether the change needs new tasks: what they are started with is another now, or it was asked for. */
    static boolean deploys(ServiceRow before, Service after, UpdateServiceRequest in) {
        if (!before.controller().equals("ECS")) {
            return false;
        }
        ServiceRevision old = Copies.into(before.told(), new ServiceRevision());
        ServiceRevision next = Copies.into(after, new ServiceRevision());
        return Boolean.TRUE.equals(in.forceNewDeployment()) || !old.equals(next);
    }
}
