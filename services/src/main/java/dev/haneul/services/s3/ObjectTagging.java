package dev.haneul.services.s3;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.s3.DeleteObjectTaggingOutput;
import dev.haneul.api.s3.DeleteObjectTaggingRequest;
import dev.haneul.api.s3.GetObjectTaggingOutput;
import dev.haneul.api.s3.GetObjectTaggingRequest;
import dev.haneul.api.s3.PutObjectTaggingOutput;
import dev.haneul.api.s3.PutObjectTaggingRequest;
import dev.haneul.services.s3.ObjectReader.Address;
import dev.haneul.services.s3.S3Tables.Description;
import dev.haneul.services.s3.S3Tables.ObjectRecord;
import java.util.Map;

/** The tags of objects. */
final class ObjectTagging {
    private final S3Context s3;
    private final ObjectIndex index;

    ObjectTagging(S3Context s3, ObjectIndex index) {
        this.s3 = s3;
        this.index = index;
    }

    PutObjectTaggingOutput put(PutObjectTaggingRequest in, Call call) {
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        ObjectReader.Found found = replace(address, Tags.ofObject(in.tagging().tagSet()), "ObjectTagging:Put", call);
        return new PutObjectTaggingOutput().versionId(found.told());
    }

    DeleteObjectTaggingOutput delete(DeleteObjectTaggingRequest in, Call call) {
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        ObjectReader.Found found = replace(address, Map.of(), "ObjectTagging:Delete", call);
        return new DeleteObjectTaggingOutput().versionId(found.told());
    }

    GetObjectTaggingOutput get(GetObjectTaggingRequest in, Call call) {
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        ObjectReader.Found found = s3.store().read(tx -> ObjectReader.find(tx, address, call));
        Map<String, String> tags = found.record().description().tags();
        return new GetObjectTaggingOutput().tagSet(Tags.toSet(tags)).versionId(found.told());
    }

    private ObjectReader.Found replace(Address address, Map<String, String> tags, String event, Call call) {
        return s3.store().transact(tx -> {
            ObjectReader.Found found = ObjectReader.find(tx, address, call);
            ObjectRecord before = found.record();
            Description said = before.description();
            Description tagged = said.withTags(tags);
            index.amend(tx, found.version(), address.key(), before.withDescription(tagged), event, call);
            return found;
        });
    }
}
