package dev.haneul.engines.machine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.engines.machine.UserData.Kind;
import dev.haneul.engines.work.Tools;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** User data as people write it, and as nobody should. */
final class UserDataTest {
    private static final String ARCHIVE = """
            Content-Type: multipart/mixed; boundary="=====b=="
            MIME-Version: 1.0

            --=====b==
            Content-Type: text/cloud-config; charset="us-ascii"
            MIME-Version: 1.0
            Content-Transfer-Encoding: 7bit
            Content-Disposition: attachment; filename="one.yaml"

            #cloud-config
            packages: [nginx]

            --=====b==
            Content-Type: text/x-shellscript; charset="us-ascii"
            Content-Transfer-Encoding: base64
            Content-Disposition: attachment; filename="two.sh"

            %s
            --=====b==--
            """;

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new GZIPOutputStream(out)) {
            zip.write(plain);
        }
        return out.toByteArray();
    }

    @Test
    void whatItIsShowsInItsFirstLine() {
        assertThat(UserData.parse(bytes("#!/bin/bash\necho a\n")).parts())
                .containsExactly(new UserData.Part(Kind.SCRIPT, "part-001", "#!/bin/bash\necho a\n"));
        assertThat(UserData.parse(bytes("#cloud-config\npackages: [a]\n")).of(Kind.CLOUD_CONFIG))
                .hasSize(1);
        assertThat(UserData.parse(bytes("hello")).warnings()).first().asString().contains("Unhandled non-multipart");
        assertThat(UserData.parse(new byte[0])).isEqualTo(new UserData(List.of(), List.of()));
    }

    @Test
    void archivesAreTakenApart() throws Exception {
        var script = "#!/bin/sh\necho two\n";
        var archive = ARCHIVE.formatted(Base64.getMimeEncoder().encodeToString(bytes(script)));
        for (var form : List.of(
                bytes(archive),
                gzip(bytes(archive)),
                bytes(archive.replace("\n", "\r\n")),
                Base64.getEncoder().encode(bytes(archive)))) {
            var data = UserData.parse(form);
            assertThat(data.warnings()).isEmpty();
            assertThat(data.parts()).extracting(UserData.Part::name).containsExactly("one.yaml", "two.sh");
            assertThat(data.of(Kind.SCRIPT))
                    .first()
                    .extracting(UserData.Part::content)
                    .isEqualTo(script);
            assertThat(CloudConfig.of(data.of(Kind.CLOUD_CONFIG)).list("packages"))
                    .containsExactly("nginx");
        }
    }

    @Test
    void brokenConfigurationIsAWarning() {
        var config = CloudConfig.of(List.of(
                new UserData.Part(Kind.CLOUD_CONFIG, "a", "#cloud-config\na: [\n"),
                new UserData.Part(Kind.CLOUD_CONFIG, "b", "#cloud-config\n- list\n"),
                new UserData.Part(
                        Kind.CLOUD_CONFIG, "c", "#cloud-config\nfoo: 1\nruncmd: [[echo, it's], 'ls | wc']\n")));
        assertThat(config.warnings()).hasSize(3);
        assertThat(config.commands("runcmd")).containsExactly("'echo' 'it'\\''s'", "ls | wc");
    }

    @Property(tries = 300, seed = "2026")
    void nothingBreaksTheParser(@ForAll @Size(max = 200) byte[] anything) {
        UserData.parse(anything);
        UserData.parse(bytes("Content-Type: multipart/mixed; boundary=b\n\n--b\n"
                + new String(anything, StandardCharsets.ISO_8859_1)));
    }

    @Test
    void whateverIsConfiguredTheScriptsAreScripts(@TempDir Path temp) throws Exception {
        var config = """
                #cloud-config
                hostname: web-1
                package_update: true
                packages: [nginx, [curl, 7.88.1]]
                groups: [ops, {devs: [carol]}]
                users:
                  - default
                  - {name: carol, gecos: "Carol O'Neil", groups: "ops, devs", sudo: "ALL=(ALL) ALL", ssh_authorized_keys: [ssh-ed25519 AAA c]}
                ssh_authorized_keys: ["ssh-rsa AAAB it's"]
                write_files:
                  - {path: /etc/a b, content: "it's $HOME `x`\\n", permissions: '0600', owner: root:ops}
                  - {path: /etc/z, content: SGk=, encoding: b64, append: true, defer: true}
                bootcmd: ["echo boot"]
                runcmd: [[touch, "/tmp/a b"], "echo 'x' | cat"]
                mounts: [[/dev/xvdf, /data, ext4]]
                timezone: Europe/Berlin
                power_state: {mode: reboot}
                """;
        var folder = new MachineFolder(temp.resolve("m"));
        folder.make();
        var boot = new FirstBoot(
                Lab.spec(MachineWay.CONTAINER, "i-1", List.of(), Lab.seed("i-1", "ssh-ed25519 AAAC key", config)),
                "admin");
        boot.write(folder);

        assertThat(boot.hostname()).isEqualTo("web-1");
        for (var script : List.of("early", "final")) {
            var check = Tools.execute(
                    List.of("sh", "-n", folder.host().resolve(script).toString()),
                    Map.of(),
                    Duration.ofSeconds(10),
                    it -> {});
            assertThat(check.output()).isEmpty();
            assertThat(check.code()).isZero();
        }
        assertThat(Files.readString(folder.host().resolve("early")))
                .contains("key 'admin' 'ssh-rsa AAAB it'\\''s'")
                .contains("sudo_for 'carol' 'ALL=(ALL) ALL'")
                .contains("put '/etc/a b' '" + Base64.getEncoder().encodeToString(bytes("it's $HOME `x`\n"))
                        + "' '0600' 'root:ops'")
                .doesNotContain("/etc/z");
        assertThat(Files.readString(folder.host().resolve("final")))
                .contains("install -- 'nginx' 'curl=7.88.1'")
                .contains("/etc/z")
                .contains("the cloud-config key power_state is not carried out here");
    }
}
