package dev.haneul.wire.gateway;

import dev.haneul.api.runtime.Fault;
import java.io.IOException;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** Answers what the HTTP parser refuses, in AWS's words instead of the server library's. */
final class BadMessages implements Request.Handler {
    private final OperationPath operations;
    private final int maxHeaderBytes;

    BadMessages(OperationPath operations, int maxHeaderBytes) {
        this.operations = operations;
        this.maxHeaderBytes = maxHeaderBytes;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        if (request.getConnectionMetaData().getHttpVersion().getVersion() < 20) {
            // Where one message ends and the next begins is in doubt from here on.
            response.getHeaders().put(HttpHeader.CONNECTION, "close");
        }
        try {
            operations.refuse(new HttpExchange(request, response), fault(response.getStatus()));
            callback.succeeded();
        } catch (IOException gone) {
            callback.failed(gone);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
            callback.failed(stopping);
        }
        return true;
    }

    private Fault fault(int status) {
        return switch (status) {
            case 414, 431 -> OperationPath.headersTooLarge(maxHeaderBytes);
            case 408 -> Fault.client("RequestTimeout", 400, "Your socket connection to the server timed out.");
            case 417 -> Fault.client("ExpectationFailed", 417, "The expectation given in Expect cannot be met.");
            case 501 ->
                Fault.server(
                        "NotImplemented", 501, "A header you provided implies functionality that is not implemented");
            case 503 -> BufferBudget.busy();
            case 505 -> Fault.client("BadRequest", 505, "The HTTP version specified is not supported.");
            default ->
                status >= 500
                        ? Fault.server("InternalError", 500, "We encountered an internal error. Please try again.")
                        : Fault.client("BadRequest", 400, "An error occurred when parsing the HTTP request.");
        };
    }
}
