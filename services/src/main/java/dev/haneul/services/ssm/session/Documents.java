package dev.haneul.services.ssm.session;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.ssm.InvalidDocument;
import dev.haneul.api.ssm.StartSessionRequest;
import dev.haneul.engines.LaunchException;
import dev.haneul.engines.container.Exec;
import dev.haneul.engines.session.SessionTarget;
import dev.haneul.kernel.call.OnBehalf;
import dev.haneul.services.ssm.session.SessionRow.Kind;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What a session's document makes of a request, and whose session it is. */
final class Documents {
    private static final String SHELL = "SSM-SessionManagerRunShell";
    private static final Map<String, Kind> WITH_COMMAND = Map.of(
            "AWS-StartInteractiveCommand", Kind.INTERACTIVE,
            "AWS-StartNonInteractiveCommand", Kind.NON_INTERACTIVE,
            "AmazonECS-ExecuteInteractiveCommand", Kind.INTERACTIVE);
    private static final List<String> UNBUILT = List.of(
            "AWS-StartPortForwardingSession",
            "AWS-StartPortForwardingSessionToRemoteHost",
            "AWS-StartPortForwardingSessionToSocket",
            "AWS-StartSSHSession");

    /** A target that was there when the session started and is gone when it is opened. */
    static final SessionTarget GONE = new SessionTarget() {
        @Override
        public Exec open(Opening opening) throws LaunchException {
            throw new LaunchException("the target does not run any more");
        }

        @Override
        public boolean recorded() {
            return false;
        }

        @Override
        public void ended(String session, Path transcript) {
            throw new IllegalStateException("nothing was recorded");
        }
    };

    private Documents() {}

    /** A kind of session, and its command; empty for a shell. */
    record Wanted(String document, Kind kind, String command) {}

    /** @throws Fault InvalidDocument, or what the document says of parameters */
    static Wanted of(StartSessionRequest in) {
        String document = Objects.requireNonNullElse(in.documentName(), SHELL);
        String name = document.substring(document.lastIndexOf('/') + 1);
        if (name.equals(SHELL)) {
            return new Wanted(name, Kind.STANDARD, "");
        }
        if (UNBUILT.contains(name)) {
            throw Fault.server("NotImplemented", 501, "Sessions of " + name + " are not implemented by Haneul yet.");
        }
        Kind kind = WITH_COMMAND.get(name);
        if (kind == null) {
            throw Fault.of(new InvalidDocument(), "Document with name " + name + " does not exist.");
        }
        List<String> words = in.parameters().getOrDefault("command", List.of());
        if (words.isEmpty() || words.getFirst().isBlank()) {
            throw Fault.client(
                    "InvalidParameters", 400, "Parameter \"command\" of document " + name + " has no value.");
        }
        return new Wanted(name, kind, String.join(" ", words));
    }

    /** Whose it is, as DescribeSessions tells. */
    static String owner(Principal principal) {
        return principal.attributes().getOrDefault(OnBehalf.CALLER, principal.arn());
    }

    /** What the ids of somebody's sessions begin with. */
    static String sessionName(Principal principal) {
        return switch (principal.type()) {
            case SERVICE -> "ecs-execute-command";
            case ROOT -> "root";
            default -> principal.arn().substring(principal.arn().lastIndexOf('/') + 1);
        };
    }
}
