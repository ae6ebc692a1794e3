package dev.haneul.codegen.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.codegen.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImporterTest {
    private static final String MODEL = """
            {"metadata": {"apiVersion": "2020-01-01", "endpointPrefix": "tiny", "protocol": "rest-json",
              "serviceId": "Tiny Thing", "signingName": "tinysign"},
             "operations": {
              "B": {"name": "B", "http": {"method": "GET", "requestUri": "/b"}},
              "A": {"name": "A", "http": {"method": "GET", "requestUri": "/a"}, "documentation": "<p>prose</p>"}},
             "shapes": {"Z": {"type": "string", "documentation": "prose"}, "Y": {"type": "long"}}}
            """;

    @TempDir
    Path folder;

    private Path c2j;
    private Path models;

    @BeforeEach
    void layOut() throws IOException {
        c2j = folder.resolve("release/data");
        models = folder.resolve("models");
        Files.createDirectories(c2j);
    }

    @Test
    void writesOneLinePerOperationAndShapeSortedWithoutProse() throws IOException {
        put("tiny-thing/2020-01-01/service-2.json", MODEL);
        run("tiny-thing");
        assertThat(models.resolve("tinything.json")).hasContent("""
                {
                "origin":"data tiny-thing/2020-01-01/service-2.json",
                "service":{
                "id":"tinything",
                "prefix":"TinyThing",
                "sdkId":"Tiny Thing",
                "endpointPrefix":"tiny",
                "signingName":"tinysign",
                "apiVersion":"2020-01-01",
                "protocols":["restJson1"]
                },
                "operations":{
                "A":{"method":"GET","uri":"/a","input":"ARequest","output":"AResponse"},
                "B":{"method":"GET","uri":"/b","input":"BRequest","output":"BResponse"}
                },
                "shapes":{
                "ARequest":{"kind":"structure","synthetic":true,"members":{}},
                "AResponse":{"kind":"structure","synthetic":true,"members":{}},
                "BRequest":{"kind":"structure","synthetic":true,"members":{}},
                "BResponse":{"kind":"structure","synthetic":true,"members":{}},
                "Y":{"kind":"long"},
                "Z":{"kind":"string"}
                }
                }
                """);
    }

    @Test
    void importingTwiceGivesTheSameBytes() throws IOException {
        put("tiny/2020-01-01/service-2.json", MODEL);
        run("tiny");
        byte[] first = Files.readAllBytes(models.resolve("tiny.json"));
        run("tiny");
        assertThat(models.resolve("tiny.json")).hasBinaryContent(first);
    }

    @Test
    void takesTheNewestVersionGzippedOrNot() throws IOException {
        put("tiny/2014-11-11/service-2.json", MODEL.replace("2020-01-01", "2014-11-11"));
        gzip("tiny/2015-03-31/service-2.json.gz", MODEL.replace("2020-01-01", "2015-03-31"));
        put("tiny/2016-01-01/waiters-2.json", "{}");
        run("tiny");
        assertThat(service("tiny")).containsEntry("apiVersion", "2015-03-31");
    }

    @Test
    void recordsTheReleaseItComesFrom() throws IOException {
        put("tiny/2020-01-01/service-2.json", MODEL);
        Files.writeString(c2j.resolveSibling("__init__.py"), "import os\n__version__ = '9.8.7'\n");
        run("tiny");
        assertThat(model("tiny").get("origin")).isEqualTo("release 9.8.7 tiny/2020-01-01/service-2.json");
    }

    @Test
    void refreshesOnlyTheServicesAlreadyThereWhenNoneIsNamed() throws IOException {
        put("tiny/2020-01-01/service-2.json", MODEL);
        put("other/2020-01-01/service-2.json", MODEL);
        run("tiny");
        Files.writeString(models.resolve("tiny.json"), "old");
        assertThat(new Importer(c2j, models).run(List.of()))
                .containsExactly("tiny: 2 operations, 6 shapes from data tiny/2020-01-01/service-2.json");
        assertThat(models.resolve("other.json")).doesNotExist();
        assertThat(service("tiny")).containsEntry("id", "tiny");
    }

    @Test
    void aServiceThatIsNotThereIsToldByName() {
        assertThatThrownBy(() -> run("absent"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no service absent");
    }

    @Test
    void brokenJsonIsToldByFile() throws IOException {
        put("tiny/2020-01-01/service-2.json", "{\"metadata\": {");
        assertThatThrownBy(() -> run("tiny")).isInstanceOf(IOException.class).hasMessageContaining("service-2.json");
    }

    @Test
    void endpointsTellWhetherAServiceIsGlobal() throws IOException {
        put("tiny/2020-01-01/service-2.json", MODEL);
        put("endpoints.json", """
                {"partitions": [{"services": {"tiny": {"isRegionalized": false}}}, {"services": {}}]}""");
        run("tiny");
        assertThat(service("tiny")).containsEntry("global", true);
    }

    @Test
    void aRegionalServiceWithALegacyGlobalEndpointIsNotGlobal() throws IOException {
        String legacy = MODEL.replace("\"metadata\": {", "\"metadata\": {\"globalEndpoint\": \"tiny.amazonaws.com\", ");
        put("tiny/2020-01-01/service-2.json", legacy);
        run("tiny");
        assertThat(service("tiny")).containsEntry("global", true);
        put("endpoints.json", "{\"partitions\": [{\"services\": {\"tiny\": {\"endpoints\": {}}}}]}");
        run("tiny");
        assertThat(service("tiny")).doesNotContainKey("global");
    }

    @Test
    void paginationIsPartOfTheOperation() throws IOException {
        put("tiny/2020-01-01/service-2.json", MODEL);
        put("tiny/2020-01-01/paginators-1.json", """
                {"pagination": {"A": {"input_token": "Marker", "output_token": ["Next", "NextId"],
                  "limit_key": "Max", "more_results": "IsTruncated", "result_key": "Items"}}}""");
        run("tiny");
        Map<String, @Nullable Object> operations = Json.object(model("tiny"), "operations");
        assertThat(Json.write(Json.object(operations, "A").get("pagination")))
                .isEqualTo("{\"input\":[\"Marker\"],\"output\":[\"Next\",\"NextId\"],\"limit\":\"Max\","
                        + "\"more\":\"IsTruncated\",\"results\":[\"Items\"]}");
        assertThat(Json.object(operations, "B")).doesNotContainKey("pagination");
    }

    private void run(String service) throws IOException {
        new Importer(c2j, models).run(List.of(service));
    }

    private Map<String, @Nullable Object> model(String id) throws IOException {
        return Json.object(Json.read(models.resolve(id + ".json")));
    }

    private Map<String, @Nullable Object> service(String id) throws IOException {
        return Json.object(model(id), "service");
    }

    private void put(String path, String text) throws IOException {
        Path file = c2j.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void gzip(String path, String text) throws IOException {
        Path file = c2j.resolve(path);
        Files.createDirectories(file.getParent());
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }
}
