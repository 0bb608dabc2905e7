package io.cvaespark.linalg;

import dev.ludovic.netlib.blas.BLAS;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.presets.openblas_nolapack;

/**
 * Loads the OpenBLAS library that this jar contains, and connects netlib's JNI wrapper to it.
 *
 * <p>netlib has one instance per JVM, and that is bound to the library that was found when MLlib first used it.
 * Therefore this class loads a second copy of the wrapper in a private class loader. JavaCPP unpacks the library and
 * calls {@code openblas_set_num_threads}, which netlib cannot.
 */
final class OpenBlas {
    /** netlib's wrapper for the library at {@code path}. */
    record Loaded(BLAS netlib, Path path) {}

    private static final String CACHE_PROPERTY = "org.bytedeco.javacpp.cachedir";
    private static final String NETLIB_PATH_PROPERTY = "dev.ludovic.netlib.blas.nativeLibPath";
    private static final Path MAPS = Path.of("/proc/self/maps");

    private OpenBlas() {}

    static Loaded load() throws IOException, ReflectiveOperationException {
        if (System.getProperty(CACHE_PROPERTY) == null) {
            // Each JVM has its own directory, so that executors on one host cannot disturb each other; it is deleted at
            // the end.
            Path directory = Files.createTempDirectory(scratchDirectory(), "cvae-natives-");
            System.setProperty(CACHE_PROPERTY, directory.toString());
            Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteTree(directory), "cvae-natives-cleanup"));
        }
        Loader.load(org.bytedeco.openblas.global.openblas_nolapack.class);
        openblas_nolapack.blas_set_num_threads(1);
        Path library = mappedLibrary("libopenblas");
        return new Loaded(privateJniBlas(library), library);
    }

    /** The executor's local directory if the cluster sets one, else the JVM's temporary directory. */
    static Path scratchDirectory() {
        for (String variable : new String[] {"SPARK_EXECUTOR_DIRS", "LOCAL_DIRS", "SPARK_LOCAL_DIRS"}) {
            String value = System.getenv(variable);
            if (value != null && !value.isBlank()) {
                Path first = Path.of(value.split("[,:]", 2)[0]);
                if (Files.isDirectory(first)) {
                    return first;
                }
            }
        }
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    /** The file in JavaCPP's directory that is mapped into this process and whose name begins with {@code prefix}. */
    private static Path mappedLibrary(String prefix) throws IOException {
        Path cache = Path.of(System.getProperty(CACHE_PROPERTY)).toRealPath();
        try (Stream<String> lines = Files.lines(MAPS)) {
            return lines.map(line -> line.indexOf('/') < 0 ? "" : line.substring(line.indexOf('/')))
                    .filter(file -> !file.isEmpty())
                    .map(Path::of)
                    .filter(file -> file.startsWith(cache)
                            && file.getFileName().toString().startsWith(prefix))
                    .findFirst()
                    .orElseThrow(() -> new IOException("no " + prefix + " from " + cache + " is mapped into this JVM"));
        }
    }

    private static BLAS privateJniBlas(Path library) throws ReflectiveOperationException {
        String before = System.getProperty(NETLIB_PATH_PROPERTY);
        System.setProperty(NETLIB_PATH_PROPERTY, library.toString());
        try {
            Class<?> type = new JniBlasLoader().loadClass(JniBlasLoader.PACKAGE + "JNIBLAS");
            Constructor<?> constructor = type.getDeclaredConstructor();
            constructor.setAccessible(true);
            return (BLAS) constructor.newInstance();
        } finally {
            if (before == null) {
                System.clearProperty(NETLIB_PATH_PROPERTY);
            } else {
                System.setProperty(NETLIB_PATH_PROPERTY, before);
            }
        }
    }

    private static void deleteTree(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> {
                try {
                    Files.deleteIfExists(file);
                } catch (IOException e) {
                    // The JVM ends and the directory is temporary, so nothing is lost if it stays.
                }
            });
        } catch (IOException e) {
            // As above.
        }
    }

    /** Loads its own copy of netlib's JNI classes; their public interfaces are those of the parent class loader. */
    private static final class JniBlasLoader extends ClassLoader {
        static final String PACKAGE = "dev.ludovic.netlib.blas.";
        private static final Set<String> OWN = Set.of(PACKAGE + "JNIBLAS", PACKAGE + "AbstractBLAS");

        JniBlasLoader() {
            super(BLAS.class.getClassLoader());
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded == null) {
                    loaded = OWN.contains(name) ? define(name) : super.loadClass(name, false);
                }
                return loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                if (in == null) {
                    throw new ClassNotFoundException(name);
                }
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }
}
