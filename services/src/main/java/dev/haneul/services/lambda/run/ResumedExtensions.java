package dev.haneul.services.lambda.run;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The extensions of an environment that an earlier server started. */
final class ResumedExtensions {
    private ResumedExtensions() {}

    /**
     * Goes on with them where all that is needed was noted; else they are strangers, and the environment ends once its
     * invocation is over.
     *
     * @param session of the adopted environment, claimed
     * @param programs that were started with it
     */
    static void resume(RuntimeSession session, List<String> programs, Passport passport, Extensions.Ear ear) {
        ExtensionNotes noted = passport.extensions();
        if (noted == null && programs.isEmpty()) {
            return;
        }
        Set<String> known = new HashSet<>();
        if (noted != null) {
            noted.known().forEach(one -> known.add(one.name()));
        }
        if (noted == null || !noted.started() || !known.containsAll(programs)) {
            session.extensions().orphan();
            return;
        }
        session.extensions().resume(programs, noted, ear);
        session.extensions().noting(passport::extensions);
        for (ExtensionNotes.One one : noted.known()) {
            one.subscriptions().forEach(asked -> subscribe(session, one.name(), asked));
        }
    }

    private static void subscribe(RuntimeSession session, String name, ExtensionNotes.Asked asked) {
        try {
            session.telemetry().resume(name, Subscription.parse(asked.body(), asked.logs()), session::connect);
        } catch (Subscription.InvalidException e) {
            throw new IllegalStateException("it was valid once", e);
        }
    }
}
