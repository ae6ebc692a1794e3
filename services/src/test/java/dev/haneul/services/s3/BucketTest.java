package dev.haneul.services.s3;

import static dev.haneul.services.s3.S3Fixture.ACCOUNT;
import static dev.haneul.services.s3.S3Fixture.BUCKET;
import static dev.haneul.services.s3.S3Fixture.REGION;
import static dev.haneul.services.s3.S3Fixture.fault;
import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.Bucket;
import dev.haneul.api.s3.CreateBucketConfiguration;
import dev.haneul.api.s3.CreateBucketOutput;
import dev.haneul.api.s3.CreateBucketRequest;
import dev.haneul.api.s3.CreateMultipartUploadRequest;
import dev.haneul.api.s3.DeleteBucketPolicyRequest;
import dev.haneul.api.s3.DeleteBucketRequest;
import dev.haneul.api.s3.DeleteBucketTaggingRequest;
import dev.haneul.api.s3.DeleteObjectRequest;
import dev.haneul.api.s3.DeletePublicAccessBlockRequest;
import dev.haneul.api.s3.GetBucketAclRequest;
import dev.haneul.api.s3.GetBucketLifecycleConfigurationRequest;
import dev.haneul.api.s3.GetBucketLocationRequest;
import dev.haneul.api.s3.GetBucketOwnershipControlsRequest;
import dev.haneul.api.s3.GetBucketPolicyRequest;
import dev.haneul.api.s3.GetBucketPolicyStatusRequest;
import dev.haneul.api.s3.GetBucketTaggingRequest;
import dev.haneul.api.s3.GetBucketVersioningRequest;
import dev.haneul.api.s3.GetPublicAccessBlockRequest;
import dev.haneul.api.s3.HeadBucketRequest;
import dev.haneul.api.s3.ListBucketsOutput;
import dev.haneul.api.s3.ListBucketsRequest;
import dev.haneul.api.s3.ListMultipartUploadsRequest;
import dev.haneul.api.s3.PublicAccessBlockConfiguration;
import dev.haneul.api.s3.PutBucketAclRequest;
import dev.haneul.api.s3.PutBucketPolicyRequest;
import dev.haneul.api.s3.PutBucketTaggingRequest;
import dev.haneul.api.s3.PutPublicAccessBlockRequest;
import dev.haneul.api.s3.Tag;
import dev.haneul.api.s3.Tagging;
import dev.haneul.kernel.call.ResourcePolicies;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BucketTest {
    private static final String OTHER = "111111111111";

    @TempDir
    Path path;

    private S3Fixture s3;

    @BeforeEach
    void open() {
        s3 = S3Fixture.withBucket(path);
    }

    @AfterEach
    void close() {
        s3.close();
    }

    private CreateBucketOutput create(String name, String constraint, Call call) {
        CreateBucketRequest request = new CreateBucketRequest().bucket(name);
        if (!constraint.isEmpty()) {
            request.createBucketConfiguration(new CreateBucketConfiguration().locationConstraint(constraint));
        }
        return s3.s3.createBucket(request, call);
    }

    @Test
    void aNameIsTakenOnceForAllAccounts() {
        Fault taken = fault(() -> create(BUCKET, "", s3.call(OTHER, REGION)));
        assertThat(taken.code()).isEqualTo("BucketAlreadyExists");
        assertThat(taken.status()).isEqualTo(409);
        assertThat(taken.extras()).containsEntry("BucketName", BUCKET);
    }

    @Test
    void makingOnesOwnBucketAgainSucceedsInUsEast1Only() {
        assertThat(create(BUCKET, "", s3.call()).location()).isEqualTo("/" + BUCKET);
        Call seoul = s3.call(ACCOUNT, "ap-northeast-2");
        create("haneul", "ap-northeast-2", seoul);
        assertThat(fault(() -> create("haneul", "ap-northeast-2", seoul)).code())
                .isEqualTo("BucketAlreadyOwnedByYou");
        assertThat(fault(() -> create("haneul", "", s3.call())).code()).isEqualTo("BucketAlreadyOwnedByYou");
    }

    @Test
    void theLocationConstraintMustFitTheEndpoint() {
        Call seoul = s3.call(ACCOUNT, "ap-northeast-2");
        assertThat(fault(() -> create("b1b", "", seoul)).code()).isEqualTo("IllegalLocationConstraintException");
        assertThat(fault(() -> create("b1b", "eu-west-1", seoul)).message()).startsWith("The eu-west-1 location");
        assertThat(fault(() -> create("b1b", "us-east-1", s3.call())).code()).isEqualTo("InvalidLocationConstraint");
        assertThat(fault(() -> create("b1b", "mars", s3.call())).code()).isEqualTo("InvalidLocationConstraint");
        create("b1b", "EU", s3.call());
        assertThat(s3.s3.getBucketLocation(new GetBucketLocationRequest().bucket("b1b"), s3.call())
                        .locationConstraint())
                .isEqualTo("eu-west-1");
        assertThat(s3.s3.getBucketLocation(new GetBucketLocationRequest().bucket(BUCKET), s3.call())
                        .locationConstraint())
                .isNull();
        assertThat(fault(() -> create("UPPER", "", s3.call())).code()).isEqualTo("InvalidBucketName");
    }

    @Test
    void aBucketOfAnotherRegionIsElsewhere() {
        create("haneul", "ap-northeast-2", s3.call(ACCOUNT, "ap-northeast-2"));
        Fault redirect = fault(() -> s3.s3.headBucket(new HeadBucketRequest().bucket("haneul"), s3.call()));
        assertThat(redirect.status()).isEqualTo(301);
        assertThat(redirect.code()).isEqualTo("PermanentRedirect");
        assertThat(redirect.headers()).containsEntry("x-amz-bucket-region", "ap-northeast-2");
    }

    @Test
    void theExpectedOwnerMustBeTheOwner() {
        s3.s3.headBucket(new HeadBucketRequest().bucket(BUCKET).expectedBucketOwner(ACCOUNT), s3.call());
        assertThat(fault(() -> s3.s3.headBucket(
                                new HeadBucketRequest().bucket(BUCKET).expectedBucketOwner(OTHER), s3.call()))
                        .code())
                .isEqualTo("AccessDenied");
    }

    @Test
    void onlyAnEmptyBucketGoesAndItsUploadsGoWithIt() {
        s3.put("k", "x");
        DeleteBucketRequest delete = new DeleteBucketRequest().bucket(BUCKET);
        assertThat(fault(() -> s3.s3.deleteBucket(delete, s3.call())).code()).isEqualTo("BucketNotEmpty");
        s3.s3.deleteObject(new DeleteObjectRequest().bucket(BUCKET).key("k"), s3.call());
        s3.s3.createMultipartUpload(
                new CreateMultipartUploadRequest().bucket(BUCKET).key("k"), s3.call());
        s3.s3.deleteBucket(delete, s3.call());
        assertThat(fault(() -> s3.s3.deleteBucket(delete, s3.call())).code()).isEqualTo("NoSuchBucket");
        create(BUCKET, "", s3.call(OTHER, REGION));
        assertThat(s3.s3.listMultipartUploads(new ListMultipartUploadsRequest().bucket(BUCKET), s3.call(OTHER, REGION))
                        .uploads())
                .isEmpty();
    }

    @Test
    void aResetAccountFreesItsNames() {
        s3.store.reset(ACCOUNT);
        create(BUCKET, "", s3.call(OTHER, REGION));
        assertThat(s3.s3.listBuckets(new ListBucketsRequest(), s3.call(OTHER, REGION))
                        .buckets())
                .extracting(Bucket::name)
                .containsExactly(BUCKET);
    }

    @Test
    void bucketsAreListedByNamePrefixRegionAndPage() {
        create("alpha", "", s3.call());
        create("beta", "eu-west-1", s3.call());
        create("beta2", "eu-west-1", s3.call());
        create("other", "", s3.call(OTHER, REGION));
        assertThat(list(new ListBucketsRequest()).buckets())
                .extracting(Bucket::name)
                .containsExactly("alpha", "beta", "beta2", BUCKET);
        assertThat(list(new ListBucketsRequest().prefix("be")).buckets()).hasSize(2);
        assertThat(list(new ListBucketsRequest().bucketRegion(REGION)).buckets())
                .extracting(Bucket::name)
                .containsExactly("alpha", BUCKET);
        ListBucketsOutput first = list(new ListBucketsRequest().maxBuckets(3));
        ListBucketsOutput second =
                list(new ListBucketsRequest().maxBuckets(3).continuationToken(first.continuationToken()));
        assertThat(second.buckets()).extracting(Bucket::name).containsExactly(BUCKET);
        assertThat(second.continuationToken()).isNull();
        assertThat(fault(() -> list(new ListBucketsRequest().maxBuckets(0))).code())
                .isEqualTo("InvalidArgument");
    }

    private ListBucketsOutput list(ListBucketsRequest request) {
        return s3.s3.listBuckets(request, s3.call());
    }

    @Test
    void tagsComeAndGo() {
        GetBucketTaggingRequest get = new GetBucketTaggingRequest().bucket(BUCKET);
        assertThat(fault(() -> s3.s3.getBucketTagging(get, s3.call())).code()).isEqualTo("NoSuchTagSet");
        Tagging tags = new Tagging()
                .tagSet(List.of(
                        new Tag().key("a").value("1"), new Tag().key("b").value("")));
        s3.s3.putBucketTagging(new PutBucketTaggingRequest().bucket(BUCKET).tagging(tags), s3.call());
        assertThat(s3.s3.getBucketTagging(get, s3.call()).tagSet()).isEqualTo(tags.tagSet());
        s3.s3.deleteBucketTagging(new DeleteBucketTaggingRequest().bucket(BUCKET), s3.call());
        assertThat(fault(() -> s3.s3.getBucketTagging(get, s3.call())).status()).isEqualTo(404);
    }

    private static String policy(String principal, String condition) {
        return """
                {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":%s,"Action":"s3:GetObject",
                 "Resource":"arn:aws:s3:::photos/*"%s}]}""".formatted(principal, condition);
    }

    private void putPolicy(String json) {
        s3.s3.putBucketPolicy(new PutBucketPolicyRequest().bucket(BUCKET).policy(json), s3.call());
    }

    @Test
    void aPolicyIsCheckedKeptAndToldToTheAuthorizer() {
        GetBucketPolicyRequest get = new GetBucketPolicyRequest().bucket(BUCKET);
        assertThat(fault(() -> s3.s3.getBucketPolicy(get, s3.call())).code()).isEqualTo("NoSuchBucketPolicy");
        String json = policy("{\"AWS\":\"arn:aws:iam::111111111111:root\"}", "");
        putPolicy(json);
        assertThat(s3.s3.getBucketPolicy(get, s3.call()).policy()).isEqualTo(json);
        assertThat(s3.s3.policies().find("arn:aws:s3:::photos/a/b"))
                .contains(new ResourcePolicies.Owned(ACCOUNT, json));
        assertThat(s3.s3.policies().find("arn:aws:s3:::nowhere")).isEmpty();
        for (String bad : List.of("", "{}", "no", json.replace("photos", "other"), json.replace("s3:Get", "ec2:Get"))) {
            assertThat(fault(() -> putPolicy(bad)).code()).as(bad).isEqualTo("MalformedPolicy");
        }
        s3.s3.deleteBucketPolicy(new DeleteBucketPolicyRequest().bucket(BUCKET), s3.call());
        assertThat(s3.s3.policies().find("arn:aws:s3:::photos")).contains(new ResourcePolicies.Owned(ACCOUNT, null));
    }

    private boolean isPublic() {
        return Boolean.TRUE.equals(
                s3.s3.getBucketPolicyStatus(new GetBucketPolicyStatusRequest().bucket(BUCKET), s3.call())
                        .policyStatus()
                        .isPublic());
    }

    @Test
    void aNewBucketTakesNoPublicPolicy() {
        String everyone = policy("\"*\"", "");
        assertThat(fault(() -> putPolicy(everyone)).code()).isEqualTo("AccessDenied");
        putPolicy(policy("\"*\"", ",\"Condition\":{\"StringEquals\":{\"aws:PrincipalOrgID\":\"o-1\"}}"));
        assertThat(isPublic()).isFalse();
        s3.s3.deletePublicAccessBlock(new DeletePublicAccessBlockRequest().bucket(BUCKET), s3.call());
        putPolicy(everyone);
        assertThat(isPublic()).isTrue();
        assertThat(s3.s3.policies().find("arn:aws:s3:::photos").orElseThrow().policy())
                .isEqualTo(everyone);
        s3.s3.putPublicAccessBlock(
                new PutPublicAccessBlockRequest()
                        .bucket(BUCKET)
                        .publicAccessBlockConfiguration(
                                new PublicAccessBlockConfiguration().restrictPublicBuckets(true)),
                s3.call());
        assertThat(s3.s3.policies().find("arn:aws:s3:::photos").orElseThrow().policy())
                .as("restricted to its own account")
                .isNull();
    }

    @Test
    void restrictingPublicBucketsLeavesTheOtherStatements() {
        s3.s3.deletePublicAccessBlock(new DeletePublicAccessBlockRequest().bucket(BUCKET), s3.call());
        String deny = """
                {"Effect":"Deny","Principal":"*","Action":"s3:DeleteObject","Resource":"arn:aws:s3:::photos/*"}""";
        String allow = deny.replace("Deny", "Allow").replace("Delete", "Get");
        putPolicy("{\"Version\":\"2012-10-17\",\"Statement\":[" + deny + "," + allow + "],\"Id\":\"x\"}");
        s3.s3.putPublicAccessBlock(
                new PutPublicAccessBlockRequest()
                        .bucket(BUCKET)
                        .publicAccessBlockConfiguration(
                                new PublicAccessBlockConfiguration().restrictPublicBuckets(true)),
                s3.call());
        assertThat(s3.s3.policies().find("arn:aws:s3:::photos/k").orElseThrow().policy())
                .isEqualTo("{\"Version\":\"2012-10-17\",\"Statement\":[" + deny + "],\"Id\":\"x\"}");
    }

    @Test
    void thePublicAccessBlockIsAllAtFirstAndThenAsPut() {
        GetPublicAccessBlockRequest get = new GetPublicAccessBlockRequest().bucket(BUCKET);
        PublicAccessBlockConfiguration first =
                s3.s3.getPublicAccessBlock(get, s3.call()).publicAccessBlockConfiguration();
        assertThat(first)
                .isEqualTo(new PublicAccessBlockConfiguration()
                        .blockPublicAcls(true)
                        .ignorePublicAcls(true)
                        .blockPublicPolicy(true)
                        .restrictPublicBuckets(true));
        s3.s3.deletePublicAccessBlock(new DeletePublicAccessBlockRequest().bucket(BUCKET), s3.call());
        assertThat(fault(() -> s3.s3.getPublicAccessBlock(get, s3.call())).code())
                .isEqualTo("NoSuchPublicAccessBlockConfiguration");
    }

    @Test
    void whatCannotBeConfiguredIsUnconfiguredAndRefusesToBe() {
        assertThat(s3.s3.getBucketVersioning(new GetBucketVersioningRequest().bucket(BUCKET), s3.call())
                        .status())
                .isNull();
        assertThat(fault(() -> s3.s3.getBucketLifecycleConfiguration(
                                new GetBucketLifecycleConfigurationRequest().bucket(BUCKET), s3.call()))
                        .code())
                .isEqualTo("NoSuchLifecycleConfiguration");
        assertThat(s3.s3.getBucketOwnershipControls(new GetBucketOwnershipControlsRequest().bucket(BUCKET), s3.call())
                        .ownershipControls()
                        .rules())
                .singleElement()
                .extracting(rule -> rule.objectOwnership())
                .isEqualTo("BucketOwnerEnforced");
    }

    @Test
    void theOwnerHasFullControlAndNobodyElseCanBeGranted() {
        assertThat(s3.s3.getBucketAcl(new GetBucketAclRequest().bucket(BUCKET), s3.call())
                        .grants())
                .singleElement()
                .satisfies(grant -> assertThat(grant.permission()).isEqualTo("FULL_CONTROL"));
        s3.s3.putBucketAcl(new PutBucketAclRequest().bucket(BUCKET).acl("private"), s3.call());
        assertThat(fault(() -> s3.s3.putBucketAcl(
                                new PutBucketAclRequest().bucket(BUCKET).acl("public-read"), s3.call()))
                        .code())
                .isEqualTo("AccessControlListNotSupported");
    }
}
