package dev.haneul.engines.sandbox;

import dev.haneul.engines.Engine;
import dev.haneul.engines.EngineContract;
import java.nio.file.Path;

final class SandboxEngineTest extends EngineContract {
    @Override
    protected Engine open(Path home) {
        return new SandboxEngine(home);
    }
}
