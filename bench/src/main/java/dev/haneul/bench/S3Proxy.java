package dev.haneul.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * S3Proxy over a folder: a peer to be measured beside. It does not wait for the disk when it answers a PUT, and does not
 * encrypt; both favour it.
 *
 * @see <a href="https://github.com/gaul/s3proxy">S3Proxy</a>
 */
final class S3Proxy {
    private S3Proxy() {}

    static Peer start() throws IOException, InterruptedException {
        return new Peer("S3Proxy", List.of("s3proxy"), (folder, port) -> {
            Path settings = folder.resolve("s3proxy.conf");
            Files.writeString(settings, """
                s3proxy.authorization=aws-v2-or-v4
                s3proxy.identity=test
                s3proxy.credential=test
                s3proxy.endpoint=http://127.0.0.1:%d
                jclouds.provider=filesystem-nio2
                jclouds.filesystem.basedir=%s
                jclouds.identity=x
                jclouds.credential=x
                """.formatted(port, Files.createDirectories(folder.resolve("data"))));
            return List.of("org.gaul.s3proxy.Main", "--properties", settings.toString());
        });
    }
}
