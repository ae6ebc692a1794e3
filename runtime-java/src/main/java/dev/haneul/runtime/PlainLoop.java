package dev.haneul.runtime;

import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.api.client.LambdaEnvironment;
import com.amazonaws.services.lambda.runtime.api.client.UserFault;
import com.amazonaws.services.lambda.runtime.api.client.api.LambdaClientContext;
import com.amazonaws.services.lambda.runtime.api.client.api.LambdaCognitoIdentity;
import com.amazonaws.services.lambda.runtime.api.client.api.LambdaContext;
import com.amazonaws.services.lambda.runtime.api.client.logging.LambdaContextLogger;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaError;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.LambdaRuntimeApiClient;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.RapidErrorType;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.converters.LambdaErrorConverter;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.converters.XRayErrorCauseConverter;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.dto.InvocationRequest;
import com.amazonaws.services.lambda.runtime.logging.LogFormat;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import com.amazonaws.services.lambda.runtime.serialization.factories.GsonFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOError;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One invocation after the other. */
final class PlainLoop {
    private static final String TRACE = "com.amazonaws.xray.traceHeader";

    private final LambdaRuntimeApiClient door;
    private final LambdaContextLogger log;
    private final PlainHandler handler;
    private final @Nullable UserFault broken;

    /** @param broken what every event is answered; null where there is a handler */
    PlainLoop(LambdaRuntimeApiClient door, LambdaContextLogger log, PlainHandler handler, @Nullable UserFault broken) {
        this.door = door;
        this.log = log;
        this.handler = handler;
        this.broken = broken;
    }

    /** Serves until something happens after which a JVM is not to be trusted. */
    void run() throws IOException {
        boolean goesOn = true;
        while (goesOn) {
            InvocationRequest request = door.nextInvocation();
            trace(request.getXrayTraceId());
            goesOn = serve(request);
        }
    }

    private boolean serve(InvocationRequest request) throws IOException {
        try {
            if (broken != null) {
                throw broken;
            }
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            LambdaContext context = context(request);
            log.setLambdaContext(context);
            handler.handle(request.getContent(), answer, context);
            door.reportInvocationSuccess(request.getId(), answer.toByteArray());
            Thread.interrupted(); // the function's, not ours
            return true;
        } catch (Throwable t) {
            Traces.ofFunction(t);
            UserFault fault = t instanceof UserFault ? (UserFault) t : UserFault.makeUserFault(t);
            door.reportInvocationError(request.getId(), error(t));
            tell(log, fault);
            return !(t instanceof VirtualMachineError || t instanceof IOError || t instanceof UserFault && fault.fatal);
        }
    }

    private LambdaContext context(InvocationRequest request) {
        String identity = request.getCognitoIdentity();
        String client = request.getClientContext();
        return new LambdaContext(
                LambdaEnvironment.MEMORY_LIMIT,
                request.getDeadlineTimeInMs(),
                request.getId(),
                LambdaEnvironment.LOG_GROUP_NAME,
                LambdaEnvironment.LOG_STREAM_NAME,
                LambdaEnvironment.FUNCTION_NAME,
                isEmpty(identity) ? null : read(identity, LambdaCognitoIdentity.class),
                LambdaEnvironment.FUNCTION_VERSION,
                request.getInvokedFunctionArn(),
                request.getTenantId(),
                request.getXrayTraceId(),
                isEmpty(client) ? null : read(client, LambdaClientContext.class)) {
            @Override
            public LambdaLogger getLogger() {
                return log;
            }
        };
    }

    private static boolean isEmpty(@Nullable String text) {
        return text == null || text.isEmpty();
    }

    private static <T> T read(String document, Class<T> type) {
        return GsonFactory.getInstance().getSerializer(type).fromJson(document);
    }

    /** What is told the Runtime API of something thrown. */
    static LambdaError error(Throwable t) {
        return t instanceof UserFault
                ? new LambdaError(LambdaErrorConverter.fromUserFault((UserFault) t), RapidErrorType.BadFunctionCode)
                : new LambdaError(
                        LambdaErrorConverter.fromThrowable(t),
                        XRayErrorCauseConverter.fromThrowable(t),
                        RapidErrorType.UserException);
    }

    /** And the log. */
    static void tell(LambdaContextLogger log, UserFault fault) {
        log.log(fault.reportableError(), log.getLogFormat() == LogFormat.JSON ? LogLevel.ERROR : LogLevel.UNDEFINED);
    }

    private static void trace(@Nullable String id) {
        if (id == null) {
            System.clearProperty(TRACE);
        } else {
            System.setProperty(TRACE, id);
        }
    }
}
