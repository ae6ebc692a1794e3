package dev.haneul.services.ecs;

import dev.haneul.kernel.Arn;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.cluster.ClusterOperations;
import dev.haneul.services.ecs.cluster.ProviderOperations;
import dev.haneul.services.ecs.cluster.SettingOperations;
import dev.haneul.services.ecs.definition.DefinitionOperations;
import dev.haneul.services.ecs.express.Express;
import dev.haneul.services.ecs.express.ExpressOperations;
import dev.haneul.services.ecs.instance.InstanceOperations;
import dev.haneul.services.ecs.service.ServiceOperations;
import dev.haneul.services.ecs.service.Services;
import dev.haneul.services.ecs.task.Machinery;
import dev.haneul.services.ecs.task.TaskOperations;
import dev.haneul.services.ecs.task.TaskWork;
import dev.haneul.services.ecs.task.Tasks;
import java.util.Map;
import java.util.Optional;

/** ECS's API. */
public final class EcsService
        implements ClusterOperations,
                ProviderOperations,
                SettingOperations,
                TagOperations,
                DefinitionOperations,
                TaskOperations,
                InstanceOperations,
                ServiceOperations,
                ExpressOperations,
                AutoCloseable {
    private final EcsRoom room;
    private final Tasks tasks;
    private final Services services;
    private final Express express;

    /** Makes the service of its stories. */
    public EcsService(EcsRoom room) {
        this.room = room;
        this.tasks = new Tasks(room);
        this.services = new Services(room, tasks);
        this.express = new Express(room, services, this);
        tasks.gate(services::letsGo);
    }

    @Override
    public EcsRoom room() {
        return room;
    }

    @Override
    public Tasks tasks() {
        return tasks;
    }

    @Override
    public Services services() {
        return services;
    }

    @Override
    public Express express() {
        return express;
    }

    /**
     * Joins the driver, before it starts.
     *
     * @param machinery what tasks run by
     */
    public TaskWork join(Driver driver, Machinery machinery) {
        TaskWork work = new TaskWork(room, tasks, machinery, services.connect(driver, machinery));
        work.join(driver);
        services.join(driver);
        express.join(driver);
        return work;
    }

    /** Ends what listens in the networks of tasks. */
    @Override
    public void close() {
        services.close();
    }

    /** What the authorizer asks of resources: their tags. */
    public ResourcePolicies resources() {
        return resourceArn -> Arn.parse(resourceArn)
                .filter(arn -> arn.resource().indexOf('*') < 0)
                .flatMap(this::owned);
    }

    private Optional<ResourcePolicies.Owned> owned(Arn arn) {
        Scope scope = new Scope(arn.account(), arn.region());
        Map<String, String> tags = room.read(tx -> EcsTags.of(tx, scope, arn.resource()));
        return tags.isEmpty() ? Optional.empty() : Optional.of(new ResourcePolicies.Owned(arn.account(), null, tags));
    }
}
