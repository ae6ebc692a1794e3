package dev.haneul.services.ecs.express;

import dev.haneul.api.ecs.CreateExpressGatewayServiceRequest;
import dev.haneul.api.ecs.CreateExpressGatewayServiceResponse;
import dev.haneul.api.ecs.DeleteExpressGatewayServiceRequest;
import dev.haneul.api.ecs.DeleteExpressGatewayServiceResponse;
import dev.haneul.api.ecs.DescribeExpressGatewayServiceRequest;
import dev.haneul.api.ecs.DescribeExpressGatewayServiceResponse;
import dev.haneul.api.ecs.EcsApi;
import dev.haneul.api.ecs.UpdateExpressGatewayServiceRequest;
import dev.haneul.api.ecs.UpdateExpressGatewayServiceResponse;
import dev.haneul.api.runtime.Call;

/** The API of Express services. */
public interface ExpressOperations extends EcsApi {
    Express express();

    @Override
    default CreateExpressGatewayServiceResponse createExpressGatewayService(
            CreateExpressGatewayServiceRequest in, Call call) {
        return express().create(in, call);
    }

    @Override
    default DescribeExpressGatewayServiceResponse describeExpressGatewayService(
            DescribeExpressGatewayServiceRequest in, Call call) {
        return express().describe(in, call);
    }

    @Override
    default UpdateExpressGatewayServiceResponse updateExpressGatewayService(
            UpdateExpressGatewayServiceRequest in, Call call) {
        return express().update(in, call);
    }

    @Override
    default DeleteExpressGatewayServiceResponse deleteExpressGatewayService(
            DeleteExpressGatewayServiceRequest in, Call call) {
        return express().delete(in, call);
    }
}
