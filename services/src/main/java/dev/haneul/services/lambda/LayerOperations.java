package dev.haneul.services.lambda;

import dev.haneul.api.lambda.*;
import dev.haneul.api.runtime.Call;

/** The operations about layers; a part of {@link LambdaService}, for its length. */
abstract class LayerOperations extends SettingsOperations {
    abstract Layers layers();

    abstract LayerPolicies layerPolicies();

    @Override
    public PublishLayerVersionResponse publishLayerVersion(PublishLayerVersionRequest in, Call call) {
        return layers().publish(in, call);
    }

    @Override
    public GetLayerVersionResponse getLayerVersion(GetLayerVersionRequest in, Call call) {
        return layers().get(in.layerName(), in.versionNumber(), call);
    }

    @Override
    public GetLayerVersionResponse getLayerVersionByArn(GetLayerVersionByArnRequest in, Call call) {
        return layers().getByArn(in.arn(), call);
    }

    @Override
    public DeleteLayerVersionResponse deleteLayerVersion(DeleteLayerVersionRequest in, Call call) {
        layers().delete(in, call);
        return new DeleteLayerVersionResponse();
    }

    @Override
    public ListLayersResponse listLayers(ListLayersRequest in, Call call) {
        return layers().list(in, call);
    }

    @Override
    public ListLayerVersionsResponse listLayerVersions(ListLayerVersionsRequest in, Call call) {
        return layers().versions(in, call);
    }

    @Override
    public AddLayerVersionPermissionResponse addLayerVersionPermission(AddLayerVersionPermissionRequest in, Call call) {
        return layerPolicies().add(in, call);
    }

    @Override
    public RemoveLayerVersionPermissionResponse removeLayerVersionPermission(
            RemoveLayerVersionPermissionRequest in, Call call) {
        layerPolicies().remove(in, call);
        return new RemoveLayerVersionPermissionResponse();
    }

    @Override
    public GetLayerVersionPolicyResponse getLayerVersionPolicy(GetLayerVersionPolicyRequest in, Call call) {
        return layerPolicies().get(in, call);
    }
}
