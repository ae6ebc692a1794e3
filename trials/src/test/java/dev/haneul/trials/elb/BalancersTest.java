package dev.haneul.trials.elb;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.ClientScript;
import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.ec2.ServerScript;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Load balancers through boto3 and plain sockets, in one region of their own, whose time is moved on. */
class BalancersTest {
    @Test
    void certifiedAndKnown(@TempDir Path folder) throws Exception {
        try (LaunchedRegion region = new LaunchedRegion()) {
            region.up();
            run(region, folder, "login.py", "ALL KNOWN");
            run(region, folder, "https.py", "ALL SECURE");
            region.command("reset");
        }
    }

    @Test
    @Tag("alone")
    void carriedAndClassic(@TempDir Path folder) throws Exception {
        assumeTrue(System.getProperty("haneul.soak") != null, "takes minutes: -Dhaneul.soak=1");
        try (LaunchedRegion region = new LaunchedRegion()) {
            region.up();
            run(region, folder, "classic.py", "ALL CLASSIC");
            run(region, folder, "traffic.py", "ALL CARRIED");
            run(region, folder, "flows.py", "ALL FLOWED");
            region.command("reset");
        }
    }

    private static void run(LaunchedRegion region, Path folder, String script, String end) throws Exception {
        ClientScript.lay(BalancersTest.class, folder, "target.py", "common.py", "balanced.py");
        Map<String, String> variables = new HashMap<>(region.variables());
        variables.put("TARGET", folder.resolve("target.py").toString());
        variables.put("REGION_CA", region.data().resolve("ca.pem").toString());
        ServerScript.run(BalancersTest.class, region.endpoint(), folder, List.of("python3", script), end, variables);
    }
}
