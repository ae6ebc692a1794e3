package dev.haneul.services.ecs;

import dev.haneul.api.ecs.ClientException;
import dev.haneul.api.ecs.ClusterNotFoundException;
import dev.haneul.api.ecs.ConflictException;
import dev.haneul.api.ecs.InvalidParameterException;
import dev.haneul.api.ecs.LimitExceededException;
import dev.haneul.api.ecs.ServerException;
import dev.haneul.api.runtime.Fault;

/**
 * ECS's errors in its words.
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html">Errors</a>
 */
public final class EcsFaults {
    private EcsFaults() {}

    /** A value nobody may give. */
    public static Fault invalid(String message) {
        return Fault.of(new InvalidParameterException(), message);
    }

    /** What cannot be done as things are. */
    public static Fault client(String message) {
        return Fault.of(new ClientException(), message);
    }

    /** A cluster nobody has. */
    public static Fault noCluster() {
        return Fault.of(new ClusterNotFoundException(), "Cluster not found.");
    }

    /** A cluster that was deleted. */
    public static Fault inactiveCluster() {
        return Fault.of(new ClusterNotFoundException(), "The referenced cluster was inactive.");
    }

    /** The same token with another request. */
    public static Fault conflict(String message) {
        return Fault.of(new ConflictException(), message);
    }

    /** More than an account may have. */
    public static Fault limit(String message) {
        return Fault.of(new LimitExceededException(), message);
    }

    /** Something of ours that does not work. */
    public static Fault server(String message) {
        return Fault.of(new ServerException(), message);
    }

    /** A part of an operation that is not built, named. */
    public static Fault unbuilt(String what) {
        return Fault.server("NotImplemented", 501, what + " is not implemented by Haneul yet.");
    }
}
