package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.NameSource.Answer;
import java.io.Closeable;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Every source of names, as one. */
final class NameBook implements NameSource {
    private static final Logger LOG = System.getLogger(NameBook.class.getName());

    private final List<NameSource> sources = new CopyOnWriteArrayList<>();

    /** @return takes the source out again */
    Closeable add(NameSource source) {
        sources.add(source);
        return () -> sources.remove(source);
    }

    @Override
    public Optional<Answer> find(@Nullable String vpcId, String name) {
        Answer best = null;
        for (NameSource source : sources) {
            var found = ask(source, vpcId, name);
            if (found.isPresent() && (best == null || beats(found.get(), best))) {
                best = found.get();
            }
        }
        return Optional.ofNullable(best);
    }

    /** A source that fails knows nothing: the others still answer. */
    private static Optional<Answer> ask(NameSource source, @Nullable String vpcId, String name) {
        try {
            return source.find(vpcId, name);
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "a source of names failed at " + name, e);
            return Optional.empty();
        }
    }

    private static boolean beats(Answer one, Answer other) {
        int longer = one.zone().length() - other.zone().length();
        return longer != 0 ? longer > 0 : one.exists() && !other.exists();
    }
}
