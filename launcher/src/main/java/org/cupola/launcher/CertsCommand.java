package org.cupola.launcher;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import org.cupola.launcher.up.PlatformCertificates;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cupola certs}: what separate processes need for mutual TLS between them. */
@Command(
        name = "certs",
        mixinStandardHelpOptions = true,
        description = {
            "Makes a certificate authority (ca.crt, ca.key) and a certificate and key for each NAME.",
            "What is there and good for another month stays as it is."
        })
final class CertsCommand implements Callable<Integer> {
    @Option(names = "--out", paramLabel = "DIR", required = true, description = "where the PEM files go")
    private Path out;

    @Parameters(paramLabel = "NAME", arity = "1..*", description = "components, such as bbs or gorouter")
    private List<String> names;

    @Override
    public Integer call() throws Exception {
        var certificates = new PlatformCertificates(Files.createDirectories(out), Clock.systemUTC());
        names.forEach(name -> certificates.ensure(name, List.of()));
        return 0;
    }
}
