package dev.haneul.services.ecs.cluster;

import dev.haneul.api.ecs.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.EcsRoom;
import dev.haneul.services.ecs.EcsTables;
import dev.haneul.services.ecs.EcsTables.ProviderRow;
import dev.haneul.services.ecs.EcsTags;
import dev.haneul.services.ecs.task.Capacity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Capacity providers. Those of Auto Scaling groups are recorded and place tasks on the cluster's container instances;
 * their managed scaling and draining do nothing, as there is no Auto Scaling yet. Managed instances are not built.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-capacity-providers.html">Capacity
 *     providers</a>
 */
public interface ProviderOperations extends EcsApi {
    int MOST_PROVIDERS = 10;
    String PROVIDER_NAME = "[a-zA-Z0-9_-]{1,255}";

    EcsRoom room();

    @Override
    default CreateCapacityProviderResponse createCapacityProvider(CreateCapacityProviderRequest in, Call call) {
        String name = Objects.requireNonNull(in.name());
        String lower = name.toLowerCase(Locale.ROOT);
        if (!name.matches(PROVIDER_NAME)
                || lower.startsWith("aws")
                || lower.startsWith("ecs")
                || lower.startsWith("fargate")) {
            throw EcsFaults.invalid("The specified capacity provider name is invalid. Up to 255 letters, numbers, "
                    + "underscores and hyphens are allowed, and the name cannot begin with \"aws\", \"ecs\" or "
                    + "\"fargate\". Specify a valid name and try again.");
        }
        if (in.managedInstancesProvider() != null) {
            throw EcsFaults.unbuilt("A managed instances provider");
        }
        AutoScalingGroupProvider group = group(in.autoScalingGroupProvider());
        Map<String, String> tags = EcsTags.check(in.tags());
        Scope scope = EcsRoom.scope(call);
        return room().change(tx -> {
            if (tx.get(EcsTables.PROVIDERS, scope.key(name)).isPresent()) {
                throw EcsFaults.invalid(
                        "The specified capacity provider already exists. Specify a different name and try again.");
            }
            CapacityProvider told = new CapacityProvider()
                    .capacityProviderArn(EcsRoom.arn(scope, "capacity-provider/" + name))
                    .name(name)
                    .status("ACTIVE")
                    .type("EC2_AUTOSCALING")
                    .autoScalingGroupProvider(group);
            tx.put(EcsTables.PROVIDERS, scope.key(name), new ProviderRow(told));
            EcsTags.put(tx, scope, "capacity-provider/" + name, tags);
            return new CreateCapacityProviderResponse()
                    .capacityProvider(Copies.of(told).tags(EcsTables.told(tags)));
        });
    }

    private static AutoScalingGroupProvider group(@Nullable AutoScalingGroupProvider given) {
        if (given == null || given.autoScalingGroupArn() == null) {
            throw EcsFaults.invalid("The specified capacity provider must have an Auto Scaling group.");
        }
        ManagedScaling scaling =
                given.managedScaling() == null ? new ManagedScaling().status("DISABLED") : given.managedScaling();
        return Copies.of(given)
                .managedScaling(Copies.of(scaling)
                        .status(Objects.requireNonNullElse(scaling.status(), "DISABLED"))
                        .targetCapacity(Objects.requireNonNullElse(scaling.targetCapacity(), 100))
                        .minimumScalingStepSize(Objects.requireNonNullElse(scaling.minimumScalingStepSize(), 1))
                        .maximumScalingStepSize(Objects.requireNonNullElse(scaling.maximumScalingStepSize(), 10_000))
                        .instanceWarmupPeriod(Objects.requireNonNullElse(scaling.instanceWarmupPeriod(), 300)))
                .managedTerminationProtection(
                        Objects.requireNonNullElse(given.managedTerminationProtection(), "DISABLED"))
                .managedDraining(Objects.requireNonNullElse(given.managedDraining(), "ENABLED"));
    }

    @Override
    default UpdateCapacityProviderResponse updateCapacityProvider(UpdateCapacityProviderRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        AutoScalingGroupProviderUpdate update = in.autoScalingGroupProvider();
        if (update == null) {
            throw EcsFaults.invalid("The Auto Scaling group provider must be specified.");
        }
        return room().change(tx -> {
            CapacityProvider before = find(tx, scope, String.valueOf(in.name()));
            AutoScalingGroupProvider group = Copies.of(Objects.requireNonNull(before.autoScalingGroupProvider()));
            CapacityProvider next = Copies.of(before)
                    .updateStatus("UPDATE_COMPLETE")
                    .autoScalingGroupProvider(group(Copies.into(update, group)));
            tx.put(EcsTables.PROVIDERS, scope.key(Objects.requireNonNull(next.name())), new ProviderRow(next));
            return new UpdateCapacityProviderResponse().capacityProvider(next);
        });
    }

    private static CapacityProvider find(ReadTx tx, Scope scope, String reference) {
        String name = reference.substring(reference.lastIndexOf('/') + 1);
        return tx.get(EcsTables.PROVIDERS, scope.key(name.isEmpty() ? "-" : name))
                .map(Row::value)
                .map(ProviderRow::told)
                .orElseThrow(() -> EcsFaults.invalid(
                        "The specified capacity provider does not exist. Specify a valid name or ARN and try again."));
    }

    @Override
    default DeleteCapacityProviderResponse deleteCapacityProvider(DeleteCapacityProviderRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        String reference = String.valueOf(in.capacityProvider());
        if (Capacity.OF_AWS.contains(reference.substring(reference.lastIndexOf('/') + 1))) {
            throw EcsFaults.client("The specified capacity provider is reserved and cannot be deleted.");
        }
        return room().change(tx -> {
            CapacityProvider gone = find(tx, scope, reference);
            String name = Objects.requireNonNull(gone.name());
            boolean used = EcsTables.every(tx, EcsTables.CLUSTERS, scope).stream()
                    .anyMatch(row ->
                            row.active() && row.told().capacityProviders().contains(name));
            if (used) {
                throw Fault.of(
                        new ResourceInUseException(),
                        "The capacity provider cannot be deleted because it is associated with a cluster. Remove the "
                                + "capacity provider from the cluster and try again.");
            }
            tx.delete(EcsTables.PROVIDERS, scope.key(name));
            EcsTags.forget(tx, scope, "capacity-provider/" + name);
            return new DeleteCapacityProviderResponse()
                    .capacityProvider(Copies.of(gone).status("INACTIVE").updateStatus("DELETE_COMPLETE"));
        });
    }

    @Override
    default DescribeCapacityProvidersResponse describeCapacityProviders(
            DescribeCapacityProvidersRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        boolean tags = in.include().contains("TAGS");
        List<CapacityProvider> all = room().read(tx -> {
            List<CapacityProvider> found = new ArrayList<>();
            Capacity.OF_AWS.stream()
                    .sorted()
                    .forEach(name -> found.add(new CapacityProvider()
                            .capacityProviderArn(EcsRoom.arn(scope, "capacity-provider/" + name))
                            .name(name)
                            .type(name)
                            .status("ACTIVE")
                            .tags(List.of())));
            EcsTables.every(tx, EcsTables.PROVIDERS, scope)
                    .forEach(row -> found.add(Copies.of(row.told())
                            .tags(
                                    tags
                                            ? EcsTables.told(EcsTags.of(
                                                    tx,
                                                    scope,
                                                    "capacity-provider/"
                                                            + row.told().name()))
                                            : List.of())));
            return found;
        });
        List<String> wanted = in.capacityProviders().stream()
                .map(each -> each.substring(each.lastIndexOf('/') + 1))
                .toList();
        Page<CapacityProvider> page = room().pager()
                .list(
                        all.stream()
                                .filter(each -> wanted.isEmpty() || wanted.contains(each.name()))
                                .toList(),
                        each -> Objects.requireNonNull(each.name()),
                        "DescribeCapacityProviders/" + scope + wanted,
                        in.nextToken(),
                        ClusterOperations.limit(in.maxResults(), MOST_PROVIDERS));
        List<Failure> failures = wanted.stream()
                .filter(name -> all.stream().noneMatch(each -> name.equals(each.name())))
                .map(name -> new Failure()
                        .arn(EcsRoom.arn(scope, "capacity-provider/" + name))
                        .reason("MISSING"))
                .toList();
        return new DescribeCapacityProvidersResponse()
                .capacityProviders(page.items())
                .failures(failures)
                .nextToken(page.next());
    }
}
