package dev.haneul.trials.ec2;

import dev.haneul.trials.Accounts;
import dev.haneul.trials.SharedRegion;
import dev.haneul.trials.Terraform;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Terraform makes a network with everything a network can have, finds nothing to change, and takes it away again. */
@ExtendWith(SharedRegion.class)
class NetworkTerraformTest {
    @TempDir
    Path folder;

    @Test
    void networkWithEverythingInIt(URI endpoint) throws Exception {
        List<String> files = new ArrayList<>(List.of("network.tf"));
        if (System.getProperty("haneul.soak") != null) {
            // The provider waits ten seconds at least, each way, for these.
            files.add("slow.tf");
        }
        String variables = "endpoint = \"" + endpoint + "\"\naccount = \"" + Accounts.fresh() + "\"\n";
        new Terraform(folder, getClass(), files, variables).makeFindAndTakeAway();
    }
}
