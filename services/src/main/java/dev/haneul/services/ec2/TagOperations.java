package dev.haneul.services.ec2;

import dev.haneul.api.ec2.CreateTagsRequest;
import dev.haneul.api.ec2.CreateTagsResult;
import dev.haneul.api.ec2.DeleteTagsRequest;
import dev.haneul.api.ec2.DeleteTagsResult;
import dev.haneul.api.ec2.DescribeTagsRequest;
import dev.haneul.api.ec2.DescribeTagsResult;
import dev.haneul.api.ec2.Ec2Api;
import dev.haneul.api.ec2.TagDescription;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ec2.Listing.Tagged;
import java.util.List;
import java.util.Map;

/** Tags on resources of every kind. */
interface TagOperations extends Ec2Api {
    int MOST_RESOURCES = 1000;

    Listing<TagDescription> TAGS = Listing.of(
            "DescribeTags",
            Filters.<TagDescription>plain()
                    .one("key", TagDescription::key)
                    .one("value", TagDescription::value)
                    .one("resource-id", TagDescription::resourceId)
                    .one("resource-type", TagDescription::resourceType)
                    .keyed(
                            "tag:",
                            (tag, key) -> key.equals(tag.key()) ? List.of(String.valueOf(tag.value())) : List.of()));

    Ec2Room room();

    @Override
    default CreateTagsResult createTags(CreateTagsRequest in, Call call) {
        Map<String, String> tags = Tags.check(in.tags());
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            for (String id : resources(in.resources())) {
                Tags.put(tx, scope, existing(tx, scope, id), id, tags);
            }
            return new CreateTagsResult();
        });
    }

    @Override
    default DeleteTagsResult deleteTags(DeleteTagsRequest in, Call call) {
        Scope scope = Ec2Room.scope(call);
        return room().change(in, tx -> {
            for (String id : resources(in.resources())) {
                Tags.remove(tx, scope, id, in.tags());
            }
            return new DeleteTagsResult();
        });
    }

    private static List<String> resources(List<String> ids) {
        if (ids.isEmpty()) {
            throw Ec2Faults.missing("resourceIdSet");
        }
        if (ids.size() > MOST_RESOURCES) {
            throw Ec2Faults.invalid("A request may name at most " + MOST_RESOURCES + " resources.");
        }
        return ids;
    }

    private Kind<?> existing(ReadTx tx, Scope scope, String id) {
        Kind<?> kind =
                room().tags().kind(id).orElseThrow(() -> Ec2Faults.of("InvalidID", "The ID '" + id + "' is not valid"));
        kind.require(tx, scope, id);
        return kind;
    }

    @Override
    default DescribeTagsResult describeTags(DescribeTagsRequest in, Call call) {
        Page<TagDescription> page = room().read(tx -> {
            List<TagDescription> all = Tags.all(tx, Ec2Room.scope(call)).stream()
                    .flatMap(row -> row.tags().entrySet().stream()
                            .map(each -> new TagDescription()
                                    .resourceId(row.resource())
                                    .resourceType(row.type())
                                    .key(each.getKey())
                                    .value(each.getValue())))
                    .toList();
            return TAGS.page(room(), tx, all, each -> each.resourceId() + "/" + each.key(), in, false, call)
                    .map(Tagged::record);
        });
        return new DescribeTagsResult().tags(page.items()).nextToken(page.next());
    }
}
