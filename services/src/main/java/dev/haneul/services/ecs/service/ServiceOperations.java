package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.*;
import dev.haneul.api.runtime.Call;

/** The API of services. */
public interface ServiceOperations extends EcsApi {
    Services services();

    @Override
    default CreateServiceResponse createService(CreateServiceRequest in, Call call) {
        return new ServiceWrites(services()).create(in, call);
    }

    @Override
    default UpdateServiceResponse updateService(UpdateServiceRequest in, Call call) {
        return new ServiceWrites(services()).update(in, call);
    }

    @Override
    default DeleteServiceResponse deleteService(DeleteServiceRequest in, Call call) {
        return new ServiceWrites(services()).delete(in, call);
    }

    @Override
    default DescribeServicesResponse describeServices(DescribeServicesRequest in, Call call) {
        return new ServiceReads(services()).describe(in, call);
    }

    @Override
    default ListServicesResponse listServices(ListServicesRequest in, Call call) {
        return new ServiceReads(services()).list(in, call);
    }

    @Override
    default ListServicesByNamespaceResponse listServicesByNamespace(ListServicesByNamespaceRequest in, Call call) {
        return new ServiceReads(services()).listByNamespace(in, call);
    }

    @Override
    default DescribeServiceDeploymentsResponse describeServiceDeployments(
            DescribeServiceDeploymentsRequest in, Call call) {
        return new DeploymentReads(services()).describe(in, call);
    }

    @Override
    default ListServiceDeploymentsResponse listServiceDeployments(ListServiceDeploymentsRequest in, Call call) {
        return new DeploymentReads(services()).list(in, call);
    }

    @Override
    default DescribeServiceRevisionsResponse describeServiceRevisions(DescribeServiceRevisionsRequest in, Call call) {
        return new DeploymentReads(services()).revisions(in, call);
    }

    @Override
    default StopServiceDeploymentResponse stopServiceDeployment(StopServiceDeploymentRequest in, Call call) {
        return new DeploymentReads(services()).stop(in, call);
    }

    @Override
    default ContinueServiceDeploymentResponse continueServiceDeployment(
            ContinueServiceDeploymentRequest in, Call call) {
        return new DeploymentReads(services()).goOn(in, call);
    }

    @Override
    default CreateTaskSetResponse createTaskSet(CreateTaskSetRequest in, Call call) {
        return new TaskSets(services()).create(in, call);
    }

    @Override
    default UpdateTaskSetResponse updateTaskSet(UpdateTaskSetRequest in, Call call) {
        return new TaskSets(services()).update(in, call);
    }

    @Override
    default DeleteTaskSetResponse deleteTaskSet(DeleteTaskSetRequest in, Call call) {
        return new TaskSets(services()).delete(in, call);
    }

    @Override
    default DescribeTaskSetsResponse describeTaskSets(DescribeTaskSetsRequest in, Call call) {
        return new TaskSets(services()).describe(in, call);
    }

    @Override
    default UpdateServicePrimaryTaskSetResponse updateServicePrimaryTaskSet(
            UpdateServicePrimaryTaskSetRequest in, Call call) {
        return new TaskSets(services()).prefer(in, call);
    }
}
