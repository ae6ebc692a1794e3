package dev.haneul.storage;

import java.time.Instant;
import java.util.List;

/**
 * A layer on its way in. What it tells is on disk.
 *
 * @param id a UUID
 * @param owner what the room began it for, e.g. a repository's name
 * @param length bytes so far
 * @param parts what they lie in
 * @param touched when it was begun or last grew
 */
public record LayerUpload(String id, String owner, long length, List<BlobRef> parts, Instant touched) {
    public LayerUpload {
        parts = List.copyOf(parts);
    }
}
