package dev.haneul.engines.container;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.container.ContainerSpec.Mount;
import dev.haneul.engines.container.ContainerSpec.Ulimit;
import dev.haneul.kernel.store.json.JsonTrees;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What crun is told of a container: the OCI runtime specification's {@code config.json}. */
final class RuntimeConfig {
    static final String INIT = "/sbin/docker-init";

    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    private static final int DEFAULT_SHARED_MEMORY_MIB = 64;
    private static final long NEW_USER_NAMESPACE = 0x1000_0000;
    private static final int NO_SUCH_CALL = 38;
    private static final int NOT_PERMITTED = 1;
    private static final long AF_ALG = 38;
    private static final long AF_VSOCK = 40;
    /** Rather its processes than its watcher or us, when memory is short. */
    private static final int OUT_OF_MEMORY_SCORE = 300;

    private final String hostname;
    private final PodFolder.ContainerFolder folder;
    private final ContainerSpec spec;
    private final Namespaces namespaces;

    /**
     * Namespaces that are there already.
     *
     * @param network a path
     * @param processes a path, empty for one of its own
     * @param joined whether the network is somebody else's
     * @param init the host's file of the small init
     */
    record Namespaces(String network, String processes, boolean joined, String init) {}

    RuntimeConfig(String hostname, PodFolder.ContainerFolder folder, ContainerSpec spec, Namespaces namespaces) {
        this.hostname = hostname;
        this.folder = folder;
        this.spec = spec;
        this.namespaces = namespaces;
    }

    /** @param user who the first process runs as */
    byte[] bytes(ContainerUser user) throws LaunchException, IOException {
        var template = template();
        var config = new LinkedHashMap<String, @Nullable Object>();
        config.put("ociVersion", "1.0.2");
        config.put("process", process(user));
        config.put(
                "root",
                Map.of(
                        "path",
                        folder.root().toString(),
                        "readonly",
                        spec.walls().readOnlyRoot()));
        config.put("hostname", hostname);
        config.put("mounts", mounts(template));
        var linux = new LinkedHashMap<String, @Nullable Object>();
        linux.put("namespaces", namespaces());
        linux.put("maskedPaths", template.get("maskedPaths"));
        linux.put("readonlyPaths", template.get("readonlyPaths"));
        linux.put("sysctl", sysctls());
        linux.put("seccomp", seccomp(template));
        config.put("linux", linux);
        return JsonTrees.write(config);
    }

    private static Map<String, @Nullable Object> template() throws IOException {
        return JsonTrees.readObject(resource("config.json"));
    }

    /** A file that comes with this package. */
    static byte[] resource(String name) throws IOException {
        try (InputStream in = RuntimeConfig.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IOException("the resource " + name + " is missing");
            }
            return in.readAllBytes();
        }
    }

    private Map<String, @Nullable Object> process(ContainerUser user) throws LaunchException {
        var it = spec.process();
        var arguments = new ArrayList<String>();
        if (it.init()) {
            if (namespaces.init().isEmpty()) {
                throw new LaunchException("an init for containers is not installed (apt-get install catatonit)");
            }
            arguments.addAll(List.of(INIT, "--"));
        }
        arguments.addAll(it.command());
        var process = new LinkedHashMap<String, @Nullable Object>();
        process.put("terminal", it.tty());
        process.put("user", user(user));
        process.put("args", arguments);
        process.put("env", environment(it.environment(), user, it.tty()));
        process.put("cwd", it.workingDirectory().isEmpty() ? "/" : it.workingDirectory());
        process.put("capabilities", capabilities(user));
        process.put("noNewPrivileges", spec.walls().noNewPrivileges());
        process.put("rlimits", limits());
        process.put("oomScoreAdj", OUT_OF_MEMORY_SCORE);
        return process;
    }

    static Map<String, @Nullable Object> user(ContainerUser user) {
        return Map.of("uid", user.uid(), "gid", user.gid(), "additionalGids", user.groups());
    }

    private List<String> environment(Map<String, String> given, ContainerUser user, boolean tty) {
        var all = new LinkedHashMap<String, String>();
        all.put("PATH", PATH);
        all.put("HOSTNAME", hostname);
        if (tty) {
            all.put("TERM", "xterm");
        }
        all.put("HOME", user.home());
        all.putAll(given);
        return all.entrySet().stream()
                .map(it -> it.getKey() + "=" + it.getValue())
                .toList();
    }

    private Map<String, @Nullable Object> capabilities(ContainerUser user) throws LaunchException {
        return capabilities(Capabilities.of(spec.walls()), user.uid());
    }

    /** Root has what is granted; others have it behind a set-user-id program only. */
    static Map<String, @Nullable Object> capabilities(List<String> granted, long uid) {
        var own = uid == 0 ? granted : List.of();
        return Map.of("bounding", granted, "effective", own, "permitted", own);
    }

    private List<Object> limits() throws LaunchException {
        var list = new ArrayList<Object>();
        for (var entry : new TreeMap<>(spec.limits().ulimits()).entrySet()) {
            list.add(limit(entry.getKey(), entry.getValue()));
        }
        return list;
    }

    private static Map<String, Object> limit(String name, Ulimit limit) throws LaunchException {
        long most = Ulimits.hard(name);
        long hard = Ulimits.least(limit.hard(), most);
        return Map.of(
                "type",
                Ulimits.constant(name),
                "hard",
                unsigned(hard),
                "soft",
                unsigned(Ulimits.least(limit.soft(), hard)));
    }

    private static Object unsigned(long number) {
        return new BigInteger(Long.toUnsignedString(number));
    }

    private List<Object> mounts(Map<String, @Nullable Object> template) throws LaunchException {
        var mounts = new ArrayList<Object>();
        if (template.get("mounts") instanceof List<?> usual) {
            mounts.addAll(usual);
        }
        int shared = spec.limits().sharedMemoryMib();
        mounts.add(mount(
                "/dev/shm",
                "tmpfs",
                "shm",
                List.of("nosuid", "noexec", "nodev", "mode=1777", "size=" + mib(shared, DEFAULT_SHARED_MEMORY_MIB))));
        for (var name : List.of("hosts", "hostname", "resolv.conf")) {
            mounts.add(bind(
                    folder.pod().etc().resolve(name),
                    "/etc/" + name,
                    spec.walls().readOnlyRoot()));
        }
        var given = new ArrayList<>(spec.mounts());
        given.sort(
                Comparator.comparingInt(it -> Path.of(it.target()).normalize().getNameCount()));
        for (var mount : given) {
            mounts.add(mount(mount));
        }
        if (spec.process().init()) {
            mounts.add(bind(Path.of(namespaces.init()), INIT, true));
        }
        return mounts;
    }

    private Map<String, Object> mount(Mount mount) throws LaunchException {
        var target = Path.of(mount.target()).normalize();
        if (!target.isAbsolute() || target.getNameCount() == 0) {
            throw new LaunchException("invalid mount path: '" + mount.target() + "' mount path must be absolute");
        }
        return switch (mount) {
            case Mount.Bind(Path source, String _, boolean readOnly) -> bind(source, target.toString(), readOnly);
            case Mount.Volume(String name, String _, boolean readOnly) ->
                bind(folder.pod().volume(name), target.toString(), readOnly);
            case Mount.Foreign(long _, String _, String _, boolean readOnly) ->
                bind(folder.foreign(spec.mounts().indexOf(mount)), target.toString(), readOnly);
            case Mount.Memory(String _, int sizeMib, List<String> options) ->
                memory(target.toString(), sizeMib, options);
            case Mount.Text _ -> bind(folder.text(spec.mounts().indexOf(mount)), target.toString(), true);
        };
    }

    private static Map<String, Object> memory(String target, int sizeMib, List<String> options) {
        var all = new ArrayList<>(List.of("nosuid", "nodev"));
        all.addAll(options.stream()
                .filter(it -> !it.equals("suid") && !it.equals("dev"))
                .toList());
        if (sizeMib > 0) {
            all.add("size=" + mib(sizeMib, sizeMib));
        }
        return mount(target, "tmpfs", "tmpfs", all);
    }

    private static String mib(int given, int otherwise) {
        return (given > 0 ? given : otherwise) * 1024L + "k";
    }

    private static Map<String, Object> bind(Path source, String target, boolean readOnly) {
        return mount(target, "bind", source.toString(), List.of("rbind", "rprivate", "nodev", readOnly ? "ro" : "rw"));
    }

    private static Map<String, Object> mount(String target, String type, String source, List<String> options) {
        return Map.of("destination", target, "type", type, "source", source, "options", options);
    }

    private List<Object> namespaces() {
        var list = new ArrayList<Object>();
        for (var own : List.of("mount", "ipc", "uts", "cgroup")) {
            list.add(Map.of("type", own));
        }
        list.add(
                namespaces.processes().isEmpty()
                        ? Map.of("type", "pid")
                        : Map.of("type", "pid", "path", namespaces.processes()));
        list.add(Map.of("type", "network", "path", namespaces.network()));
        return list;
    }

    private Map<String, String> sysctls() throws LaunchException {
        for (var name : spec.walls().sysctls().keySet()) {
            boolean network = name.startsWith("net.") && !namespaces.joined();
            boolean messages =
                    name.matches("kernel\\.(sem|msg(max|mnb|mni)|shm(all|max|mni|_rmid_forced))|fs\\.mqueue\\..+");
            if (!network && !messages) {
                throw new LaunchException(
                        "sysctl \"" + name + "\" is not allowed: it is not of the container's own namespaces");
            }
        }
        return spec.walls().sysctls();
    }

    private Map<String, @Nullable Object> seccomp(Map<String, @Nullable Object> template) {
        var rules = new ArrayList<Object>();
        rules.add(Map.of("action", "SCMP_ACT_ERRNO", "errnoRet", NOT_PERMITTED, "names", denied(template)));
        rules.add(Map.of(
                "action",
                "SCMP_ACT_ERRNO",
                "errnoRet",
                NOT_PERMITTED,
                "names",
                List.of("clone"),
                "args",
                List.of(Map.of(
                        "index",
                        0,
                        "value",
                        NEW_USER_NAMESPACE,
                        "valueTwo",
                        NEW_USER_NAMESPACE,
                        "op",
                        "SCMP_CMP_MASKED_EQ"))));
        rules.add(Map.of("action", "SCMP_ACT_ERRNO", "errnoRet", NO_SUCH_CALL, "names", List.of("clone3")));
        for (long family : List.of(AF_ALG, AF_VSOCK)) {
            rules.add(Map.of(
                    "action",
                    "SCMP_ACT_ERRNO",
                    "errnoRet",
                    NOT_PERMITTED,
                    "names",
                    List.of("socket"),
                    "args",
                    List.of(Map.of("index", 0, "value", family, "op", "SCMP_CMP_EQ"))));
        }
        return Map.of("defaultAction", "SCMP_ACT_ALLOW", "syscalls", rules);
    }

    private static List<?> denied(Map<String, @Nullable Object> template) {
        return template.get("denied") instanceof List<?> list ? list : List.of();
    }
}
