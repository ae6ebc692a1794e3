package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.FunctionCode;
import dev.haneul.services.lambda.LambdaTables.InvocationFact;
import dev.haneul.services.lambda.OciFiles.File;
import dev.haneul.services.lambda.TestRegion.Parts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Environments made of container images are taken over by the next server, as those of packages are. */
class AdoptedImagesTest {
    private static final String URI = "000000000000.dkr.ecr.us-east-1.amazonaws.com/team/counting:v1";

    /** Of this run alone, so that its processes are found. */
    private final String name = "counting-" + UUID.randomUUID();

    private TempFolder folder;
    private TestRegion region;

    @BeforeEach
    void open() throws Exception {
        folder = new TempFolder();
        region = new TestRegion(Parts.of(folder.path()));
        assumeTrue(region.engineName().equals("sandbox"), "images need a root of their own");
        write(Files.createDirectories(region.data.folder("lambda").resolve("images/team/counting")));
        region.create(new CreateFunctionRequest()
                .functionName(name)
                .packageType("Image")
                .role(Neighbours.Sts.ROLE)
                .code(new FunctionCode().imageUri(URI))
                .timeout(30));
    }

    @AfterEach
    void close() throws IOException {
        region.close();
        folder.close();
    }

    private static void write(Path layout) throws Exception {
        List<File> files = new ArrayList<>();
        for (Path file : ImageFunctionsTest.shell()) {
            files.add(File.program(file.toString().substring(1), Files.readAllBytes(file)));
        }
        try (InputStream in = AdoptedImagesTest.class.getResourceAsStream("counting.sh")) {
            files.add(File.program("var/task/bootstrap", in.readAllBytes()));
        }
        OciFiles.write(layout, "v1", "{\"Entrypoint\":[\"/var/task/bootstrap\"]}", List.of(OciFiles.layer(files)));
    }

    /** The server goes as if it were killed, and another one comes. */
    private void again() throws IOException {
        Neighbours.Logs logs = region.logs;
        region.abandon();
        region = new TestRegion(Parts.of(folder.path()), logs);
    }

    private String invoke(String event) {
        return TestRegion.text(region.invoke(name, event));
    }

    /** Invokes the function on behalf of a caller whom the server's end takes along. */
    private void begin(String event) throws InterruptedException {
        TestRegion from = region;
        Thread.ofVirtual().start(() -> from.invoke(name, event));
        await("the beginning", () -> log().contains("call 1 step 1\n"));
    }

    private List<String> log() {
        return region.logs.messages("/aws/lambda/" + name);
    }

    private long lines(String start) {
        return log().stream().filter(line -> line.startsWith(start)).count();
    }

    private boolean isOurs(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/environ"), StandardCharsets.ISO_8859_1)
                    .contains("AWS_LAMBDA_FUNCTION_NAME=" + name);
        } catch (IOException e) {
            return false; // ended
        }
    }

    private void await(String what, BooleanSupplier seen) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!seen.getAsBoolean()) {
            assertThat(System.nanoTime())
                    .as(what + ": " + log() + region.lambda.status())
                    .isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    @Test
    void warmEnvironmentsStayWarm() throws Exception {
        assertThat(invoke("0")).isEqualTo("1");
        for (int round = 2; round <= 4; round++) {
            again();
            await("idle", () -> region.lambda.status().contains("environments: 1 idle, 0 in use"));
            assertThat(invoke("0")).isEqualTo(Integer.toString(round));
        }
        await("the last report", () -> lines("REPORT") == 4);
        assertThat(log())
                .filteredOn(line -> line.endsWith("begun\n"))
                .containsExactly("call 1 begun\n", "call 2 begun\n", "call 3 begun\n", "call 4 begun\n");
        assertThat(region.facts(name)).last().extracting(InvocationFact::start).isEqualTo("warm");
    }

    @Test
    void anInvocationUnderWayIsFinishedByItsEnvironment() throws Exception {
        begin("15");
        again();
        await("the report", () -> lines("REPORT") == 1);
        await("the fact", () -> region.facts(name).size() == 1);
        assertThat(region.facts(name)).extracting(InvocationFact::outcome).containsExactly("success");
        for (int step = 0; step < 15; step++) {
            assertThat(log()).contains("call 1 step " + step + "\n");
        }
        for (String once : List.of("START", "END", "REPORT", "call 1 done")) {
            assertThat(lines(once)).as(once).isEqualTo(1);
        }
        assertThat(invoke("0")).isEqualTo("2");
    }

    @Test
    void whatEndedMeanwhileHasItsWholeLogAndIsAccounted() throws Exception {
        begin("\"exit\"");
        Neighbours.Logs logs = region.logs;
        region.abandon();
        await("its end", () -> ProcessHandle.allProcesses().noneMatch(this::isOurs));
        region = new TestRegion(Parts.of(folder.path()), logs);
        await("the report", () -> lines("REPORT") == 1);
        await("the fact", () -> region.facts(name).size() == 1);
        assertThat(region.facts(name))
                .extracting(InvocationFact::outcome, InvocationFact::type)
                .containsExactly(tuple("exit", "RequestResponse"));
        assertThat(log())
                .contains("call 1 step 9\n", "last words\n")
                .anyMatch(line -> line.contains("Runtime exited with error: exit status 3"))
                .last()
                .asString()
                .startsWith("REPORT");
        assertThat(region.workloads()).isEmpty();
    }
}
