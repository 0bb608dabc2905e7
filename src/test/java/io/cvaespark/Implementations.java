package io.cvaespark;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds what a contract test has to cover. */
public final class Implementations {
    private Implementations() {}

    /** The classes in {@code contract}'s package that implement it. */
    public static Set<Class<?>> of(Class<?> contract) {
        try {
            Path root = Path.of(
                    contract.getProtectionDomain().getCodeSource().getLocation().toURI());
            Path folder = root.resolve(contract.getPackageName().replace('.', '/'));
            Collection<Class<?>> found = new ArrayList<>();
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    String name = file.getFileName().toString();
                    if (name.endsWith(".class") && !name.equals("package-info.class")) {
                        String simple = name.substring(0, name.length() - ".class".length());
                        found.add(Class.forName(contract.getPackageName() + "." + simple));
                    }
                }
            }
            return found.stream()
                    .filter(c -> !Modifier.isAbstract(c.getModifiers()) && contract.isAssignableFrom(c))
                    .collect(Collectors.toSet());
        } catch (IOException | URISyntaxException | ClassNotFoundException e) {
            throw new AssertionError("Cannot list the implementations of " + contract, e);
        }
    }
}
