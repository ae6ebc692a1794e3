package dev.haneul.engines.container;

import java.util.List;

/**
 * An unpacked image.
 *
 * @param chain the names of its layers' folders, the lowest first (chain ids of the OCI image specification, in hex)
 */
public record ImageRoot(List<String> chain) {
    public ImageRoot {
        chain = List.copyOf(chain);
        if (!chain.stream().allMatch(it -> it.matches("[0-9a-f]{64}"))) {
            throw new IllegalArgumentException("not chain ids: " + chain);
        }
    }
}
