package dev.haneul.services.ecs.task;

import dev.haneul.api.ecs.AwsVpcConfiguration;
import dev.haneul.kernel.store.Scope;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What tasks need of networks: an interface each, and its way into their pod. */
public interface TaskNetworks {
    /**
     * An interface.
     *
     * @param block the subnet's addresses, e.g. {@code 172.31.0.0/20}
     * @param publicAddress null for none
     */
    record Wiring(
            String eni,
            String mac,
            String address,
            String subnet,
            String block,
            String zone,
            String name,
            @Nullable String publicAddress) {}

    /**
     * Makes a task's interface, once however often it is asked to.
     *
     * @param zone where it has to be; null for any of the configuration's subnets
     * @throws dev.haneul.api.runtime.Fault what EC2 answers
     */
    Wiring create(Scope scope, String task, AwsVpcConfiguration wanted, @Nullable String zone, String attachment);

    /** Puts it into a pod's network namespace, under the rules that hold now. */
    void attach(String eni, Path netns) throws IOException;

    /** Removes it; does nothing where it is gone. */
    void remove(Scope scope, String eni);

    /** The {@code /etc/resolv.conf} of a pod with an interface in this subnet. */
    String resolvConf(Scope scope, String subnet);
}
