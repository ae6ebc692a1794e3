package dev.haneul.engines.machine;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * {@code #cloud-config} (cloud-init documentation, "Module reference"), as much as {@link FirstBoot} carries out. Of
 * several, later ones replace the top-level keys of earlier ones, as cloud-init's default merger does.
 *
 * @param values the merged document
 * @param warnings what is not understood or not carried out here
 */
record CloudConfig(Map<String, Object> values, List<String> warnings) {
    private static final int MOST_ALIASES = 20;
    private static final Set<String> KNOWN = Set.of(
            "packages",
            "package_update",
            "package_upgrade",
            "apt_update",
            "apt_upgrade",
            "package_reboot_if_required",
            "write_files",
            "users",
            "groups",
            "user",
            "ssh_authorized_keys",
            "runcmd",
            "bootcmd",
            "hostname",
            "fqdn",
            "prefer_fqdn_over_hostname",
            "preserve_hostname",
            "manage_etc_hosts",
            "timezone",
            "final_message",
            "mounts",
            "ssh_pwauth",
            "disable_root",
            "password",
            "chpasswd",
            "output",
            "repo_update",
            "repo_upgrade");

    static CloudConfig of(List<UserData.Part> parts) {
        var values = new LinkedHashMap<String, Object>();
        var warnings = new ArrayList<String>();
        for (var part : parts) {
            try {
                var options = new LoaderOptions();
                options.setMaxAliasesForCollections(MOST_ALIASES);
                Object loaded = new Yaml(new SafeConstructor(options)).load(part.content());
                if (loaded instanceof Map<?, ?> map) {
                    map.forEach((key, value) -> values.put(String.valueOf(key), value));
                } else if (loaded != null) {
                    warnings.add("Failed loading yaml blob. Yaml load allows (<class 'dict'>,) root types");
                }
            } catch (YAMLException e) {
                warnings.add("Failed loading yaml blob. Invalid format: " + e.getMessage());
            }
        }
        for (var key : values.keySet()) {
            if (!KNOWN.contains(key)) {
                warnings.add("the cloud-config key " + key + " is not carried out here");
            }
        }
        return new CloudConfig(values, warnings);
    }

    Optional<String> text(String key) {
        return Optional.ofNullable(values.get(key)).map(String::valueOf);
    }

    boolean isTrue(String key) {
        return Boolean.TRUE.equals(values.get(key)) || "true".equals(values.get(key));
    }

    /** A list; a single value counts as a list of one. */
    List<Object> list(String key) {
        return listOf(values.get(key));
    }

    /** The elements that are maps. */
    List<Map<String, Object>> maps(String key) {
        return list(key).stream()
                .filter(Map.class::isInstance)
                .map(it -> asMap((Map<?, ?>) it))
                .toList();
    }

    static List<Object> listOf(@org.jspecify.annotations.Nullable Object value) {
        return switch (value) {
            case null -> List.of();
            case List<?> list ->
                list.stream().filter(it -> it != null).map(it -> (Object) it).toList();
            default -> List.of(value);
        };
    }

    /** Words given as a list or with commas between. */
    static List<String> words(@org.jspecify.annotations.Nullable Object value) {
        return listOf(value).stream()
                .flatMap(it -> List.of(String.valueOf(it).split(",")).stream())
                .map(String::strip)
                .filter(it -> !it.isEmpty())
                .toList();
    }

    static Map<String, Object> asMap(Map<?, ?> raw) {
        var map = new LinkedHashMap<String, Object>();
        raw.forEach((key, value) -> {
            if (value != null) {
                map.put(String.valueOf(key), value);
            }
        });
        return map;
    }

    /** Commands: strings are for the shell, lists are words. */
    List<String> commands(String key) {
        var lines = new ArrayList<String>();
        for (var command : list(key)) {
            if (command instanceof List<?> words) {
                lines.add(String.join(
                        " ",
                        words.stream()
                                .map(it -> FirstBoot.quoted(String.valueOf(it)))
                                .toList()));
            } else {
                lines.add(String.valueOf(command));
            }
        }
        return lines;
    }
}
