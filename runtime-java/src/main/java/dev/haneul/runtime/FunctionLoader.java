package dev.haneul.runtime;

import java.io.File;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a function's classes are found, as in AWS's client: Java's and the runtime's come first, then the function's own,
 * its libraries by name, and its layers'. For a name that is not the runtime's, the runtime's libraries are not opened,
 * which a start would wait for.
 */
final class FunctionLoader extends URLClassLoader {
    private static final String[] RUNTIMES = {
        "com.amazonaws.", "software.amazon.awssdk.utilslite.", "dev.haneul.runtime."
    };

    private final Map<String, Runnable> firsts = new HashMap<>();

    static {
        registerAsParallelCapable();
    }

    /** @param root the function's folder */
    FunctionLoader(String root) throws MalformedURLException {
        super(classPath(root), ClassLoader.getSystemClassLoader());
    }

    /** Does something before the function's code meets a class of the runtime's for the first time. */
    void before(String name, Runnable first) {
        firsts.put(name, first);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (isRuntimes(name)) {
            Runnable first = firsts.get(name);
            if (first != null) {
                first.run();
            }
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> found = findLoadedClass(name);
            if (found == null) {
                found = ofJava(name);
            }
            return found == null ? own(name, resolve) : found;
        }
    }

    private static boolean isRuntimes(String name) {
        for (String each : RUNTIMES) {
            if (name.startsWith(each)) {
                return true;
            }
        }
        return false;
    }

    private static @Nullable Class<?> ofJava(String name) {
        try {
            return ClassLoader.getPlatformClassLoader().loadClass(name);
        } catch (ClassNotFoundException e) {
            return null;
        }
    }

    private Class<?> own(String name, boolean resolve) throws ClassNotFoundException {
        try {
            return findClass(name);
        } catch (ClassNotFoundException e) {
            return super.loadClass(name, resolve); // what else is on the class path: a snapshot's
        }
    }

    private static URL[] classPath(String root) throws MalformedURLException {
        List<URL> path = new ArrayList<>();
        path.add(new URL("file", null, -1, root + "/"));
        for (String folder : new String[] {root + "/lib", "/opt/java/lib"}) {
            String[] names = new File(folder).list();
            if (names != null) {
                Arrays.sort(names);
                for (String name : names) {
                    if (name.endsWith(".jar")) {
                        path.add(new URL("file", null, -1, folder + "/" + name));
                    }
                }
            }
        }
        return path.toArray(new URL[0]);
    }
}
