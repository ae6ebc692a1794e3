package dev.haneul.engines.container;

import java.nio.file.Path;

/** The contract, with crun. */
final class CrunContainersTest extends ContainersContract {
    @Override
    Containers open(Path home) {
        return new CrunContainers(home);
    }
}
