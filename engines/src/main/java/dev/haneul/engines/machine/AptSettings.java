package dev.haneul.engines.machine;

import dev.haneul.engines.work.Tools;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The host's way to a Debian mirror, which its servers share: where its own sources name the suite they are taken over,
 * otherwise it is Debian's own mirror; proxies and leniency about dates come from its apt settings or environment.
 *
 * @param sources lines as in {@code sources.list}
 * @param settings lines as in {@code apt.conf}
 */
record AptSettings(List<String> sources, List<String> settings) {
    private static final Path APT = Path.of("/etc/apt");
    private static final Pattern TAKEN_OVER = Pattern.compile(
            "Acquire::(?:(?:http|https)::(?:Proxy|No-Proxy)[^ ]*|Check-Valid-Until|Check-Date|Retries|ForceIPv4|ForceIPv6) .*");
    private static final List<String> DEBIAN = List.of(
            "deb http://deb.debian.org/debian bookworm main",
            "deb http://deb.debian.org/debian bookworm-updates main",
            "deb http://deb.debian.org/debian-security bookworm-security main");

    static AptSettings ofHost(Map<String, String> environment) throws IOException, InterruptedException {
        var sources = new ArrayList<String>();
        for (var file : sourceFiles()) {
            var text = Files.readString(file);
            sources.addAll(file.toString().endsWith(".sources") ? stanzas(text) : lines(text));
        }
        return new AptSettings(sources.isEmpty() ? DEBIAN : sources, settings(environment));
    }

    private static List<Path> sourceFiles() throws IOException {
        var files = new ArrayList<Path>();
        if (Files.isReadable(APT.resolve("sources.list"))) {
            files.add(APT.resolve("sources.list"));
        }
        var folder = APT.resolve("sources.list.d");
        if (Files.isDirectory(folder)) {
            try (var entries = Files.newDirectoryStream(folder, "*.{list,sources}")) {
                entries.forEach(files::add);
            }
        }
        return files.stream().sorted().toList();
    }

    /** One-line sources (sources.list(5)) of the suite; keys are the image's own. */
    static List<String> lines(String text) {
        return text.lines()
                .map(String::strip)
                .filter(line -> line.startsWith("deb ") && line.contains(" " + ImageRecipe.SUITE))
                .map(line -> line.replaceFirst("^deb +\\[[^]]*] +", "deb "))
                .filter(line -> line.matches("deb https?://\\S*debian\\S* .*\\bmain\\b.*"))
                .toList();
    }

    /** The same of deb822 stanzas. */
    static List<String> stanzas(String text) {
        var found = new ArrayList<String>();
        for (var stanza : text.split("\n\\s*\n")) {
            var fields = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
            for (var line : stanza.replaceAll("\n[ \\t]+", " ").split("\n")) {
                int colon = line.indexOf(':');
                if (colon > 0 && !line.startsWith("#")) {
                    fields.put(
                            line.substring(0, colon).strip(),
                            line.substring(colon + 1).strip());
                }
            }
            if (!fields.getOrDefault("Types", "").contains("deb")
                    || fields.getOrDefault("Enabled", "yes").equals("no")) {
                continue;
            }
            for (var uri : fields.getOrDefault("URIs", "").split("\\s+")) {
                for (var suite : fields.getOrDefault("Suites", "").split("\\s+")) {
                    found.addAll(lines("deb " + uri + " " + suite + " " + fields.getOrDefault("Components", "")));
                }
            }
        }
        return found;
    }

    private static List<String> settings(Map<String, String> environment) throws IOException, InterruptedException {
        var found = new ArrayList<String>();
        if (Tools.present("apt-config")) {
            Tools.execute(List.of("apt-config", "dump"), Map.of(), Duration.ofSeconds(10), line -> {})
                    .output()
                    .lines()
                    .filter(line -> TAKEN_OVER.matcher(line).matches() && !line.endsWith(" \"\";"))
                    .forEach(found::add);
        }
        for (var scheme : List.of("http", "https")) {
            var proxy = environment.getOrDefault(scheme + "_proxy", "");
            if (!proxy.isEmpty()
                    && found.stream().noneMatch(line -> line.startsWith("Acquire::" + scheme + "::Proxy"))) {
                found.add("Acquire::" + scheme + "::Proxy \"" + proxy.replace("\"", "") + "\";");
            }
        }
        found.add("Acquire::Languages \"none\";");
        return found;
    }
}
