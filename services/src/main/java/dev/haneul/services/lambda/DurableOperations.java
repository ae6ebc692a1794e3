package dev.haneul.services.lambda;

import dev.haneul.api.lambda.*;
import dev.haneul.api.runtime.Call;

/** The operations about durable executions; a part of {@link LambdaService}, for its length. */
abstract class DurableOperations extends MappingOperations {
    abstract DurableExecutions durable();

    @Override
    public CheckpointDurableExecutionResponse checkpointDurableExecution(
            CheckpointDurableExecutionRequest in, Call call) {
        return durable().checkpoint(in, call);
    }

    @Override
    public GetDurableExecutionResponse getDurableExecution(GetDurableExecutionRequest in, Call call) {
        return durable().get(in, call);
    }

    @Override
    public GetDurableExecutionHistoryResponse getDurableExecutionHistory(
            GetDurableExecutionHistoryRequest in, Call call) {
        return durable().history(in, call);
    }

    @Override
    public GetDurableExecutionStateResponse getDurableExecutionState(GetDurableExecutionStateRequest in, Call call) {
        return durable().state(in, call);
    }

    @Override
    public ListDurableExecutionsByFunctionResponse listDurableExecutionsByFunction(
            ListDurableExecutionsByFunctionRequest in, Call call) {
        return durable().list(in, call);
    }

    @Override
    public StopDurableExecutionResponse stopDurableExecution(StopDurableExecutionRequest in, Call call) {
        return durable().stop(in, call);
    }

    @Override
    public SendDurableExecutionCallbackSuccessResponse sendDurableExecutionCallbackSuccess(
            SendDurableExecutionCallbackSuccessRequest in, Call call) {
        return durable().succeed(in, call);
    }

    @Override
    public SendDurableExecutionCallbackFailureResponse sendDurableExecutionCallbackFailure(
            SendDurableExecutionCallbackFailureRequest in, Call call) {
        return durable().fail(in, call);
    }

    @Override
    public SendDurableExecutionCallbackHeartbeatResponse sendDurableExecutionCallbackHeartbeat(
            SendDurableExecutionCallbackHeartbeatRequest in, Call call) {
        return durable().beat(in, call);
    }
}
