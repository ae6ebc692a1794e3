package dev.haneul.services.ec2;

import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.compute.Compute;
import dev.haneul.services.ec2.compute.ComputeOperations;
import dev.haneul.services.ec2.network.Nets;
import dev.haneul.services.ec2.network.Network;
import dev.haneul.services.ec2.network.NetworkFacts;
import dev.haneul.services.ec2.network.NetworkOperations;
import java.util.Map;
import java.util.Optional;

/** EC2's API. */
public final class Ec2Service implements TagOperations, RegionOperations, NetworkOperations, ComputeOperations {
    private final Ec2Room room;
    private final Network network;
    private final Compute compute;

    /** Makes the service of its stories. */
    public Ec2Service(Ec2Room room, Network network, Compute compute) {
        this.room = room;
        this.network = network;
        this.compute = compute;
    }

    @Override
    public Ec2Room room() {
        return room;
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public Compute compute() {
        return compute;
    }

    @Override
    public String defaultVpc(Call call) {
        Scope scope = network.scope(call);
        return room.read(
                tx -> Network.defaultVpc(tx, scope).map(Nets.VpcRow::id).orElse("none"));
    }

    /** What the authorizer asks of resources: their tags, and the networks they are in. */
    public ResourcePolicies resources() {
        return resourceArn -> Arn.parse(resourceArn)
                .filter(arn ->
                        arn.resource().indexOf('*') < 0 && !arn.resourceId().isEmpty())
                .flatMap(this::owned);
    }

    private Optional<ResourcePolicies.Owned> owned(Arn arn) {
        Scope scope = new Scope(arn.account(), arn.region());
        return room.read(tx -> {
            Map<String, String> tags = Tags.of(tx, scope, arn.resourceId());
            Map<String, String> facts = NetworkFacts.of(tx, scope, arn.resourceType(), arn.resourceId());
            return tags.isEmpty() && facts.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new ResourcePolicies.Owned(arn.account(), null, tags, null, facts));
        });
    }
}
