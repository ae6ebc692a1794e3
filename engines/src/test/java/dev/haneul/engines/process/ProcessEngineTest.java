package dev.haneul.engines.process;

import dev.haneul.engines.Engine;
import dev.haneul.engines.EngineContract;
import java.nio.file.Path;

final class ProcessEngineTest extends EngineContract {
    @Override
    protected Engine open(Path home) {
        return new ProcessEngine(home);
    }
}
