package dev.haneul.codegen.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelReaderTest {
    private static final String MODEL = """
            {"origin": "test",
             "service": {"id": "t", "prefix": "T", "sdkId": "T", "endpointPrefix": "t", "signingName": "t",
               "apiVersion": "1", "protocols": ["restXml"]},
             "operations": {"Op": {"method": "GET", "uri": "/", "input": "In", "output": "Out", "errors": ["Oops"],
               "checksum": {"member": "Alg", "required": true}, "noAuth": true}},
             "shapes": {"In": {"kind": "structure", "members": {"A": {"target": "S", "required": true}}},
               "Out": {"kind": "structure", "members": {}}, "S": {"kind": "string", "min": 1},
               "Oops": {"kind": "structure", "error": {"status": 400}, "members": {}},
               "L": {"kind": "list", "member": {"target": "S"}}}}
            """;

    @TempDir
    Path folder;

    @Test
    void readsWhatIsThere() throws IOException {
        ServiceModel model = read(MODEL);
        OperationModel operation = model.operations().getFirst();
        assertThat(operation.status()).isEqualTo(200);
        assertThat(operation.checksumMember()).isEqualTo("Alg");
        assertThat(operation.traits()).containsExactly("NO_AUTH", "CHECKSUM_REQUIRED");
        assertThat(model.shapes()).extracting(ShapeModel::name).containsExactly("In", "L", "Oops", "Out", "S");
        assertThat(model.shapes().getFirst().members().getFirst().is("REQUIRED"))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "\"required\": true}}}, | \"requierd\": true}}}, | In.A has an unknown key: requierd",
                "\"noAuth\": true | \"noSuchTrait\": true | Op has an unknown key: noSuchTrait",
                "\"min\": 1 | \"mini\": 1 | S has an unknown key: mini",
                "\"output\": \"Out\" | \"output\": \"S\" | Op names S, which is no structure",
                "[\"Oops\"] | [\"Out\"] | Op throws Out, which is no error",
                "{\"kind\": \"list\", \"member\": {\"target\": \"S\"}} | {\"kind\": \"list\"} | L is no whole list",
                "{\"target\": \"S\", \"required\" | {\"target\": \"None\", \"required\" | In.A targets nothing: None",
                "\"kind\": \"string\" | \"sensitive\": true | S has no kind"
            })
    void refusesWhatItDoesNotUnderstand(String right, String wrong, String message) {
        assertThat(MODEL).contains(right);
        assertThatThrownBy(() -> read(MODEL.replace(right, wrong)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aPatchIsMergedOverTheModel() throws IOException {
        patch("{\"patches\": [{\"reason\": \"because\", \"merge\": {\"service\": {\"xmlNamespace\": \"urn:t\"},"
                + " \"shapes\": {\"In\": {\"members\": {\"A\": {\"required\": null, \"wire\": \"a\"}}}}}}]}");
        ServiceModel model = read(MODEL);
        assertThat(model.facts().xmlNamespace()).isEqualTo("urn:t");
        MemberModel member = model.shapes().getFirst().members().getFirst();
        assertThat(member.wire()).isEqualTo("a");
        assertThat(member.target()).isEqualTo("S");
        assertThat(member.is("REQUIRED")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"merge\": {}} | needs a reason",
                "{\"reason\": \" \", \"merge\": {}} | needs a reason",
                "{\"reason\": \"because\"} | needs a reason and a merge",
                "{\"reason\": \"old\", \"merge\": {\"origin\": \"test\"}} | changes nothing any more: old",
                "{\"reason\": \"typo\", \"merge\": {\"shapes\": {\"Inn\": {\"xml\": {\"name\": \"X\"}}}}} | Inn has no kind"
            })
    void aPatchMustSayWhyAndChangeSomething(String patch, String message) throws IOException {
        patch("{\"patches\": [" + patch + "]}");
        assertThatThrownBy(() -> read(MODEL)).hasMessageContaining(message);
    }

    private ServiceModel read(String text) throws IOException {
        Path file = folder.resolve("t.json");
        Files.writeString(file, text);
        return ModelReader.read(file);
    }

    private void patch(String text) throws IOException {
        Files.createDirectories(folder.resolve("patches"));
        Files.writeString(folder.resolve("patches/t.json"), text);
    }
}
