package dev.haneul.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.tools.ToolProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.lambda.LambdaClient;
import software.amazon.awssdk.services.lambda.model.InvokeResponse;
import software.amazon.awssdk.services.lambda.model.LogType;

/** Cold and warm invokes of a hello-world in each runtime beside the bare interpreter's own start. */
final class LambdaBench {
    private static final int COLD = 15;
    private static final int WARM = 1000;
    private static final Pattern DURATION = Pattern.compile("\\tDuration: ([\\d.]+) ms");

    private LambdaBench() {}

    /** One runtime: how its hello-world looks and what its bare interpreter is. */
    private record Hello(String runtime, String handler, Map<String, byte[]> files, List<String> bare) {}

    static void run(Report report) throws Exception {
        try (Server server = new Server()) {
            server.up();
            try (LambdaClient lambda = server.lambda();
                    IamClient iam = server.iam()) {
                String role = iam.createRole(r -> r.roleName("bench").assumeRolePolicyDocument("""
                                        {"Version":"2012-10-17","Statement":[{"Effect":"Allow",
                                        "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"""))
                        .role()
                        .arn();
                for (Hello hello : List.of(python(), node(), java(server.data()))) {
                    measure(report, server.endpoint(), lambda, role, hello);
                }
            }
        }
    }

    private static void measure(Report report, java.net.URI endpoint, LambdaClient lambda, String role, Hello hello)
            throws Exception {
        byte[] zip = zip(hello.files());
        Samples bare = Samples.of(2, COLD, () -> Bare.run(hello.bare()));
        Samples cold = new Samples();
        String name = "";
        for (int i = 0; i < COLD + 2; i++) {
            name = "hello-" + hello.runtime().replace('.', '-') + "-" + i;
            create(lambda, role, hello, zip, name);
            long started = System.nanoTime();
            invoke(lambda, name);
            if (i >= 2) {
                cold.add(System.nanoTime() - started);
            }
        }
        String bareName = String.join(" ", hello.bare().subList(0, 1)).replaceAll(".*/", "") + " alone";
        report.row("cold invoke " + hello.runtime(), cold, bareName, bare);
        String warmName = name;
        Samples own = new Samples();
        Samples warm;
        try (LeanInvoke lean = new LeanInvoke(endpoint)) {
            warm = Samples.of(WARM, WARM, () -> lean.call(warmName));
        }
        for (int i = 0; i < 50; i++) {
            own.add(ownNanos(lambda, warmName));
        }
        report.row("warm invoke " + hello.runtime(), warm, "the handler's own duration", own);
    }

    private static void create(LambdaClient lambda, String role, Hello hello, byte[] zip, String name) {
        lambda.createFunction(r -> r.functionName(name)
                .runtime(hello.runtime())
                .handler(hello.handler())
                .role(role)
                .memorySize(1769)
                .code(c -> c.zipFile(SdkBytes.fromByteArray(zip))));
        lambda.waiter().waitUntilFunctionActiveV2(r -> r.functionName(name));
    }

    private static InvokeResponse invoke(LambdaClient lambda, String name) {
        InvokeResponse answer = lambda.invoke(r -> r.functionName(name).payload(SdkBytes.fromUtf8String("{}")));
        if (answer.functionError() != null) {
            throw new IllegalStateException(answer.payload().asUtf8String());
        }
        return answer;
    }

    private static long ownNanos(LambdaClient lambda, String name) {
        String tail = lambda.invoke(
                        r -> r.functionName(name).logType(LogType.TAIL).payload(SdkBytes.fromUtf8String("{}")))
                .logResult();
        Matcher found = DURATION.matcher(new String(Base64.getDecoder().decode(tail), StandardCharsets.UTF_8));
        if (!found.find()) {
            throw new IllegalStateException("no REPORT line in the log tail");
        }
        return Math.round(Double.parseDouble(found.group(1)) * 1e6);
    }

    private static Hello python() throws IOException, InterruptedException {
        String version = output(List.of("/usr/bin/python3", "-c", "import sys;print('%d.%d'%sys.version_info[:2])"));
        byte[] code = "def handler(event, context):\n    return 'hello'\n".getBytes(StandardCharsets.UTF_8);
        return new Hello(
                "python" + version, "app.handler", Map.of("app.py", code), List.of("/usr/bin/python3", "-c", "pass"));
    }

    private static Hello node() throws IOException, InterruptedException {
        String major = output(List.of("node", "-p", "process.versions.node.split('.')[0]"));
        byte[] code = "exports.handler = async () => 'hello';\n".getBytes(StandardCharsets.UTF_8);
        return new Hello(
                "nodejs" + major + ".x", "index.handler", Map.of("index.js", code), List.of("node", "-e", "0"));
    }

    private static Hello java(Path folder) throws IOException {
        Path classes = Files.createDirectories(folder.resolve("hello"));
        Path source = classes.resolve("Hello.java");
        Files.writeString(source, """
                public class Hello {
                    public String handle(Object event) { return "hello"; }
                    public static void main(String[] args) { }
                }
                """);
        int failed = ToolProvider.getSystemJavaCompiler().run(null, null, null, "--release", "25", source.toString());
        if (failed != 0) {
            throw new IOException("the hello-world does not compile");
        }
        byte[] compiled = Files.readAllBytes(source.resolveSibling("Hello.class"));
        List<String> bare =
                List.of(Bare.java(), "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", classes.toString(), "Hello");
        return new Hello("java25", "Hello::handle", Map.of("Hello.class", compiled), bare);
    }

    private static String output(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        process.waitFor();
        return text;
    }

    private static byte[] zip(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
