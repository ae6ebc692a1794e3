package dev.haneul.trials.ec2;

import dev.haneul.trials.SharedRegion;
import java.net.URI;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Servers by hand: with the AWS CLI, with boto3 and a stock ssh. */
@ExtendWith(SharedRegion.class)
class ServersTest {
    @Test
    void servedFilteredKept(URI endpoint, @TempDir Path folder) throws Exception {
        ServerScript.run(endpoint, folder, "bash", "servers.sh", "ALL SERVED");
    }

    @Test
    void walledOffAndInTheirRole(URI endpoint, @TempDir Path folder) throws Exception {
        ServerScript.run(endpoint, folder, "python3", "walls.py", "ALL WALLED");
    }

    @Test
    void moreInterfacesThanOne(URI endpoint, @TempDir Path folder) throws Exception {
        ServerScript.run(endpoint, folder, "python3", "interfaces.py", "ALL MOVED");
    }

    @Test
    void balanced(URI endpoint, @TempDir Path folder) throws Exception {
        ServerScript.run(endpoint, folder, "bash", "balancers.sh", "ALL BALANCED");
    }

    @Test
    void namesOfZonesAndServices(URI endpoint, @TempDir Path folder) throws Exception {
        ServerScript.run(endpoint, folder, "python3", "names.py", "ALL RESOLVED");
    }

    @Test
    void reachedOverIpv6(URI endpoint, @TempDir Path folder) throws Exception {
        ServerScript.run(endpoint, folder, "python3", "ipv6.py", "ALL SIX");
    }

    /** Flow logs are brought once a minute, so this waits for a minute. */
    @Test
    @EnabledIfSystemProperty(named = "haneul.soak", matches = "\\d+")
    void flowsAreLogged(URI endpoint, @TempDir Path folder) throws Exception {
        ServerScript.run(endpoint, folder, "python3", "flows.py", "ALL LOGGED");
    }
}
