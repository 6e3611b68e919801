package org.cupola.bbs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;

/** A BBS as a process of its own, to be killed: {@code CONFIG-FILE PORT-FILE}. */
final class BbsProcess {
    private BbsProcess() {}

    public static void main(String[] arguments) throws Exception {
        var bbs = new BbsComponent(BbsConfig.read(Path.of(arguments[0])), Clock.systemUTC());
        bbs.start();
        Path written = Path.of(arguments[1] + ".new");
        Files.writeString(written, "" + bbs.port());
        Files.move(written, Path.of(arguments[1]), StandardCopyOption.ATOMIC_MOVE);
        new CountDownLatch(1).await();
    }
}
