package dev.haneul.services.ecs;

import dev.haneul.api.ecs.EcsApi;
import dev.haneul.api.ecs.ListTagsForResourceRequest;
import dev.haneul.api.ecs.ListTagsForResourceResponse;
import dev.haneul.api.ecs.ResourceNotFoundException;
import dev.haneul.api.ecs.TagResourceRequest;
import dev.haneul.api.ecs.TagResourceResponse;
import dev.haneul.api.ecs.UntagResourceRequest;
import dev.haneul.api.ecs.UntagResourceResponse;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.ecs.service.Services;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tags on resources that are there. */
interface TagOperations extends EcsApi {
    EcsRoom room();

    Services services();

    @Override
    default TagResourceResponse tagResource(TagResourceRequest in, Call call) {
        Map<String, String> tags = EcsTags.check(in.tags());
        Scope scope = EcsRoom.scope(call);
        return room().change(tx -> {
            EcsTags.put(tx, scope, resource(tx, scope, in.resourceArn()), tags);
            return new TagResourceResponse();
        });
    }

    @Override
    default UntagResourceResponse untagResource(UntagResourceRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        return room().change(tx -> {
            EcsTags.remove(tx, scope, resource(tx, scope, in.resourceArn()), in.tagKeys());
            return new UntagResourceResponse();
        });
    }

    @Override
    default ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest in, Call call) {
        Scope scope = EcsRoom.scope(call);
        return room().read(tx -> new ListTagsForResourceResponse()
                .tags(EcsTables.told(EcsTags.of(tx, scope, resource(tx, scope, in.resourceArn())))));
    }

    private String resource(ReadTx tx, Scope scope, @Nullable String given) {
        Arn arn = Arn.parse(String.valueOf(given))
                .filter(each -> each.service().equals("ecs"))
                .orElseThrow(() -> EcsFaults.invalid("Invalid arn syntax."));
        boolean mine = arn.account().equals(scope.account()) && arn.region().equals(scope.region());
        if (!mine || !exists(tx, scope, arn)) {
            throw Fault.of(
                    new ResourceNotFoundException(),
                    "The specified resource was not found. Specify a valid resource ARN and try again.");
        }
        return arn.resource();
    }

    private boolean exists(ReadTx tx, Scope scope, Arn arn) {
        String id = arn.resource().substring(arn.resource().lastIndexOf('/') + 1);
        if (id.isEmpty()) {
            return false;
        }
        return switch (arn.resourceType()) {
            case "cluster" -> tx.get(EcsTables.CLUSTERS, scope.key(id)).isPresent();
            case "task" -> tx.get(EcsTables.TASKS, scope.key(id)).isPresent();
            case "container-instance" ->
                tx.get(EcsTables.INSTANCES, scope.key(id)).isPresent();
            case "capacity-provider" ->
                tx.get(EcsTables.PROVIDERS, scope.key(id)).isPresent();
            case "task-definition" ->
                EcsTables.reference(id)
                        .flatMap(key -> tx.get(EcsTables.DEFINITIONS, scope.key(key)))
                        .isPresent();
            default -> services().exists(tx, scope, arn);
        };
    }
}
