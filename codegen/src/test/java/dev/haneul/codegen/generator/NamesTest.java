package dev.haneul.codegen.generator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import javax.lang.model.SourceVersion;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamesTest {
    @ParameterizedTest
    @CsvSource({
        "Bucket, bucket",
        "ETag, eTag",
        "ACL, acl",
        "DBInstanceId, dbInstanceId",
        "MD5OfBody, md5OfBody",
        "EC2InstanceId, ec2InstanceId",
        "S3Key, s3Key",
        "SSEKMSKeyId, ssekmsKeyId",
        "IPv6Addresses, ipv6Addresses",
        "functionName, functionName",
        "Default, default_",
        "Class, class_",
        "NotifyAll, notifyAll_",
        "x-amz-thing, xamzthing",
        "A, a",
        "PutObject, putObject",
        "S3, s3"
    })
    void methods(String name, String method) {
        assertThat(Names.method(name)).isEqualTo(method);
    }

    @ParameterizedTest
    @CsvSource({
        "Enabled, ENABLED",
        "aws:kms, AWS_KMS",
        "aws:kms:dsse, AWS_KMS_DSSE",
        "t2.micro, T2_MICRO",
        "ap-northeast-2, AP_NORTHEAST_2",
        "PutObject, PUT_OBJECT",
        "DescribeDBInstances, DESCRIBE_DB_INSTANCES",
        "2012, _2012",
        "'', EMPTY",
        "*, EMPTY",
        "s3:ObjectCreated:*, S3_OBJECT_CREATED_",
        "x86_64, X86_64",
        "IPv4, IPV4"
    })
    void constants(String value, String constant) {
        assertThat(Names.constant(value)).isEqualTo(constant);
    }

    @Test
    void classesThatWouldHideOthersAreTaken() {
        assertThat(Set.of("Object", "Error", "Runtime", "Location", "Member", "List"))
                .allMatch(Names::taken);
        assertThat(Set.of("Bucket", "Tag", "Role")).noneMatch(Names::taken);
    }

    @Test
    void aNameInUseGrowsUnderscores() {
        Set<String> used = Names.used("A");
        assertThat(Names.unique("A", used)).isEqualTo("A_");
        assertThat(Names.unique("A", used)).isEqualTo("A__");
        assertThat(Names.uniqueFile("Tag", Names.used("tag"))).isEqualTo("Tag_");
    }

    @Property(seed = "2026")
    void everyAwsNameIsALegalMethod(
            @ForAll @AlphaChars @NumericChars @Chars({'-', '_', ':', '.'}) @StringLength(max = 12) String tail) {
        String method = Names.method("x" + tail);
        assertThat(SourceVersion.isIdentifier(method)).isTrue();
        assertThat(SourceVersion.isKeyword(method)).isFalse();
    }

    @Property(seed = "2026")
    void everyValueIsALegalConstant(@ForAll @StringLength(max = 12) String value) {
        String constant = Names.constant(value);
        assertThat(SourceVersion.isIdentifier(constant)).isTrue();
        assertThat(SourceVersion.isKeyword(constant)).isFalse();
    }
}
