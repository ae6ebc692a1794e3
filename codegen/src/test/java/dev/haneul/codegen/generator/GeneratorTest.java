package dev.haneul.codegen.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
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
        Path alpha = source("one", "Alpha");
        Path api = source("one", "OneApi");
        Files.setLastModifiedTime(alpha, LONG_AGO);
        Files.setLastModifiedTime(api, LONG_AGO);
        Path model = models.resolve("one.json");
        Files.writeString(model, Files.readString(model).replace("\"Beta\":", "\"Gamma\":"));
        assertThat(generator().run()).isTrue();
        assertThat(Files.getLastModifiedTime(api)).isEqualTo(LONG_AGO);
        assertThat(source("one", "Gamma")).exists();
        assertThat(source("one", "Beta")).doesNotExist();
    }

    @Test
    void aPatchIsAnInputToo() throws IOException {
        Files.createDirectories(models.resolve("patches"));
        Files.writeString(models.resolve("patches/one.json"), """
                {"patches": [{"reason": "test", "merge": {"shapes": {"Alpha": {"xml": {"name": "Patched"}}}}}]}""");
        assertThat(generator().run()).isTrue();
        assertThat(source("one", "Alpha")).content().contains(".xml(\"Patched\")");
    }

    @Test
    void aServiceThatIsGoneTakesItsSourcesAlong() throws IOException {
        model("two", "Alpha");
        generator().run();
        assertThat(source("two", "Alpha")).exists();
        Files.delete(models.resolve("two.json"));
        generator().run();
        assertThat(source("two", "Alpha")).doesNotExist();
        assertThat(source("one", "Alpha")).exists();
    }

    @Test
    void aFailedRunIsRepeated() throws IOException {
        Path model = models.resolve("one.json");
        String good = Files.readString(model);
        Files.writeString(model, "{");
        assertThatThrownBy(() -> generator().run()).isInstanceOf(IOException.class);
        Files.writeString(model, good);
        assertThat(generator().run()).isTrue();
    }

    private Generator generator() {
        return new Generator(models, out);
    }

    private Path source(String id, String type) {
        return out.resolve("dev/haneul/api/" + id + "/" + type + ".java");
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
