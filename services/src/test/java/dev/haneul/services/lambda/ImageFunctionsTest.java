package dev.haneul.services.lambda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.api.lambda.CreateFunctionRequest;
import dev.haneul.api.lambda.DeleteFunctionRequest;
import dev.haneul.api.lambda.FunctionCode;
import dev.haneul.api.lambda.FunctionConfiguration;
import dev.haneul.api.lambda.GetFunctionRequest;
import dev.haneul.api.lambda.ImageConfig;
import dev.haneul.api.lambda.UpdateFunctionCodeRequest;
import dev.haneul.api.lambda.UpdateFunctionConfigurationRequest;
import dev.haneul.services.lambda.OciFiles.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Functions of container images: a shell and its libraries, copied from the host, make a real one. */
class ImageFunctionsTest {
    private static final String URI = "000000000000.dkr.ecr.us-east-1.amazonaws.com/team/shell:v1";

    /** A custom runtime in plain bash: it answers each event with where and as what it runs. */
    private static final String BOOTSTRAP = """
            #!/bin/bash
            api=$AWS_LAMBDA_RUNTIME_API
            while :; do
                exec 9<>"/dev/tcp/${api%:*}/${api##*:}"
                printf 'GET /2018-06-01/runtime/invocation/next HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\n\\r\\n' >&9
                id=
                while IFS=$'\\r' read -r -u 9 name value; do
                    [[ ${name,,} == lambda-runtime-aws-request-id:* ]] && id=${name#*: }
                done
                exec 9>&-
                echo written > /tmp/mine
                body="{\\"args\\":\\"$*\\",\\"pwd\\":\\"$PWD\\",\\"mark\\":\\"$MARK\\",\\"handler\\":\\"$_HANDLER\\",\\"host\\":\\"$(< /marker)\\"}"
                exec 9<>"/dev/tcp/${api%:*}/${api##*:}"
                printf 'POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\\r\\nHost: x\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%s' \\
                    "$id" "${#body}" "$body" >&9
                while IFS= read -r -u 9 _; do :; done
                exec 9>&-
            done
            """;

    private static TempFolder folder;
    private static TestRegion region;
    private static Path layout;

    @BeforeAll
    static void open() throws Exception {
        folder = new TempFolder();
        region = new TestRegion(folder.path());
        layout = Files.createDirectories(region.data.folder("lambda").resolve("images/team/shell"));
        write(BOOTSTRAP);
    }

    private static String write(String bootstrap) throws Exception {
        List<File> base = new ArrayList<>();
        for (Path file : shell()) {
            base.add(File.program(file.toString().substring(1), Files.readAllBytes(file)));
        }
        base.add(File.of("marker", "inside"));
        List<File> own = List.of(
                File.program("var/task/bootstrap", bootstrap.getBytes(java.nio.charset.StandardCharsets.UTF_8)),
                File.of("srv/x", ""));
        String config = """
                {"Entrypoint":["/var/task/bootstrap"],"Cmd":["app.handler"],"WorkingDir":"/srv","Env":["MARK=image","PATH=/bin"]}""";
        return OciFiles.write(layout, "v1", config, List.of(OciFiles.layer(base), OciFiles.layer(own)));
    }

    /** Bash and the libraries it is linked with. */
    static Set<Path> shell() throws Exception {
        Path bash = Path.of("/bin/bash");
        Set<Path> files = new LinkedHashSet<>(List.of(bash));
        Process ldd = new ProcessBuilder("ldd", bash.toString()).start();
        try (Stream<String> lines = ldd.inputReader().lines()) {
            lines.flatMap(line -> Stream.of(line.trim().split("\\s+")))
                    .filter(word -> word.startsWith("/"))
                    .map(Path::of)
                    .forEach(files::add);
        }
        ldd.waitFor();
        return files;
    }

    @AfterAll
    static void close() throws IOException {
        region.close();
        folder.close();
    }

    private static FunctionConfiguration create(String name, ImageConfig config) {
        return region.create(new CreateFunctionRequest()
                .functionName(name)
                .packageType("Image")
                .role(Neighbours.Sts.ROLE)
                .code(new FunctionCode().imageUri(URI))
                .imageConfig(config)
                .timeout(10));
    }

    @Test
    void anImageRunsAsItSaysAndAsItsFunctionSays() throws Exception {
        assumeTrue(region.engineName().equals("sandbox"), "images need a root of their own");
        FunctionConfiguration made = create("shell", null);
        assertThat(made.packageType()).isEqualTo("Image");
        assertThat(made.codeSha256()).hasSize(64);
        assertThat(made.runtime()).isNull();
        for (int i = 0; i < 2; i++) {
            assertThat(TestRegion.text(region.invoke("shell", "{}")))
                    .isEqualTo(
                            "{\"args\":\"app.handler\",\"pwd\":\"/srv\",\"mark\":\"image\",\"handler\":\"app.handler\","
                                    + "\"host\":\"inside\"}");
        }
        var code = region.lambda
                .getFunction(new GetFunctionRequest().functionName("shell"), region.call())
                .code();
        assertThat(code.repositoryType()).isEqualTo("ECR");
        assertThat(code.resolvedImageUri()).endsWith("/team/shell@sha256:" + made.codeSha256());
        region.lambda.updateFunctionConfiguration(
                new UpdateFunctionConfigurationRequest()
                        .functionName("shell")
                        .imageConfig(new ImageConfig()
                                .command(List.of("other", "words"))
                                .workingDirectory("/var")),
                region.call());
        assertThat(TestRegion.text(region.invoke("shell", "{}")))
                .contains("\"args\":\"other words\"", "\"pwd\":\"/var\"", "\"handler\":\"other\"");

        write(BOOTSTRAP.replace("\\\"host\\\"", "\\\"newer\\\""));
        assertThat(TestRegion.text(region.invoke("shell", "{}"))).contains("\"host\""); // tags are not followed
        FunctionConfiguration updated = region.lambda.updateFunctionCode(
                new UpdateFunctionCodeRequest().functionName("shell").imageUri(URI), region.call());
        assertThat(updated.codeSha256()).isNotEqualTo(made.codeSha256());
        assertThat(TestRegion.text(region.invoke("shell", "{}"))).contains("\"newer\"");
        region.lambda.deleteFunction(new DeleteFunctionRequest().functionName("shell"), region.call());
        write(BOOTSTRAP);
    }

    @Test
    void whatCannotBeStartedIsToldAsAwsDoes() {
        assumeTrue(region.engineName().equals("sandbox"), "images need a root of their own");
        create("wrong", new ImageConfig().entryPoint(List.of("/no/such/program")));
        assertThat(TestRegion.text(region.invoke("wrong", "{}")))
                .contains("Runtime.InvalidEntrypoint", "fork/exec /no/such/program: no such file or directory");
    }

    @Test
    void requestsThatMixTheTwoKindsAreRefused() {
        assertThatThrownBy(() -> region.create(new CreateFunctionRequest()
                        .functionName("mixed")
                        .packageType("Image")
                        .runtime("python3.11")
                        .role(Neighbours.Sts.ROLE)
                        .code(new FunctionCode().imageUri(URI))))
                .hasMessageContaining("PackageType is Image");
        assertThatThrownBy(() -> region.create(new CreateFunctionRequest()
                        .functionName("absent")
                        .packageType("Image")
                        .role(Neighbours.Sts.ROLE)
                        .code(new FunctionCode().imageUri(URI.replace("v1", "v9")))))
                .hasMessageContaining("Source image " + URI.replace("v1", "v9") + " does not exist");
    }
}
