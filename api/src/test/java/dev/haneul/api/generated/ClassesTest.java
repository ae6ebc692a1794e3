package dev.haneul.api.generated;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.api.Catalog;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The class files themselves: they verify, load one another only when used, and are of a size HotSpot compiles. */
class ClassesTest {
    /** HotSpot interprets a longer method for ever. An initialiser runs once. */
    private static final int LONGEST_COMPILED_BYTES = 8000;

    @Test
    void everyClassVerifiesAndStarts() throws Exception {
        List<String> names = new ArrayList<>();
        for (Path file : files()) {
            names.add(name(file));
        }
        assertThat(names).hasSizeGreaterThan(10_000);
        for (String name : names) {
            assertThat(Class.forName(name, true, Catalog.class.getClassLoader()).getName())
                    .isEqualTo(name);
        }
    }

    @Test
    void noMethodIsTooLongToBeCompiled() throws Exception {
        for (Path file : files()) {
            ClassModel type = ClassFile.of().parse(file);
            for (MethodModel method : type.methods()) {
                int length = method.code()
                        .map(code -> ((CodeAttribute) code).codeLength())
                        .orElse(0);
                assertThat(method.methodName().equalsString("<clinit>") || length < LONGEST_COMPILED_BYTES)
                        .as(file + " " + method.methodName() + " has " + length + " bytes")
                        .isTrue();
            }
        }
    }

    @Test
    void verifyingTheFrontOfAServiceLoadsNoneOfItsStructures() throws Exception {
        for (String front : List.of("Ec2Client", "Ec2Api", "Ec2ApiInvoke$Part0", "Ec2Shapes$Part0", "Ec2Model$Part0")) {
            try (Watched loader = new Watched(root().toUri().toURL())) {
                Class.forName("dev.haneul.api.ec2." + front, true, loader);
                assertThat(loader.loaded)
                        .as(front)
                        .filteredOn(name -> name.startsWith("dev.haneul.api.ec2."))
                        .allMatch(name -> name.startsWith("dev.haneul.api.ec2.Ec2"));
            }
        }
    }

    private static Path root() throws URISyntaxException {
        return Path.of(Catalog.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
    }

    private static List<Path> files() throws IOException, URISyntaxException {
        try (Stream<Path> tree = Files.walk(root())) {
            return tree.filter(file -> file.toString().endsWith(".class")).toList();
        }
    }

    private static String name(Path file) throws URISyntaxException {
        String path = root().relativize(file).toString();
        return path.substring(0, path.length() - ".class".length()).replace('/', '.');
    }

    /** Loads the generated classes itself and notes which. */
    private static final class Watched extends URLClassLoader {
        private final List<String> loaded = new ArrayList<>();

        Watched(URL root) {
            super(new URL[] {root}, ClassLoader.getPlatformClassLoader());
        }

        @Override
        protected Class<?> findClass(String name) throws ClassNotFoundException {
            loaded.add(name);
            return super.findClass(name);
        }
    }
}
