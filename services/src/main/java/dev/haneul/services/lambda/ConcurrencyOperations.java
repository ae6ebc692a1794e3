package dev.haneul.services.lambda;

import dev.haneul.api.lambda.DeleteProvisionedConcurrencyConfigRequest;
import dev.haneul.api.lambda.DeleteProvisionedConcurrencyConfigResponse;
import dev.haneul.api.lambda.GetProvisionedConcurrencyConfigRequest;
import dev.haneul.api.lambda.GetProvisionedConcurrencyConfigResponse;
import dev.haneul.api.lambda.LambdaApi;
import dev.haneul.api.lambda.ListProvisionedConcurrencyConfigsRequest;
import dev.haneul.api.lambda.ListProvisionedConcurrencyConfigsResponse;
import dev.haneul.api.lambda.PutProvisionedConcurrencyConfigRequest;
import dev.haneul.api.lambda.PutProvisionedConcurrencyConfigResponse;
import dev.haneul.api.runtime.Call;

/** The operations about what is kept ready; a part of {@link LambdaService}, for its length. */
abstract class ConcurrencyOperations implements LambdaApi {
    abstract Provisioned provisioned();

    @Override
    public PutProvisionedConcurrencyConfigResponse putProvisionedConcurrencyConfig(
            PutProvisionedConcurrencyConfigRequest in, Call call) {
        return provisioned().put(in, call);
    }

    @Override
    public GetProvisionedConcurrencyConfigResponse getProvisionedConcurrencyConfig(
            GetProvisionedConcurrencyConfigRequest in, Call call) {
        return provisioned().get(in, call);
    }

    @Override
    public DeleteProvisionedConcurrencyConfigResponse deleteProvisionedConcurrencyConfig(
            DeleteProvisionedConcurrencyConfigRequest in, Call call) {
        provisioned().delete(in, call);
        return new DeleteProvisionedConcurrencyConfigResponse();
    }

    @Override
    public ListProvisionedConcurrencyConfigsResponse listProvisionedConcurrencyConfigs(
            ListProvisionedConcurrencyConfigsRequest in, Call call) {
        return provisioned().list(in, call);
    }
}
