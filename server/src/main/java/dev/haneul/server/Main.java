package dev.haneul.server;

import dev.haneul.fabric.linux.ThreadTurns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The command line behind the {@code haneul} launcher script. Exit code 0 for success, 1 for failure, 2 for usage. */
@Command(name = "haneul", mixinStandardHelpOptions = true, description = "An AWS compute region on your own machine.")
public final class Main {
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(30);
    /** Ending hundreds of containers and servers takes what it takes. */
    private static final int RESET_MILLIS = 600_000;
    /**
     * The JVM's own. What they make faster is for later; an invocation that waits for one of many short steps is now.
     */
    private static final List<String> COMPILERS = List.of("C1 CompilerThre", "C2 CompilerThre");

    @Spec
    @Nullable
    CommandSpec spec;

    public static void main(String[] args) {
        System.exit(run(args));
    }

    static int run(String... args) {
        Logs.configure();
        ServeArguments plain = ServeArguments.of(List.of(args)).orElse(null);
        if (plain != null) {
            try {
                return serve(plain.settings(runtimes()), plain.readyFile());
            } catch (StartFailure | IOException failure) {
                System.err.println("haneul: " + failure.getMessage());
                return 1;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return 1;
            }
        }
        CommandLine line = new CommandLine(new Main());
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            if (failure instanceof StartFailure || failure instanceof IOException) {
                System.err.println("haneul: " + failure.getMessage());
                return 1;
            }
            throw failure;
        });
        return line.execute(args);
    }

    /** The options that name a region on this machine. */
    static final class Where {
        @Option(names = "--port", defaultValue = "4566", description = "the region's port (default ${DEFAULT-VALUE})")
        int port;

        @Option(names = "--data", required = true, description = "the region's data folder")
        Path data = Path.of(".");

        Optional<RunningFile> running() throws IOException {
            return RunningFile.read(data);
        }

        RunningFile mustRun() throws IOException {
            return running().orElseThrow(() -> new StartFailure("no region runs on " + data + "; start it: haneul up"));
        }
    }

    @Command(name = "serve", hidden = true, description = "Run the region in this process.")
    int serve(
            @CommandLine.Mixin Where where,
            @Option(names = "--bind", defaultValue = "127.0.0.1") String bind,
            @Option(names = "--ephemeral") boolean ephemeral,
            @Option(names = "--engine", defaultValue = "auto") String engine,
            @Option(names = "--exact-runtimes") boolean exactRuntimes,
            @Option(names = "--iam", defaultValue = "on") String iam,
            @Option(names = "--scale", defaultValue = "1:1") String scale,
            @Option(names = "--machines", defaultValue = "container") String machines,
            @Option(names = "--ready-file") @Nullable Path readyFile)
            throws IOException, InterruptedException {
        if (!iam.equals("on") && !iam.equals("off")) {
            throw new StartFailure("--iam is on or off, not " + iam);
        }
        Settings settings = new Settings(
                where.port,
                bind,
                where.data,
                ephemeral,
                runtimes(),
                engine,
                exactRuntimes,
                iam.equals("on"),
                Settings.scale(scale),
                Settings.virtual(machines));
        return serve(settings, readyFile);
    }

    private static int serve(Settings settings, @Nullable Path readyFile) throws IOException, InterruptedException {
        CountDownLatch stopped = new CountDownLatch(1);
        Region region = Region.start(settings, stopped::countDown);
        Runtime.getRuntime().addShutdownHook(new Thread(region::close, "haneul-stop"));
        ThreadTurns.lengthen(COMPILERS);
        String text = Welcome.text(region);
        if (readyFile == null) {
            System.out.print(text);
            System.out.flush();
        } else {
            Path draft = readyFile.resolveSibling(readyFile.getFileName() + ".new");
            Files.writeString(draft, text);
            Files.move(draft, readyFile);
        }
        stopped.await();
        region.close();
        return 0;
    }

    @Command(name = "train", hidden = true, description = "Start, serve a few calls, stop: fills the AOT cache.")
    int train() throws IOException {
        Training.run(runtimes(), runtimes().resolveSibling("natives"));
        return 0;
    }

    @Command(name = "unsign", hidden = true, description = "Take the signatures off the jars of a folder.")
    int unsign(@Parameters(paramLabel = "FOLDER") Path folder) throws IOException {
        SignedJars.strip(folder);
        return 0;
    }

    @Command(name = "coverage", hidden = true, description = "Print docs/coverage.md as the code has it.")
    int coverage() throws IOException {
        System.out.print(Training.coverage(runtimes()));
        return 0;
    }

    @Command(name = "down", description = "Stop the region.")
    int down(@CommandLine.Mixin Where where) throws IOException, InterruptedException {
        Optional<RunningFile> running = where.running();
        if (running.isEmpty()) {
            System.out.println("No region runs on " + where.data + ".");
            return 0;
        }
        new ControlClient(running.get()).ask("POST", "stop");
        Optional<ProcessHandle> process = ProcessHandle.of(running.get().pid());
        if (process.isPresent() && !ended(process.get())) {
            throw new StartFailure("the region (pid " + running.get().pid() + ") did not stop within "
                    + STOP_PATIENCE.toSeconds() + " s; see " + where.data.resolve("server.log"));
        }
        System.out.println("Stopped. The state stays in " + where.data + ".");
        return 0;
    }

    private static boolean ended(ProcessHandle process) throws InterruptedException {
        CountDownLatch gone = new CountDownLatch(1);
        process.onExit().thenRun(gone::countDown);
        return gone.await(STOP_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Command(name = "status", description = "What runs, on which engine, and why.")
    int status(@CommandLine.Mixin Where where) throws IOException {
        Optional<RunningFile> running = where.running();
        if (running.isEmpty()) {
            System.out.println("No region runs on " + where.data + ".");
            return 1;
        }
        System.out.print(new ControlClient(running.get()).ask("GET", "status"));
        return 0;
    }

    @Command(name = "env", description = "The export lines for your shell.")
    int env(@CommandLine.Mixin Where where) throws IOException {
        RunningFile running = where.mustRun();
        System.out.print(Welcome.exports(running.endpoint(), running.accessKeyId(), running.secretKey()));
        return 0;
    }

    @Command(name = "reset", description = "Empty the region, or one account of it.")
    int reset(
            @CommandLine.Mixin Where where,
            @Parameters(arity = "0..1", paramLabel = "ACCOUNT", description = "12 digits") @Nullable String account)
            throws IOException {
        if (account != null && !account.matches("\\d{12}")) {
            throw new StartFailure("an account is 12 digits, not " + account);
        }
        new ControlClient(where.mustRun()).ask("POST", "reset" + (account == null ? "" : "?" + account), RESET_MILLIS);
        System.out.println(account == null ? "The region is empty." : "Account " + account + " is empty.");
        return 0;
    }

    @Command(name = "ssh", description = "Print the ssh command for an instance.")
    int ssh(
            @CommandLine.Mixin Where where,
            @Parameters(paramLabel = "INSTANCE_ID", description = "i-…") String instance)
            throws IOException {
        if (!instance.matches("i-[0-9a-f]+")) {
            throw new StartFailure("an instance is called i-…, not " + instance);
        }
        System.out.print(new ControlClient(where.mustRun()).ask("GET", "ssh?" + instance));
        return 0;
    }

    @Command(name = "exec", description = "Run a command in a container of a task.")
    int exec(
            @CommandLine.Mixin Where where,
            @Parameters(arity = "3..*", paramLabel = "TASK CONTAINER COMMAND", description = "and its arguments")
                    List<String> words)
            throws IOException {
        String answer = new ControlClient(where.mustRun()).ask("POST", "exec?" + PlainExec.words(words));
        int line = answer.indexOf('\n');
        System.out.print(answer.substring(line + 1));
        return Integer.parseInt(answer.substring(0, line));
    }

    @Command(name = "interrupt", description = "Interrupt a task on Fargate Spot: it is warned, and has two minutes.")
    int interrupt(
            @CommandLine.Mixin Where where,
            @Parameters(paramLabel = "TASK", description = "its id or its ARN") String task)
            throws IOException {
        String id = task.substring(task.lastIndexOf('/') + 1);
        if (!id.matches("[0-9a-f]+")) {
            throw new StartFailure("a task is told by its id or its ARN, not by " + task);
        }
        System.out.print(new ControlClient(where.mustRun()).ask("POST", "interrupt?" + id));
        return 0;
    }

    @Command(name = "clock", description = "The region's time; 'advance 2h' moves it on, and every timer with it.")
    int clock(
            @CommandLine.Mixin Where where,
            @Parameters(arity = "0..2", paramLabel = "advance DURATION", description = "90s, 2m, 1h30m, 7d") @Nullable
                    List<String> words)
            throws IOException {
        ControlClient region = new ControlClient(where.mustRun());
        List<String> given = words == null ? List.of() : words;
        if (given.isEmpty()) {
            System.out.print(region.ask("GET", "clock"));
            return 0;
        }
        if (given.size() != 2
                || !given.getFirst().equals("advance")
                || !given.getLast().matches("[0-9A-Za-z]+")) {
            throw new StartFailure("usage: haneul clock [advance DURATION], for example: haneul clock advance 2h");
        }
        System.out.print(region.ask("POST", "clock?" + given.getLast()));
        return 0;
    }

    private static Path runtimes() {
        String home = System.getProperty("haneul.home", ".");
        return Path.of(home, "server", "target", "dist", "runtimes");
    }
}
