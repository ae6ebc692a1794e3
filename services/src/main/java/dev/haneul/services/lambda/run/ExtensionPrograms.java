package dev.haneul.services.lambda.run;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * How external extensions are started: by a shell that is the environment's first process. It starts every file in
 * {@code /opt/extensions}, starts the runtime once all of them have registered, tells the Runtime API how each of them
 * ended, and ends when all have. What extensions print goes to standard error, what the runtime prints to standard
 * output. Where no server answers, it asks again for 15 minutes.
 */
final class ExtensionPrograms {
    static final String FOLDER = Launcher.LAYERS + "/extensions";

    /** Bash, for its {@code /dev/tcp}: the words to the Runtime API need no other program. */
    private static final String SHELL = "/bin/bash";

    /** AWS's list of what extensions do not see of a function's variables. */
    private static final String HIDDEN =
            "_HANDLER AWS_EXECUTION_ENV AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_XRAY_CONTEXT_MISSING"
                    + " AWS_XRAY_DAEMON_ADDRESS LAMBDA_RUNTIME_DIR LAMBDA_TASK_ROOT _AWS_XRAY_DAEMON_ADDRESS"
                    + " _AWS_XRAY_DAEMON_PORT";

    private static final String SCRIPT = """
            tell() {
                exec 9<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API%:*}/${AWS_LAMBDA_RUNTIME_API##*:}" || return 1
                printf '%s /haneul/%s HTTP/1.1\\r\\nHost: sandbox\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' \\
                    "$1" "$2" >&9
                local heard=1
                while IFS= read -r -u 9 _; do heard=0; done
                exec 9>&-
                return $heard
            }
            insist() {
                local tries
                for ((tries = 0; tries < 4500; tries++)); do
                    tell "$@" && return 0
                    sleep 0.2
                done
            }
            count=$1
            shift
            for ((index = 0; index < count; index++)); do
                (
                    unset HIDDEN
                    "$1" >&2
                    insist POST "extension/$index/$?"
                ) &
                shift
            done
            insist GET registered
            "$@" 2>&1 &
            runtime=$!
            trap 'kill -TERM $runtime' TERM
            while :; do
                wait $runtime
                code=$?
                kill -0 $runtime 2>/dev/null || break
            done
            trap '' TERM
            insist POST "runtime/$code"
            wait
            exit $code
            """.replace("HIDDEN", HIDDEN);

    private ExtensionPrograms() {}

    /** Their names, in order; empty where a function's layers hold none. */
    static List<String> within(@Nullable Path layers) throws IOException {
        if (layers == null || !Files.isDirectory(layers.resolve("extensions"))) {
            return List.of();
        }
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(layers.resolve("extensions"))) {
            for (Path file : files) {
                if (Files.isRegularFile(file) && names.size() <= Extensions.MOST) {
                    names.add(file.getFileName().toString());
                }
            }
        }
        names.sort(null);
        return names;
    }

    /**
     * The command of an environment with these.
     *
     * @param places where a path is seen inside
     * @param runtime the command without them
     */
    static List<String> command(List<String> names, UnaryOperator<String> places, List<String> runtime) {
        List<String> words =
                new ArrayList<>(List.of(SHELL, "-c", SCRIPT, "extensions", Integer.toString(names.size())));
        for (String name : names) {
            words.add(places.apply(FOLDER + "/" + name));
        }
        words.addAll(runtime);
        return words;
    }
}
