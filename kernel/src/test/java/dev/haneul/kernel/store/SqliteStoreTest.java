package dev.haneul.kernel.store;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends StoreContract {
    @TempDir
    Path folder;

    private DataFolder held;

    @Override
    protected Store openStore() {
        letGo();
        held = DataFolder.open(folder);
        return SqliteStore.open(held);
    }

    @AfterEach
    void letGo() {
        if (held != null) {
            held.close();
        }
    }
}
