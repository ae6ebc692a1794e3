package dev.haneul.services.lambda;

import dev.haneul.api.lambda.*;
import dev.haneul.api.runtime.Call;

/** The operations about what stands beside configurations; a part of {@link LambdaService}, for its length. */
abstract class SettingsOperations extends ConcurrencyOperations {
    abstract CodeSigning signing();

    abstract Settings settings();

    @Override
    public CreateCodeSigningConfigResponse createCodeSigningConfig(CreateCodeSigningConfigRequest in, Call call) {
        return signing().create(in, call);
    }

    @Override
    public UpdateCodeSigningConfigResponse updateCodeSigningConfig(UpdateCodeSigningConfigRequest in, Call call) {
        return signing().update(in, call);
    }

    @Override
    public GetCodeSigningConfigResponse getCodeSigningConfig(GetCodeSigningConfigRequest in, Call call) {
        return signing().get(in, call);
    }

    @Override
    public DeleteCodeSigningConfigResponse deleteCodeSigningConfig(DeleteCodeSigningConfigRequest in, Call call) {
        signing().delete(in, call);
        return new DeleteCodeSigningConfigResponse();
    }

    @Override
    public ListCodeSigningConfigsResponse listCodeSigningConfigs(ListCodeSigningConfigsRequest in, Call call) {
        return signing().list(in, call);
    }

    @Override
    public ListFunctionsByCodeSigningConfigResponse listFunctionsByCodeSigningConfig(
            ListFunctionsByCodeSigningConfigRequest in, Call call) {
        return signing().functions(in, call);
    }

    @Override
    public PutFunctionCodeSigningConfigResponse putFunctionCodeSigningConfig(
            PutFunctionCodeSigningConfigRequest in, Call call) {
        return signing().put(in, call);
    }

    @Override
    public GetFunctionCodeSigningConfigResponse getFunctionCodeSigningConfig(
            GetFunctionCodeSigningConfigRequest in, Call call) {
        return signing().get(in, call);
    }

    @Override
    public DeleteFunctionCodeSigningConfigResponse deleteFunctionCodeSigningConfig(
            DeleteFunctionCodeSigningConfigRequest in, Call call) {
        signing().delete(in, call);
        return new DeleteFunctionCodeSigningConfigResponse();
    }

    @Override
    public PutFunctionRecursionConfigResponse putFunctionRecursionConfig(
            PutFunctionRecursionConfigRequest in, Call call) {
        return settings().put(in, call);
    }

    @Override
    public GetFunctionRecursionConfigResponse getFunctionRecursionConfig(
            GetFunctionRecursionConfigRequest in, Call call) {
        return settings().get(in, call);
    }

    @Override
    public PutRuntimeManagementConfigResponse putRuntimeManagementConfig(
            PutRuntimeManagementConfigRequest in, Call call) {
        return settings().put(in, call);
    }

    @Override
    public GetRuntimeManagementConfigResponse getRuntimeManagementConfig(
            GetRuntimeManagementConfigRequest in, Call call) {
        return settings().get(in, call);
    }
}
