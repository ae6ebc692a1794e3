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
        replace(address, Tags.ofObject(in.tagging().tagSet()), "ObjectTagging:Put", call);
        return new PutObjectTaggingOutput();
    }

    DeleteObjectTaggingOutput delete(DeleteObjectTaggingRequest in, Call call) {
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        replace(address, Map.of(), "ObjectTagging:Delete", call);
        return new DeleteObjectTaggingOutput();
    }

    GetObjectTaggingOutput get(GetObjectTaggingRequest in, Call call) {
        Address address = new Address(in.bucket(), in.key(), in.versionId(), in.expectedBucketOwner());
        Map<String, String> tags = s3.store()
                .read(tx -> ObjectReader.find(tx, address, call)
                        .record()
                        .description()
                        .tags());
        return new GetObjectTaggingOutput().tagSet(Tags.toSet(tags));
    }

    private void replace(Address address, Map<String, String> tags, String event, Call call) {
        s3.store().write(tx -> {
            ObjectReader.Found found = ObjectReader.find(tx, address, call);
            ObjectRecord before = found.record();
            Description said = before.description();
            Description tagged = new Description(said.headers(), said.metadata(), tags, said.storageClass());
            ObjectRecord after = new ObjectRecord(
                    before.size(),
                    before.etag(),
                    before.modified(),
                    before.blob(),
                    before.upload(),
                    tagged,
                    before.checksum());
            index.amend(tx, found.bucket(), address.key(), after, event, call);
        });
    }
}
