package dev.haneul.services.ssm.session;

import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session, by its id.
 *
 * @param kind as the data channel knows it
 * @param status as DescribeSessions tells it
 * @param pass opens the data channel once; null where that was done
 */
record SessionRow(
        String id,
        String target,
        Kind kind,
        String command,
        String status,
        About about,
        @Nullable Pass pass,
        @Nullable Instant ended) {
    /** Those that are not over. */
    static final String OPEN = "open";

    static final Table<SessionRow> TABLE = Table.of(
            "ssm.session",
            RecordCodecs.of(SessionRow.class),
            new Table.Index<>(OPEN, row -> row.over() ? List.of() : List.of("yes")));

    /** Kinds of sessions. */
    enum Kind {
        STANDARD("Standard_Stream", true),
        INTERACTIVE("InteractiveCommands", true),
        NON_INTERACTIVE("NonInteractiveCommands", false);

        final String name;
        final boolean terminal;

        Kind(String name, boolean terminal) {
            this.name = name;
            this.terminal = terminal;
        }
    }

    /** What was said when it started. */
    record About(String document, String owner, @Nullable String reason, Instant started) {}

    /** A token that was given out. */
    record Pass(String nonce, Instant expires) {}

    boolean over() {
        return ended != null;
    }

    SessionRow with(Pass given) {
        return new SessionRow(id, target, kind, command, status, about, given, ended);
    }

    SessionRow opened() {
        return new SessionRow(id, target, kind, command, "Connected", about, null, ended);
    }

    SessionRow with(String other) {
        return new SessionRow(id, target, kind, command, other, about, pass, ended);
    }

    SessionRow over(String how, Instant at) {
        return new SessionRow(id, target, kind, command, how, about, null, at);
    }
}
