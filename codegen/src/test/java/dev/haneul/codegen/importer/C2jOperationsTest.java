package dev.haneul.codegen.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class C2jOperationsTest {
    @Test
    void everythingAnOperationSays() {
        C2j model = C2j.operation("""
                "http": {"method": "PUT", "requestUri": "/{Bucket}/{Key+}?x", "responseCode": 202},
                "input": {"shape": "In"}, "output": {"shape": "Out", "resultWrapper": "OpResult"},
                "errors": [{"shape": "Oops"}], "endpoint": {"hostPrefix": "{Account}."},
                "httpChecksum": {"requestAlgorithmMember": "Alg", "requestChecksumRequired": true,
                  "requestValidationModeMember": "Mode", "responseAlgorithms": ["CRC32", "SHA256"]},
                "requestcompression": {"encodings": ["gzip"]}, "deprecated": true, "deprecatedMessage": "prose",
                "idempotent": true, "readonly": true,
                "staticContextParams": {"UseIt": {"value": true}}""");
        assertThat(model.operation())
                .isEqualTo("{\"method\":\"PUT\",\"uri\":\"/{Bucket}/{Key+}?x\",\"status\":202,"
                        + "\"hostPrefix\":\"{Account}.\",\"input\":\"In\",\"output\":\"Out\",\"errors\":[\"Oops\"],"
                        + "\"resultWrapper\":\"OpResult\",\"checksum\":{\"member\":\"Alg\",\"required\":true,"
                        + "\"validationMember\":\"Mode\",\"responses\":[\"CRC32\",\"SHA256\"]},"
                        + "\"requestCompression\":[\"gzip\"],\"deprecated\":true,\"idempotent\":true,"
                        + "\"readonly\":true,\"contextParams\":{\"UseIt\":true}}");
    }

    @Test
    void itIsCalledByItsKey() {
        assertThat(C2j.of("", "\"Op\": {\"name\": \"Op2020_05_31\"}", "").operation())
                .contains("\"OpRequest\"");
    }

    @Test
    void withoutABindingItIsAPostToTheRoot() {
        assertThat(C2j.operation("\"input\": {\"shape\": \"In\"}, \"output\": {\"shape\": \"Out\"}")
                        .operation())
                .isEqualTo("{\"method\":\"POST\",\"uri\":\"/\",\"input\":\"In\",\"output\":\"Out\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"authtype\": \"none\" | noAuth",
                "\"auth\": [\"smithy.api#noAuth\"] | noAuth",
                "\"authtype\": \"v4-unsigned-body\" | unsignedPayload",
                "\"unsignedPayload\": true | unsignedPayload"
            })
    void howItIsSigned(String c2j, String key) {
        assertThat(C2j.operation(c2j).fact(key)).isEqualTo("true");
        assertThat(C2j.operation("\"auth\": [\"aws.auth#sigv4\"]").fact(key)).isEqualTo("null");
    }

    @Test
    void missingEndsGetEmptyStructuresNamedLikeTheirSisters() {
        C2j model = C2j.of("", """
                "Op": {"name": "Op"}, "Sister": {"name": "Sister", "output": {"shape": "SisterOutput"}}""", """
                "SisterOutput": {"type": "structure", "members": {}}, "OpRequest": {"type": "string"}""");
        assertThat(model.fact("output")).isEqualTo("\"OpOutput\"");
        assertThat(model.fact("input")).isEqualTo("\"OpRequestEmpty\"");
        assertThat(model.shape("OpOutput")).isEqualTo("{\"kind\":\"structure\",\"synthetic\":true,\"members\":{}}");
    }

    @Test
    void theInputsRootElementIsTheShapes() {
        C2j model = C2j.operation("""
                "input": {"shape": "In", "locationName": "OpRequest", "xmlNamespace": {"uri": "urn:x"}}""");
        assertThat(model.shape("In")).contains("\"xml\":{\"name\":\"OpRequest\",\"namespace\":\"urn:x\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"protocol\": \"rest-xml\" | [\"restXml\"]",
                "\"protocol\": \"rest-json\", \"jsonVersion\": \"1.1\" | [\"restJson1\"]",
                "\"protocol\": \"json\", \"jsonVersion\": \"1.0\" | [\"awsJson1_0\"]",
                "\"protocol\": \"json\", \"jsonVersion\": \"1.1\" | [\"awsJson1_1\"]",
                "\"protocol\": \"query\" | [\"awsQuery\"]",
                "\"protocol\": \"ec2\" | [\"ec2Query\"]",
                "\"protocol\": \"json\", \"jsonVersion\": \"1.0\", \"awsQueryCompatible\": {}"
                        + " | [\"awsJson1_0\",\"awsQuery\"]",
                "\"protocol\": \"smithy-rpc-v2-cbor\", \"jsonVersion\": \"1.0\", \"awsQueryCompatible\": {},"
                        + " \"protocols\": [\"smithy-rpc-v2-cbor\", \"json\", \"query\"]"
                        + " | [\"rpcv2Cbor\",\"awsJson1_0\",\"awsQuery\"]"
            })
    void aServiceIsBoundToEveryProtocolItsClientsUse(String metadata, String protocols) {
        assertThat(C2j.of(metadata, "", "").service("protocols")).isEqualTo(protocols);
    }

    @Test
    void anUnknownProtocolIsRefused() {
        assertThatThrownBy(() -> C2j.of("\"protocol\": \"telex\"", "", "")).hasMessageContaining("telex");
    }

    @Test
    void theSigningNameFallsBackToTheEndpointPrefix() {
        assertThat(C2j.of("", "", "").service("signingName")).isEqualTo("\"t\"");
        assertThat(C2j.of("\"signingName\": \"s\"", "", "").service("signingName"))
                .isEqualTo("\"s\"");
    }
}
