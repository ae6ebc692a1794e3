package dev.haneul.server;

import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What the launcher's commands ask of a running region, under {@code /_haneul/} (no bucket name can begin with an
 * underscore). {@code health} is open; the rest wants the token that only the data folder's owner can read.
 */
final class ControlPlane implements DataPlane {
    private static final String ROOT = "/_haneul/";
    private final String token;
    private final Supplier<String> status;
    private final Consumer<@Nullable String> reset;
    private final RegionClock clock;
    private final UnaryOperator<String> ssh;
    private final UnaryOperator<String> exec;
    private final UnaryOperator<String> interrupt;
    private final Runnable stop;

    /**
     * A control page.
     *
     * @param status answers {@code GET status} as plain text
     * @param reset answers {@code POST reset?account}; null empties all accounts
     * @param clock answers {@code GET clock} and {@code POST clock?duration}
     * @param ssh answers {@code GET ssh?instance}
     * @param exec answers {@code POST exec?words}: the task, the container and the command, each in URL-safe base64,
     *     with dots between
     * @param interrupt answers {@code POST interrupt?task}
     * @param stop answers {@code POST stop}; must return at once
     */
    ControlPlane(
            String token,
            Supplier<String> status,
            Consumer<@Nullable String> reset,
            RegionClock clock,
            UnaryOperator<String> ssh,
            UnaryOperator<String> exec,
            UnaryOperator<String> interrupt,
            Runnable stop) {
        this.token = token;
        this.status = status;
        this.reset = reset;
        this.clock = clock;
        this.ssh = ssh;
        this.exec = exec;
        this.interrupt = interrupt;
        this.stop = stop;
    }

    @Override
    public boolean claims(Exchange exchange) {
        return exchange.path().startsWith(ROOT);
    }

    @Override
    public void serve(Exchange exchange) throws IOException {
        String command = exchange.method() + " " + exchange.path().substring(ROOT.length());
        if (command.equals("GET health")) {
            answer(exchange, 200, "ok\n");
            return;
        }
        if (!allowed(exchange.header("x-haneul-token"))) {
            answer(exchange, 403, "The x-haneul-token header does not hold this region's token.\n");
            return;
        }
        switch (command) {
            case "GET status" -> answer(exchange, 200, status.get());
            case "POST stop" -> {
                answer(exchange, 202, "stopping\n");
                stop.run();
            }
            case "POST reset" -> {
                reset.accept(exchange.query().isEmpty() ? null : exchange.query());
                answer(exchange, 200, "empty\n");
            }
            case "GET ssh" -> answer(exchange, 200, ssh.apply(exchange.query()) + "\n");
            case "POST exec" -> answer(exchange, 200, exec.apply(exchange.query()));
            case "GET clock" -> answer(exchange, 200, clock.describe());
            case "POST clock" -> orWhyNot(exchange, clock::advance);
            case "POST interrupt" -> orWhyNot(exchange, task -> interrupt.apply(task) + "\n");
            default -> answer(exchange, 404, "There is no " + command + " here.\n");
        }
    }

    /** What may turn out to make no sense: an IllegalArgumentException says why. */
    @FunctionalInterface
    private interface Command {
        String run(String query) throws IOException;
    }

    private static void orWhyNot(Exchange exchange, Command command) throws IOException {
        String said;
        try {
            said = command.run(exchange.query());
        } catch (IllegalArgumentException e) {
            answer(exchange, 400, e.getMessage() + "\n");
            return;
        }
        answer(exchange, 200, said);
    }

    private boolean allowed(@Nullable String given) {
        return given != null
                && MessageDigest.isEqual(
                        given.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
    }

    private static void answer(Exchange exchange, int code, String text) throws IOException {
        exchange.answer(code, "text/plain; charset=utf-8", text);
    }
}
