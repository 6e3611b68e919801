package org.cupola.rep.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The files of a container without a root file system of its own: paths of the container lie below one folder of the host.
 *
 * <p>Processes see the host's paths, so the one folder that work names in arguments and variables, {@code /home/vcap}, is
 * rewritten there to where it really is. Immutable, any thread.
 */
final class ContainerFiles {
    static final String HOME = "/home/vcap";
    /** The folder's name as a whole: not the beginning of {@code /home/vcapital}, not the end of {@code /my/home/vcap}. */
    private static final Pattern HOME_IN_TEXT = Pattern.compile("(?<![A-Za-z0-9_./-])/home/vcap(?![A-Za-z0-9_.-])");

    private final Path root;

    ContainerFiles(Path root) {
        this.root = root;
    }

    void make() throws IOException {
        Files.createDirectories(home());
        Files.createDirectories(temporary());
    }

    Path root() {
        return root;
    }

    Path home() {
        return root.resolve(HOME.substring(1));
    }

    Path temporary() {
        return root.resolve("tmp");
    }

    /** A path of the container on the host; relative ones start at home, and none leads out of the container. */
    Path onHost(String path) {
        Path inside = Path.of("/").resolve(HOME).resolve(path).normalize();
        return root.resolve(Path.of("/").relativize(inside).toString());
    }

    /** The text with the container's home folder replaced by where it is on the host. */
    String rewrite(String text) {
        return text.contains(HOME)
                ? HOME_IN_TEXT.matcher(text).replaceAll(Matcher.quoteReplacement(home().toString()))
                : text;
    }

    /** Makes a folder of the host appear in the container. */
    void link(BindMount mount) throws IOException {
        Path place = onHost(mount.container());
        if (place.equals(root)) {
            throw new IOException("cannot mount over the root folder");
        }
        FileTrees.delete(place);
        Files.createDirectories(place.getParent());
        Files.createSymbolicLink(place, mount.host());
    }
}
