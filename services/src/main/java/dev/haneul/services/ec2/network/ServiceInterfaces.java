package dev.haneul.services.ec2.network;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.ec2.network.Interfaces.Spec;
import dev.haneul.services.ec2.network.Nets.InterfaceRow;

/**
 * Interfaces that other services of the region make for themselves, through the API and as themselves: in use from the
 * first, and nobody else's to change. Whether one gets a public address is told by the condition key
 * {@link #PUBLIC_ADDRESS} among the principal's attributes, as the request has no member for it.
 */
final class ServiceInterfaces {
    static final String PUBLIC_ADDRESS = "ec2:AssociatePublicIpAddress";

    /** Whose interfaces are put into workloads; those of others are answered by the region itself. */
    private static final String CONTAINERS = "ecs.amazonaws.com";

    private ServiceInterfaces() {}

    /** Makes the interface of a request. */
    static InterfaceRow create(Network network, WriteTx tx, Scope scope, Spec spec, Call call) {
        Interfaces interfaces = network.interfaces();
        if (call.principal().type() != Principal.Type.SERVICE) {
            return interfaces.create(tx, scope, spec);
        }
        String text = spec.description() == null ? "" : spec.description();
        InterfaceRow made =
                interfaces.create(tx, scope, spec.managed(text, call.principal().id(), spec.type(), spec.address()));
        interfaces.attachTo(tx, scope, made, "amazon-aws");
        InterfaceRow attached = Nets.INTERFACES.require(tx, scope, made.id());
        return "true".equals(call.principal().attributes().get(PUBLIC_ADDRESS))
                ? interfaces.givePublic(tx, scope, attached)
                : attached;
    }

    /** Whether a caller is the service that made it. */
    static boolean own(InterfaceRow row, Call call) {
        return call.principal().type() == Principal.Type.SERVICE
                && call.principal().id().equals(row.shape().requesterId());
    }

    /** Whether the region itself is behind it. */
    static boolean hosted(InterfaceRow row) {
        return Boolean.TRUE.equals(row.shape().requesterManaged())
                && !CONTAINERS.equals(row.shape().requesterId());
    }
}
