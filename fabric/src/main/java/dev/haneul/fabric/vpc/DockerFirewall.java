package dev.haneul.fabric.vpc;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Docker sets the host's policy for forwarded packets to drop and leaves the chain {@code DOCKER-USER} to others. Where
 * that chain is, our networks' way out needs a word in it.
 */
final class DockerFirewall {
    private static final String CHAIN = "ip filter DOCKER-USER";
    private static final Pattern HANDLE = Pattern.compile("# handle (\\d+)");

    private final String devices;

    /** @param region what the host's devices of the region begin with */
    DockerFirewall(String region) {
        devices = '"' + region + "*\"";
    }

    /** Lets the region's packets out, and their answers in; does nothing where Docker is not. */
    void let() throws IOException {
        var rules = rules();
        if (rules.isEmpty() || !ours(rules).isEmpty()) {
            return;
        }
        Commands.nft("insert rule " + CHAIN + " iifname " + devices + " accept\n" + "insert rule " + CHAIN + " oifname "
                + devices + " ct state established,related accept\n");
    }

    void clear() throws IOException {
        var script = new StringBuilder();
        for (String rule : ours(rules())) {
            var handle = HANDLE.matcher(rule);
            if (handle.find()) {
                script.append("delete rule ")
                        .append(CHAIN)
                        .append(" handle ")
                        .append(handle.group(1))
                        .append('\n');
            }
        }
        if (!script.isEmpty()) {
            Commands.nft(script.toString());
        }
    }

    private List<String> ours(List<String> rules) {
        return rules.stream().filter(rule -> rule.contains(devices)).toList();
    }

    /** The chain's lines; none where there is no such chain, or none that nftables can read. */
    private static List<String> rules() {
        try {
            var argv = new ArrayList<>(List.of(Commands.tool("nft"), "-a", "list", "chain"));
            argv.addAll(List.of(CHAIN.split(" ")));
            return Commands.run(argv, "").lines().toList();
        } catch (IOException e) {
            return List.of();
        }
    }
}
