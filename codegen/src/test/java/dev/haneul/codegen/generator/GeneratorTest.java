package dev.haneul.codegen.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written, what is left alone and what is removed. */
class GeneratorTest {
    private static final FileTime LONG_AGO = FileTime.fromMillis(0);

    @TempDir
    Path folder;

    private Path models;
    private Path out;

    @BeforeEach
    void layOut() throws IOException {
        models = Files.createDirectories(folder.resolve("models"));
        out = folder.resolve("out");
        model("one", "Alpha", "Beta");
        assertThat(generator().run()).isTrue();
    }

    @Test
    void doesNothingWhereNothingChanged() throws IOException {
        assertThat(generator().run()).isFalse();
    }

    @Test
    void rewritesOnlyTheFilesThatChange() throws IOException {
        Path alpha = classFile("one", "Alpha");
        Path api = classFile("one", "OneApi");
        Files.setLastModifiedTime(alpha, LONG_AGO);
        Files.setLastModifiedTime(api, LONG_AGO);
        Path model = models.resolve("one.json");
        Files.writeString(model, Files.readString(model).replace("\"Beta\":", "\"Gamma\":"));
        assertThat(generator().run()).isTrue();
        assertThat(Files.getLastModifiedTime(api)).isEqualTo(LONG_AGO);
        assertThat(classFile("one", "Gamma")).exists();
        assertThat(classFile("one", "Beta")).doesNotExist();
    }

    @Test
    void aPatchIsAnInputToo() throws IOException {
        Files.createDirectories(models.resolve("patches"));
        Files.writeString(models.resolve("patches/one.json"), """
                {"patches": [{"reason": "test", "merge": {"shapes": {"Alpha": {"xml": {"name": "Patched"}}}}}]}""");
        assertThat(generator().run()).isTrue();
        assertThat(Files.readString(classFile("one", "Alpha"), StandardCharsets.ISO_8859_1))
                .contains("Patched");
    }

    @Test
    void aServiceThatIsGoneTakesItsClassesAlong() throws IOException {
        model("two", "Alpha");
        generator().run();
        assertThat(classFile("two", "Alpha")).exists();
        Files.delete(models.resolve("two.json"));
        generator().run();
        assertThat(classFile("two", "Alpha")).doesNotExist();
        assertThat(classFile("one", "Alpha")).exists();
    }

    @Test
    void whatTheCompilerLeftInTheSameFolderStays() throws IOException {
        Path foreign = Files.writeString(out.resolve("dev/haneul/api/one/Foreign.class"), "not ours");
        model("one", "Alpha");
        assertThat(generator().run()).isTrue();
        assertThat(classFile("one", "Beta")).doesNotExist();
        assertThat(foreign).exists();
    }

    @Test
    void aClassThatWasDeletedIsMadeAgain() throws IOException {
        Files.delete(classFile("one", "Beta"));
        assertThat(generator().run()).isTrue();
        assertThat(classFile("one", "Beta")).exists();
    }

    @Test
    void theSameModelGivesTheSameBytes() throws IOException {
        byte[] before = Files.readAllBytes(classFile("one", "OneApi"));
        Files.delete(classFile("one", "OneApi"));
        generator().run();
        assertThat(Files.readAllBytes(classFile("one", "OneApi"))).isEqualTo(before);
    }

    @Test
    void aRunThatFailedIsNotTakenForDone() throws IOException {
        Path model = models.resolve("one.json");
        String good = Files.readString(model);
        Files.writeString(model, "{");
        assertThatThrownBy(() -> generator().run()).isInstanceOf(IOException.class);
        assertThatThrownBy(() -> generator().run()).isInstanceOf(IOException.class);
        assertThat(classFile("one", "Alpha")).exists();
        Files.writeString(model, good.replace("\"Beta\":", "\"Gamma\":"));
        assertThat(generator().run()).isTrue();
        assertThat(classFile("one", "Gamma")).exists();
    }

    private Generator generator() {
        return new Generator(models, out, folder.resolve("stamp"));
    }

    private Path classFile(String id, String type) {
        return out.resolve("dev/haneul/api/" + id + "/" + type + ".class");
    }

    private void model(String id, String... structures) throws IOException {
        StringBuilder shapes = new StringBuilder();
        for (String structure : structures) {
            shapes.append(shapes.isEmpty() ? "" : ",").append('"').append(structure);
            shapes.append("\":{\"kind\":\"structure\",\"members\":{}}");
        }
        String prefix = Names.capitalised(id);
        Files.writeString(models.resolve(id + ".json"), """
                {"origin":"test","service":{"id":"%s","prefix":"%s","sdkId":"T","endpointPrefix":"t","signingName":"t",
                "apiVersion":"1","protocols":["restXml"]},
                "operations":{"Op":{"method":"GET","uri":"/","input":"Alpha","output":"Alpha"}},
                "shapes":{%s}}""".formatted(id, prefix, shapes));
    }
}
