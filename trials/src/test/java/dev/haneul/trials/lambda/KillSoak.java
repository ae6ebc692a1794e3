package dev.haneul.trials.lambda;

import dev.haneul.trials.Clients;
import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.Zips;
import dev.haneul.trials.pipeline.HostRuntimes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.InvocationType;
import software.amazon.awssdk.services.lambda.model.LambdaException;

/**
 * Kills a server many times at any moment of its life while functions start, run and end; what was acknowledged happens
 * all the same, and nothing is left. Runs in slices, for its state lies in the region's folder: {@code FOLDER PORT KILLS}
 * makes so many kills more, {@code FOLDER PORT end} empties the region and says what is left of it.
 */
public final class KillSoak {
    /** Longer than the two pauses, of one minute and of two, before an event whose attempts failed is tried again. */
    private static final Duration PATIENCE = Duration.ofMinutes(4);

    private static final Duration PROMPT = Duration.ofSeconds(30);
    private static final int LONGEST_LIFE_MILLIS = 700;
    private static final int ROUNDS_PER_CHANGE = 4;
    private static final String ROLE = "soaking";

    private static final String FUNCTION = """
            import time
            def handler(event, context):
                print('begun', event['id'])
                time.sleep(0.2)
                print('done', event['id'])
                return event['id']
            """;

    /** Knocks again where nobody answers. */
    private static final String EXTENSION = """
            #!/usr/bin/env python3
            import http.client, json, os, time
            def call(method, path, body=None, **headers):
                while True:
                    try:
                        c = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
                        named = {k.replace('_', '-'): v for k, v in headers.items()}
                        c.request(method, path, body and json.dumps(body), named)
                        r = c.getresponse()
                        return r.headers, r.read().decode()
                    except (OSError, http.client.HTTPException):
                        time.sleep(0.1)
            me = call('POST', '/2020-01-01/extension/register', {'events': ['INVOKE', 'SHUTDOWN']},
                Lambda_Extension_Name='watcher')[0]['Lambda-Extension-Identifier']
            while 'SHUTDOWN' not in call('GET', '/2020-01-01/extension/event/next', Lambda_Extension_Identifier=me)[1]:
                pass
            """;

    private final LaunchedRegion region;
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private int killed;

    private KillSoak(LaunchedRegion region) {
        this.region = region;
    }

    public static void main(String[] arguments) throws Exception {
        KillSoak soak = new KillSoak(new LaunchedRegion(Path.of(arguments[0]), Integer.parseInt(arguments[1])));
        if (arguments[2].equals("end")) {
            soak.end();
        } else {
            soak.slice(Integer.parseInt(arguments[2]));
        }
    }

    private void slice(int kills) throws Exception {
        region.command("down"); // a slice that was cut short left it
        region.up();
        try (Clients clients = Clients.root(region.endpoint())) {
            if (clients.lambda().listFunctions().functions().isEmpty()) {
                deploy(clients);
                System.out.println("at first: " + Census.of(region.data()));
            }
            long begun = System.nanoTime();
            LambdaClient lambda = clients.lambda();
            for (int i = 0; i < kills; i++) {
                round(lambda, i);
            }
            settle(clients, lambda);
            System.out.printf(
                    "%d kills in %d s; %d events acknowledged, all done; then: %s%n",
                    killed,
                    Duration.ofNanos(System.nanoTime() - begun).toSeconds(),
                    acknowledged.size(),
                    Census.of(region.data()));
        }
        region.command("down");
    }

    private void round(LambdaClient lambda, int number) throws Exception {
        String tag = Long.toString(System.nanoTime(), Character.MAX_RADIX);
        int life = ThreadLocalRandom.current().nextInt(LONGEST_LIFE_MILLIS);
        Thread work = Thread.ofVirtual().start(() -> work(lambda, number, tag));
        Thread call = Thread.ofVirtual().start(() -> quietly(() -> call(lambda, "watched", "call-" + tag)));
        Thread.sleep(life);
        region.killHard();
        killed++;
        region.up();
        work.join();
        call.join();
    }

    /** Until the server is gone: events, new environments, functions that come and go. */
    private void work(LambdaClient lambda, int number, String tag) {
        quietly(() -> event(lambda, "plain", "event-" + tag));
        if (number % ROUNDS_PER_CHANGE == 0) {
            quietly(() -> lambda.updateFunctionConfiguration(
                    request -> request.functionName(number % (2 * ROUNDS_PER_CHANGE) == 0 ? "plain" : "watched")
                            .description(tag)));
        }
        quietly(() -> event(lambda, "watched", "seen-" + tag));
        quietly(() -> call(lambda, "plain", "call-" + tag));
    }

    private void event(LambdaClient lambda, String function, String id) {
        lambda.invoke(request -> request.functionName(function)
                .invocationType(InvocationType.EVENT)
                .payload(payload(id)));
        acknowledged.add(id);
    }

    private static void call(LambdaClient lambda, String function, String id) {
        lambda.invoke(request -> request.functionName(function).payload(payload(id)));
    }

    private static SdkBytes payload(String id) {
        return SdkBytes.fromUtf8String("{\"id\":\"" + id + "\"}");
    }

    /** A server that is killed answers nobody. */
    private static void quietly(Runnable work) {
        try {
            work.run();
        } catch (LambdaException e) {
            if (e.statusCode() >= 500) {
                System.out.println(e.getMessage());
            }
        } catch (SdkException | UncheckedIOException e) {
            return; // it was killed
        }
    }

    /**
     * Waits until the logs tell of every acknowledged event that it was done, and both functions answer. One that they do
     * not tell of was lost, or its line was: then it is among the functions' Invocations all the same.
     */
    private void settle(Clients clients, LambdaClient lambda) throws Exception {
        long begun = System.nanoTime();
        boolean told = false;
        Set<String> missing = ConcurrentHashMap.newKeySet();
        missing.addAll(acknowledged);
        while (!missing.isEmpty()) {
            for (String function : Set.of("plain", "watched")) {
                clients.logs()
                        .filterLogEventsPaginator(request ->
                                request.logGroupName("/aws/lambda/" + function).filterPattern("done"))
                        .events()
                        .forEach(event -> missing.remove(
                                event.message().replace("done ", "").strip()));
            }
            long waited = System.nanoTime() - begun;
            if (waited > PATIENCE.toNanos()) {
                throw new AssertionError("acknowledged, and no log tells that they were done: " + missing);
            }
            if (!told && !missing.isEmpty() && waited > PROMPT.toNanos()) {
                System.out.println("not done after " + PROMPT.toSeconds() + " s: " + missing);
                told = true;
            }
            Thread.sleep(200);
        }
        if (told) {
            System.out.println(
                    "done after " + Duration.ofNanos(System.nanoTime() - begun).toSeconds() + " s");
        }
        call(lambda, "plain", "last");
        call(lambda, "watched", "last");
        Thread.sleep(2_000);
    }

    private static void deploy(Clients clients) throws IOException {
        String role = clients.iam()
                .createRole(request -> request.roleName(ROLE).assumeRolePolicyDocument("""
                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                        "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"""))
                .role()
                .arn();
        clients.iam()
                .attachRolePolicy(request -> request.roleName(ROLE)
                        .policyArn("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"));
        LambdaClient lambda = clients.lambda();
        String layer = lambda.publishLayerVersion(request -> request.layerName("watching")
                        .content(content -> content.zipFile(Zips.executable("extensions/watcher", EXTENSION))))
                .layerVersionArn();
        for (Map.Entry<String, String[]> each :
                new TreeMap<>(Map.of("plain", new String[0], "watched", new String[] {layer})).entrySet()) {
            lambda.createFunction(request -> request.functionName(each.getKey())
                    .runtime(HostRuntimes.python())
                    .handler("app.handler")
                    .role(role)
                    .timeout(20)
                    .layers(each.getValue())
                    .code(code -> code.zipFile(Zips.of("app.py", FUNCTION))));
            lambda.waiter().waitUntilFunctionActiveV2(request -> request.functionName(each.getKey()));
            call(lambda, each.getKey(), "first");
        }
    }

    private void end() throws Exception {
        region.up();
        region.command("reset");
        region.command("down");
        System.out.println("in the end: " + Census.of(region.data()));
        try (var left = Files.walk(region.data())) {
            System.out.println(left.filter(Files::isRegularFile).count() + " files in its folder");
        }
    }
}
