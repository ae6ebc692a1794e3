package dev.haneul.trials.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.trials.Clients;
import dev.haneul.trials.LaunchedRegion;
import dev.haneul.trials.LaunchedRegion.Outcome;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each example answers plain routes, paths and queries with text beyond ASCII, cookies both ways, JSON, a redirect and a
 * picture, and leaves nothing behind. Those that build longest run with {@code -Dhaneul.soak} alone.
 */
class WebExamplesTest {
    private static final List<String> ROUTES = List.of(
            "> GET /\nHTTP/1.1 200", "{\"sum\":42}", "HTTP/1.1 302", "> GET /pixel.png\n584 bytes, the very ones");
    private static final String ECHO = "> POST /echo\n584 bytes, the very ones of pixel.png";
    private static final List<String> CITY = List.of("José 100%", "São Paulo", "dark", "seen=yes", "times=1; Path=/");

    private static LaunchedRegion region;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        region = new LaunchedRegion();
        region.up();
    }

    @AfterAll
    static void stop() throws IOException, InterruptedException {
        region.close();
    }

    @Test
    void expressAlsoAfterAnInterruptedRun() throws Exception {
        needs("npm");
        try (Clients clients = Clients.root(region.endpoint())) {
            clients.iam().createRole(role -> role.roleName("example-express").assumeRolePolicyDocument("""
                            {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                            "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"""));
        }
        assertThat(run("express"))
                .contains("Hello from Express")
                .contains(CITY)
                .contains("x-trail: first, second", ECHO);
    }

    @Test
    void flask() throws Exception {
        needs("python3");
        assertThat(run("flask"))
                .contains(
                        "Hello from Flask",
                        "Jos\\u00e9 100%",
                        "S\\u00e3o Paulo",
                        "\"theme\":\"dark\"",
                        "{\"text\":\"a && b\"}")
                .contains("x-trail: first, second", "Set-Cookie: seen=yes", "Set-Cookie: times=1; Path=/", ECHO);
    }

    @Test
    void fastapi() throws Exception {
        needs("python3");
        assertThat(run("fastapi"))
                .contains("Hello from FastAPI", "\"started\":[\"yes\"]", ECHO)
                .contains(CITY);
    }

    @Test
    @EnabledIfSystemProperty(named = "haneul.soak", matches = "\\d+")
    void nestjs() throws Exception {
        needs("npm");
        assertThat(run("nestjs"))
                .contains(
                        "Hello from NestJS",
                        "안녕하세요, José 100%",
                        "seen=yes",
                        "Set-Cookie: lang=ko",
                        "theme=dark; lang=ko");
    }

    @Test
    @EnabledIfSystemProperty(named = "haneul.soak", matches = "\\d+")
    void spring() throws Exception {
        needs("mvn");
        assertThat(run("spring")).contains("Hello from Spring Cloud Function").contains(CITY);
    }

    @Test
    void whatIsMissingIsOneClearLine(@TempDir Path programs) throws Exception {
        for (String program : List.of("bash", "dirname")) {
            Files.createSymbolicLink(programs.resolve(program), found(program).orElseThrow());
        }
        for (String example : List.of("express", "nestjs", "flask", "fastapi", "spring")) {
            ProcessBuilder builder = new ProcessBuilder("../examples/" + example + "/run").redirectErrorStream(true);
            builder.environment().put("PATH", programs.toString());
            Process process = builder.start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).isNotZero();
            assertThat(text).startsWith("This example needs aws, the AWS CLI").hasLineCount(1);
        }
    }

    /** What the example printed, once it is sure that it went well and that nothing of it is left. */
    private static String run(String example) throws Exception {
        Outcome outcome = region.command("demo", example);
        assertThat(outcome.code()).as(outcome.text()).isZero();
        assertThat(outcome.text()).contains(ROUTES);
        try (Clients clients = Clients.root(region.endpoint())) {
            assertThat(clients.lambda().listFunctions().functions()).isEmpty();
            assertThat(clients.iam().listRoles().roles())
                    .noneMatch(role -> role.roleName().equals("example-" + example));
            assertThat(clients.logs().describeLogGroups().logGroups()).isEmpty();
        }
        return outcome.text();
    }

    /** Leaves the test out where a program is missing, but not where everything must be tested. */
    private static void needs(String program) {
        List<String> all = List.of(program, "aws", "curl", "zip");
        boolean there = all.stream().allMatch(name -> found(name).isPresent());
        assumeTrue(there || "true".equals(System.getenv("CI")), "needs " + all);
    }

    private static Optional<Path> found(String program) {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
