package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.s3.DeleteBucketPolicyOutput;
import dev.haneul.api.s3.DeleteBucketPolicyRequest;
import dev.haneul.api.s3.DeleteBucketTaggingOutput;
import dev.haneul.api.s3.DeleteBucketTaggingRequest;
import dev.haneul.api.s3.DeletePublicAccessBlockOutput;
import dev.haneul.api.s3.DeletePublicAccessBlockRequest;
import dev.haneul.api.s3.GetBucketPolicyOutput;
import dev.haneul.api.s3.GetBucketPolicyRequest;
import dev.haneul.api.s3.GetBucketPolicyStatusOutput;
import dev.haneul.api.s3.GetBucketPolicyStatusRequest;
import dev.haneul.api.s3.GetBucketTaggingOutput;
import dev.haneul.api.s3.GetBucketTaggingRequest;
import dev.haneul.api.s3.GetPublicAccessBlockOutput;
import dev.haneul.api.s3.GetPublicAccessBlockRequest;
import dev.haneul.api.s3.PolicyStatus;
import dev.haneul.api.s3.PublicAccessBlockConfiguration;
import dev.haneul.api.s3.PutBucketPolicyOutput;
import dev.haneul.api.s3.PutBucketPolicyRequest;
import dev.haneul.api.s3.PutBucketTaggingOutput;
import dev.haneul.api.s3.PutBucketTaggingRequest;
import dev.haneul.api.s3.PutPublicAccessBlockOutput;
import dev.haneul.api.s3.PutPublicAccessBlockRequest;
import dev.haneul.services.s3.S3Tables.AccessBlock;
import dev.haneul.services.s3.S3Tables.Settings;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What can be configured of a bucket and takes effect: tags, policy, public access block, ownership. */
final class BucketSettings {
    private final S3Context s3;

    BucketSettings(S3Context s3) {
        this.s3 = s3;
    }

    private Settings read(String name, Call call, @Nullable String expectedOwner) {
        return s3.store().read(tx -> Buckets.settings(tx, Buckets.require(tx, name, call, expectedOwner)));
    }

    private void change(String name, Call call, @Nullable String expectedOwner, UnaryOperator<Settings> change) {
        s3.store().write(tx -> {
            Buckets.Bucket bucket = Buckets.require(tx, name, call, expectedOwner);
            tx.put(S3Tables.SETTINGS, bucket.key(), change.apply(Buckets.settings(tx, bucket)));
        });
    }

    GetBucketTaggingOutput getTagging(GetBucketTaggingRequest in, Call call) {
        Map<String, String> tags =
                read(in.bucket(), call, in.expectedBucketOwner()).tags();
        if (tags.isEmpty()) {
            throw S3Errors.noConfiguration("NoSuchTagSet", "The TagSet does not exist", in.bucket());
        }
        return new GetBucketTaggingOutput().tagSet(Tags.toSet(tags));
    }

    PutBucketTaggingOutput putTagging(PutBucketTaggingRequest in, Call call) {
        Map<String, String> tags = Tags.ofBucket(in.tagging().tagSet());
        change(in.bucket(), call, in.expectedBucketOwner(), settings -> settings.withTags(tags));
        return new PutBucketTaggingOutput();
    }

    DeleteBucketTaggingOutput deleteTagging(DeleteBucketTaggingRequest in, Call call) {
        change(in.bucket(), call, in.expectedBucketOwner(), settings -> settings.withTags(Map.of()));
        return new DeleteBucketTaggingOutput();
    }

    GetBucketPolicyOutput getPolicy(GetBucketPolicyRequest in, Call call) {
        String policy = read(in.bucket(), call, in.expectedBucketOwner()).policy();
        if (policy == null) {
            throw noPolicy(in.bucket());
        }
        return new GetBucketPolicyOutput().policy(policy);
    }

    PutBucketPolicyOutput putPolicy(PutBucketPolicyRequest in, Call call) {
        BucketPolicies.Checked checked = BucketPolicies.check(in.policy(), in.bucket());
        change(in.bucket(), call, in.expectedBucketOwner(), settings -> {
            if (checked.isPublic() && settings.block().publicPolicy()) {
                throw S3Errors.accessDenied();
            }
            return settings.withPolicy(in.policy());
        });
        return new PutBucketPolicyOutput();
    }

    DeleteBucketPolicyOutput deletePolicy(DeleteBucketPolicyRequest in, Call call) {
        change(in.bucket(), call, in.expectedBucketOwner(), settings -> settings.withPolicy(null));
        return new DeleteBucketPolicyOutput();
    }

    GetBucketPolicyStatusOutput getPolicyStatus(GetBucketPolicyStatusRequest in, Call call) {
        String policy = read(in.bucket(), call, in.expectedBucketOwner()).policy();
        if (policy == null) {
            throw noPolicy(in.bucket());
        }
        boolean isPublic = BucketPolicies.check(policy, in.bucket()).isPublic();
        return new GetBucketPolicyStatusOutput().policyStatus(new PolicyStatus().isPublic(isPublic));
    }

    private static Fault noPolicy(String bucket) {
        return S3Errors.noConfiguration("NoSuchBucketPolicy", "The bucket policy does not exist", bucket);
    }

    GetPublicAccessBlockOutput getAccessBlock(GetPublicAccessBlockRequest in, Call call) {
        AccessBlock block = read(in.bucket(), call, in.expectedBucketOwner()).block();
        if (block.removed()) {
            throw S3Errors.noConfiguration(
                    "NoSuchPublicAccessBlockConfiguration",
                    "The public access block configuration was not found",
                    in.bucket());
        }
        return new GetPublicAccessBlockOutput()
                .publicAccessBlockConfiguration(new PublicAccessBlockConfiguration()
                        .blockPublicAcls(block.publicAcls())
                        .ignorePublicAcls(block.ignorePublicAcls())
                        .blockPublicPolicy(block.publicPolicy())
                        .restrictPublicBuckets(block.restrictPublicBuckets()));
    }

    PutPublicAccessBlockOutput putAccessBlock(PutPublicAccessBlockRequest in, Call call) {
        PublicAccessBlockConfiguration asked = in.publicAccessBlockConfiguration();
        AccessBlock block = new AccessBlock(
                Boolean.TRUE.equals(asked.blockPublicAcls()),
                Boolean.TRUE.equals(asked.ignorePublicAcls()),
                Boolean.TRUE.equals(asked.blockPublicPolicy()),
                Boolean.TRUE.equals(asked.restrictPublicBuckets()),
                false);
        change(in.bucket(), call, in.expectedBucketOwner(), settings -> settings.withAccessBlock(block));
        return new PutPublicAccessBlockOutput();
    }

    DeletePublicAccessBlockOutput deleteAccessBlock(DeletePublicAccessBlockRequest in, Call call) {
        change(in.bucket(), call, in.expectedBucketOwner(), settings -> settings.withAccessBlock(AccessBlock.REMOVED));
        return new DeletePublicAccessBlockOutput();
    }
}
