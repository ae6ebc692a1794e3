package dev.haneul.kernel.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    Path path;

    /** Holds a folder until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws Exception {
            DataFolder folder = DataFolder.open(Path.of(arguments[0]));
            System.out.println("holding " + folder.path());
            Thread.sleep(60_000);
        }
    }

    @Test
    void aFolderThatAnotherProcessHoldsIsRefusedWithItsPidUntilItDies() throws Exception {
        try (Child child = Child.start(Holder.class, path.toString())) {
            assertThat(child.line()).startsWith("holding");
            assertThatThrownBy(() -> DataFolder.open(path))
                    .isInstanceOfSatisfying(
                            StoreHeldException.class,
                            held -> assertThat(held.pid()).isEqualTo(child.pid()))
                    .hasMessageContaining(path.toRealPath().toString())
                    .hasMessageContaining("process " + child.pid());
            child.kill();
        }
        DataFolder.open(path).close();
    }

    @Test
    void aFolderThatThisProcessHoldsIsRefusedAndStaysHeld() throws Exception {
        try (DataFolder held = DataFolder.open(path)) {
            for (int i = 0; i < 2; i++) {
                assertThatThrownBy(() -> DataFolder.open(path))
                        .isInstanceOfSatisfying(
                                StoreHeldException.class,
                                e -> assertThat(e.pid())
                                        .isEqualTo(ProcessHandle.current().pid()));
            }
            try (Child child = Child.start(Holder.class, held.path().toString())) {
                assertThat(child.waitFor()).isNotZero();
            }
        }
        try (DataFolder again = DataFolder.open(path)) {
            assertThat(again.isEphemeral()).isFalse();
        }
    }

    @Test
    void aFolderThatCannotBeIsToldInOneLine() throws Exception {
        Path file = Files.writeString(path.resolve("file"), "x");
        assertThatThrownBy(() -> DataFolder.open(file))
                .isInstanceOf(StoreUnreadableException.class)
                .hasMessageContaining("file")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> DataFolder.open(file.resolve("below"))).isInstanceOf(StoreUnreadableException.class);
    }

    @Test
    void theKeyIsMadeOnceAndKeptPrivate() throws Exception {
        byte[] key;
        try (DataFolder folder = DataFolder.open(path)) {
            key = folder.key();
            assertThat(key).hasSize(32).isEqualTo(folder.key());
        }
        try (DataFolder folder = DataFolder.open(path)) {
            assertThat(folder.key()).isEqualTo(key);
            assertThat(Files.getPosixFilePermissions(path.resolve("secret.key")))
                    .hasSize(2);
            Files.write(path.resolve("secret.key"), new byte[3]);
            assertThatThrownBy(folder::key).isInstanceOf(StoreUnreadableException.class);
        }
    }

    @Test
    void anEphemeralFolderGoesWhenClosedAndOneLeftByAKilledProcessGoesWithTheNext() throws Exception {
        Path gone;
        try (DataFolder folder = DataFolder.temporary();
                SqliteStore store = SqliteStore.open(folder)) {
            gone = folder.path();
            assertThat(folder.isEphemeral()).isTrue();
            store.feed().subscribe("c", java.util.Set.of("x"));
        }
        assertThat(gone).doesNotExist();
        Path abandoned = Files.createTempDirectory("haneul-ephemeral-");
        Files.writeString(abandoned.resolve("haneul.pid"), "999999999 dead");
        Files.createDirectories(abandoned.resolve("blobs").resolve("aa"));
        try (DataFolder folder = DataFolder.temporary();
                DataFolder other = DataFolder.temporary()) {
            assertThat(abandoned).doesNotExist();
            assertThat(folder.path()).exists().isNotEqualTo(other.path());
        }
    }
}
