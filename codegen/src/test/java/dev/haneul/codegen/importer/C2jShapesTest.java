package dev.haneul.codegen.importer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class C2jShapesTest {
    @ParameterizedTest
    @CsvSource({
        "string, string",
        "character, string",
        "boolean, boolean",
        "byte, byte",
        "short, short",
        "integer, integer",
        "long, long",
        "float, float",
        "double, double",
        "blob, blob",
        "timestamp, timestamp",
        "biginteger, bigInteger",
        "bigdecimal, bigDecimal"
    })
    void scalarsKeepTheirKind(String type, String kind) {
        assertThat(C2j.shapes("\"X\": {\"type\": \"" + type + "\", \"box\": true}")
                        .shape("X"))
                .isEqualTo("{\"kind\":\"" + kind + "\"}");
    }

    @Test
    void anUnknownTypeIsRefused() {
        assertThatThrownBy(() -> C2j.shapes("\"X\": {\"type\": \"quaternion\"}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("quaternion");
    }

    @Test
    void constraintsAreKept() {
        assertThat(C2j.shapes("""
                        "X": {"type": "string", "min": 1, "max": 64, "pattern": "[a-z]+", "enum": ["b", "a"],
                              "sensitive": true, "deprecated": true, "deprecatedMessage": "prose"}""").shape("X"))
                .isEqualTo("{\"kind\":\"string\",\"min\":1,\"max\":64,\"pattern\":\"[a-z]+\",\"enum\":[\"b\",\"a\"],"
                        + "\"sensitive\":true,\"deprecated\":true}");
    }

    @Test
    void wholeLimitsWrittenAsRealsBecomeWhole() {
        assertThat(C2j.shapes("\"X\": {\"type\": \"double\", \"min\": 2.0, \"max\": 8.5}")
                        .shape("X"))
                .isEqualTo("{\"kind\":\"double\",\"min\":2,\"max\":8.5}");
    }

    @ParameterizedTest
    @CsvSource({"iso8601, date-time", "rfc822, http-date", "unixTimestamp, epoch-seconds"})
    void timestampFormatsOfShapesAndMembers(String c2j, String ours) {
        C2j model = C2j.shapes("""
                "T": {"type": "timestamp", "timestampFormat": "%s"},
                "S": {"type": "structure", "members": {"At": {"shape": "T", "timestampFormat": "%s"}}}""".formatted(c2j, c2j));
        assertThat(model.shape("T")).isEqualTo("{\"kind\":\"timestamp\",\"timestampFormat\":\"" + ours + "\"}");
        assertThat(model.member("S", "At")).isEqualTo("{\"target\":\"T\",\"timestampFormat\":\"" + ours + "\"}");
    }

    @ParameterizedTest
    @CsvSource({"document, document", "union, union", "eventstream, eventStream"})
    void markedStructuresAreKindsOfTheirOwn(String mark, String kind) {
        C2j model = C2j.shapes("\"X\": {\"type\": \"structure\", \"members\": {}, \"" + mark + "\": true}");
        assertThat(model.shape("X")).startsWith("{\"kind\":\"" + kind + "\"");
    }

    @Test
    void aDocumentHasNoMembers() {
        assertThat(C2j.shapes("\"X\": {\"type\": \"structure\", \"members\": {}, \"document\": true}")
                        .shape("X"))
                .isEqualTo("{\"kind\":\"document\"}");
    }

    @Test
    void aStreamingMemberGetsAStreamBesideThePlainBlob() {
        C2j model = C2j.shapes("""
                "Body": {"type": "blob"},
                "Out": {"type": "structure", "payload": "Body", "members": {
                  "Body": {"shape": "Body", "streaming": true}, "Plain": {"shape": "Body"}}}""");
        assertThat(model.member("Out", "Body")).isEqualTo("{\"target\":\"BodyStream\",\"location\":\"payload\"}");
        assertThat(model.member("Out", "Plain")).isEqualTo("{\"target\":\"Body\"}");
        assertThat(model.shape("BodyStream")).isEqualTo("{\"kind\":\"stream\"}");
        assertThat(model.shape("Body")).isEqualTo("{\"kind\":\"blob\"}");
    }

    @Test
    void aStreamingBlobIsAStreamItself() {
        C2j model = C2j.shapes("""
                "Body": {"type": "blob", "streaming": true},
                "Out": {"type": "structure", "members": {"Body": {"shape": "Body", "streaming": true}}}""");
        assertThat(model.shape("Body")).isEqualTo("{\"kind\":\"stream\"}");
        assertThat(model.member("Out", "Body")).isEqualTo("{\"target\":\"Body\"}");
    }

    @Test
    void locationsOfMembers() {
        C2j model = C2j.shapes("""
                "S": {"type": "string"}, "M": {"type": "map", "key": {"shape": "S"}, "value": {"shape": "S"}},
                "I": {"type": "structure", "required": ["U"], "members": {
                  "H": {"shape": "S", "location": "header", "locationName": "x-h"},
                  "P": {"shape": "M", "location": "headers", "locationName": "x-meta-"},
                  "Q": {"shape": "S", "location": "querystring", "locationName": "q"},
                  "A": {"shape": "M", "location": "querystring"},
                  "U": {"shape": "S", "location": "uri", "locationName": "U"},
                  "C": {"shape": "S", "location": "statusCode"}}}""");
        assertThat(model.member("I", "H")).isEqualTo("{\"target\":\"S\",\"wire\":\"x-h\",\"location\":\"header\"}");
        assertThat(model.member("I", "P"))
                .isEqualTo("{\"target\":\"M\",\"wire\":\"x-meta-\",\"location\":\"prefixHeaders\"}");
        assertThat(model.member("I", "Q")).isEqualTo("{\"target\":\"S\",\"wire\":\"q\",\"location\":\"query\"}");
        assertThat(model.member("I", "A")).isEqualTo("{\"target\":\"M\",\"location\":\"queryParams\"}");
        assertThat(model.member("I", "U")).isEqualTo("{\"target\":\"S\",\"location\":\"uri\",\"required\":true}");
        assertThat(model.member("I", "C")).isEqualTo("{\"target\":\"S\",\"location\":\"statusCode\"}");
    }

    @Test
    void flagsOfMembers() {
        C2j model = C2j.shapes("""
                "S": {"type": "string"},
                "I": {"type": "structure", "members": {
                  "A": {"shape": "S", "xmlAttribute": true, "locationName": "xsi:type"},
                  "T": {"shape": "S", "idempotencyToken": true},
                  "H": {"shape": "S", "hostLabel": true},
                  "P": {"shape": "S", "eventpayload": true},
                  "E": {"shape": "S", "eventheader": true},
                  "J": {"shape": "S", "jsonvalue": true},
                  "X": {"shape": "S", "contextParam": {"name": "Bucket"}},
                  "Q": {"shape": "S", "locationName": "ipv6", "queryName": "Ipv6"},
                  "D": {"shape": "S", "deprecated": true, "deprecatedMessage": "prose", "box": true}}}""");
        assertThat(model.member("I", "A")).isEqualTo("{\"target\":\"S\",\"wire\":\"xsi:type\",\"xmlAttribute\":true}");
        assertThat(model.member("I", "T")).isEqualTo("{\"target\":\"S\",\"idempotencyToken\":true}");
        assertThat(model.member("I", "H")).isEqualTo("{\"target\":\"S\",\"hostLabel\":true}");
        assertThat(model.member("I", "P")).isEqualTo("{\"target\":\"S\",\"eventPayload\":true}");
        assertThat(model.member("I", "E")).isEqualTo("{\"target\":\"S\",\"eventHeader\":true}");
        assertThat(model.member("I", "J")).isEqualTo("{\"target\":\"S\",\"jsonValue\":true}");
        assertThat(model.member("I", "X")).isEqualTo("{\"target\":\"S\",\"contextParam\":\"Bucket\"}");
        assertThat(model.member("I", "Q")).isEqualTo("{\"target\":\"S\",\"wire\":\"ipv6\",\"ec2\":\"Ipv6\"}");
        assertThat(model.member("I", "D")).isEqualTo("{\"target\":\"S\",\"deprecated\":true}");
    }

    @Test
    void flattenedMovesFromTheListAndTheMapToTheirMembers() {
        C2j model = C2j.of("\"protocol\": \"rest-xml\"", "", """
                "S": {"type": "string"},
                "L": {"type": "list", "flattened": true, "member": {"shape": "S"}},
                "M": {"type": "map", "flattened": true, "key": {"shape": "S", "locationName": "Name"},
                      "value": {"shape": "S", "locationName": "Value"}},
                "P": {"type": "list", "member": {"shape": "S"}},
                "I": {"type": "structure", "members": {"L": {"shape": "L", "locationName": "Item"}, "M": {"shape": "M"},
                  "P": {"shape": "P", "flattened": true}}}""");
        assertThat(model.member("I", "L")).isEqualTo("{\"target\":\"L\",\"wire\":\"Item\",\"flattened\":true}");
        assertThat(model.member("I", "M")).isEqualTo("{\"target\":\"M\",\"flattened\":true}");
        assertThat(model.member("I", "P")).isEqualTo("{\"target\":\"P\",\"flattened\":true}");
        assertThat(model.shape("L")).isEqualTo("{\"kind\":\"list\",\"member\":{\"target\":\"S\"}}");
        assertThat(model.shape("M"))
                .isEqualTo("{\"kind\":\"map\",\"key\":{\"target\":\"S\",\"wire\":\"Name\"},"
                        + "\"value\":{\"target\":\"S\",\"wire\":\"Value\"}}");
    }

    @Test
    void aFlattenedListIsWrittenUnderItsElementsNameInXmlAndQueryOnly() {
        String shapes = """
                "S": {"type": "string"},
                "L": {"type": "list", "flattened": true, "member": {"shape": "S", "locationName": "Item"}},
                "I": {"type": "structure", "members": {"Items": {"shape": "L"}}}""";
        assertThat(C2j.of("\"protocol\": \"query\"", "", shapes).member("I", "Items"))
                .isEqualTo("{\"target\":\"L\",\"wire\":\"Item\",\"flattened\":true}");
        assertThat(C2j.of("\"protocol\": \"json\"", "", shapes).member("I", "Items"))
                .isEqualTo("{\"target\":\"L\",\"xmlName\":\"Item\",\"flattened\":true}");
    }

    @Test
    void sparseListsAndMaps() {
        C2j model = C2j.shapes("""
                "S": {"type": "string"}, "L": {"type": "list", "sparse": true, "member": {"shape": "S"}}""");
        assertThat(model.shape("L")).isEqualTo("{\"kind\":\"list\",\"member\":{\"target\":\"S\"},\"sparse\":true}");
    }

    @Test
    void xmlNamesAndNamespaces() {
        C2j model = C2j.shapes("""
                "S": {"type": "string"},
                "G": {"type": "structure", "locationName": "Grant", "members": {},
                      "xmlNamespace": {"uri": "urn:g", "prefix": "xsi"}},
                "I": {"type": "structure", "payload": "Grant", "members": {
                  "Grant": {"shape": "G"}, "Own": {"shape": "G", "locationName": "O", "xmlNamespace": {"uri": "urn:o"}},
                  "Other": {"shape": "G"}}}""");
        assertThat(model.shape("G"))
                .isEqualTo("{\"kind\":\"structure\",\"xml\":{\"name\":\"Grant\",\"namespace\":\"urn:g\","
                        + "\"prefix\":\"xsi\"},\"members\":{}}");
        assertThat(model.member("I", "Grant")).isEqualTo("{\"target\":\"G\",\"location\":\"payload\"}");
        assertThat(model.member("I", "Own"))
                .isEqualTo("{\"target\":\"G\",\"wire\":\"O\",\"xml\":{\"namespace\":\"urn:o\"}}");
        assertThat(model.member("I", "Other")).isEqualTo("{\"target\":\"G\",\"wire\":\"Grant\"}");
    }

    @Test
    void aWholeBodyThatIsAskedForUnderItsMembersNameSaysIt() {
        C2j model = C2j.shapes("""
                "G": {"type": "structure", "members": {}}, "B": {"type": "blob"},
                "Named": {"type": "structure", "payload": "M", "members": {"M": {"shape": "G", "locationName": "M"}}},
                "Unnamed": {"type": "structure", "payload": "M", "members": {"M": {"shape": "G"}}},
                "Same": {"type": "structure", "payload": "G", "members": {"G": {"shape": "G", "locationName": "G"}}},
                "Blob": {"type": "structure", "payload": "M", "members": {"M": {"shape": "B", "locationName": "M"}}}""");
        assertThat(model.member("Named", "M")).isEqualTo("{\"target\":\"G\",\"wire\":\"M\",\"location\":\"payload\"}");
        assertThat(model.member("Unnamed", "M")).isEqualTo("{\"target\":\"G\",\"location\":\"payload\"}");
        assertThat(model.member("Same", "G")).isEqualTo("{\"target\":\"G\",\"location\":\"payload\"}");
        assertThat(model.member("Blob", "M")).isEqualTo("{\"target\":\"B\",\"location\":\"payload\"}");
    }

    @Test
    void errorsSpellOutCodeStatusAndCulprit() {
        String shapes = """
                "Mine": {"type": "structure", "members": {}, "exception": true,
                  "error": {"code": "My.Code", "httpStatusCode": 404, "senderFault": true}},
                "Plain": {"type": "structure", "members": {}, "exception": true},
                "Broken": {"type": "structure", "members": {}, "exception": true, "fault": true}""";
        C2j query = C2j.of("\"protocol\": \"query\"", "", shapes);
        assertThat(query.shape("Mine")).contains("\"error\":{\"code\":\"My.Code\",\"status\":404,\"sender\":true}");
        assertThat(query.shape("Plain")).contains("\"error\":{\"status\":400,\"sender\":true}");
        assertThat(query.shape("Broken")).contains("\"error\":{\"status\":500}");
        C2j json = C2j.of("\"protocol\": \"json\"", "", shapes);
        assertThat(json.shape("Mine")).contains("\"error\":{\"status\":404,\"sender\":true}");
        C2j both = C2j.of("\"protocol\": \"json\", \"awsQueryCompatible\": {}", "", shapes);
        assertThat(both.shape("Mine")).contains("\"error\":{\"queryCode\":\"My.Code\",\"status\":404,\"sender\":true}");
    }
}
