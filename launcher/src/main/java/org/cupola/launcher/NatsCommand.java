package org.cupola.launcher;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.cupola.nats.NatsComponent;
import org.cupola.nats.NatsConfig;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.lifecycle.Signals;
import org.cupola.platform.telemetry.LogSettings;
import org.cupola.platform.telemetry.LogSettings.LogLevel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code cupola nats}, with nats-server's flags, configuration file and signals; flags win over the file. */
@Command(
        name = "nats",
        mixinStandardHelpOptions = true,
        description = {
            "Carries messages between the platform's components: a NATS server of one node.",
            "SIGHUP reads the configuration again, SIGUSR1 reopens the log file, SIGUSR2 retires slowly and ends it."
        })
final class NatsCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(NatsCommand.class);

    @Option(
            names = {"-c", "-config", "--config"},
            paramLabel = "FILE",
            description = "Configuration file.")
    private @Nullable Path config;

    @Option(
            names = {"-t"},
            description = "Check the configuration and exit.")
    private boolean testOnly;

    @Option(
            names = {"-a", "-addr", "--addr", "-net", "--net"},
            paramLabel = "HOST",
            description = "Listen here.")
    private @Nullable String host;

    @Option(
            names = {"-p", "-port", "--port"},
            paramLabel = "PORT",
            description = "For clients; -1 picks one.")
    private @Nullable Integer port;

    @Option(
            names = {"-n", "-name", "--name", "-server_name", "--server_name"},
            description = "Name of the server.")
    private @Nullable String name;

    @Option(
            names = {"-m", "-http_port", "--http_port"},
            paramLabel = "PORT",
            description = "Monitoring over HTTP.")
    private @Nullable Integer httpPort;

    @Option(
            names = {"-ms", "-https_port", "--https_port"},
            paramLabel = "PORT",
            description = "The same over HTTPS.")
    private @Nullable Integer httpsPort;

    @Option(
            names = {"-P", "-pid", "--pid"},
            paramLabel = "FILE",
            description = "Write the process id there.")
    private @Nullable Path pidFile;

    @Option(
            names = {"-ports_file_dir", "--ports_file_dir"},
            paramLabel = "DIR",
            description = "Write the ports there.")
    private @Nullable Path portsFileFolder;

    @Option(
            names = {"-l", "-log", "--log"},
            paramLabel = "FILE",
            description = "Log there, not to standard output.")
    private @Nullable Path logFile;

    @Option(
            names = {"-D", "-debug", "--debug", "-DV", "-V", "-trace", "--trace"},
            description = "Log more.")
    private boolean debug;

    @SuppressWarnings("unused") // accepted for the original's sake
    @Option(
            names = {"-T", "-logtime", "--logtime"},
            description = "Accepted; log lines always carry their time.")
    private boolean logTime;

    @Option(
            names = {"-user", "--user"},
            description = "User that clients must be.")
    private @Nullable String user;

    @Option(
            names = {"-pass", "--pass"},
            paramLabel = "PASSWORD",
            description = "The user's password.")
    private @Nullable String password;

    @Option(
            names = {"-auth", "--auth"},
            paramLabel = "TOKEN",
            description = "Token that clients must show.")
    private @Nullable String token;

    @Option(
            names = {"-tls", "--tls"},
            description = "TLS to clients; implied by the other TLS flags.")
    private boolean tls;

    @Option(
            names = {"-tlscert", "--tlscert"},
            paramLabel = "FILE",
            description = "Certificate of the server.")
    private @Nullable Path tlsCertificate;

    @Option(
            names = {"-tlskey", "--tlskey"},
            paramLabel = "FILE",
            description = "Its private key.")
    private @Nullable Path tlsKey;

    @Option(
            names = {"-tlsverify", "--tlsverify"},
            description = "Clients must show a certificate.")
    private boolean tlsVerify;

    @Option(
            names = {"-tlscacert", "--tlscacert"},
            paramLabel = "FILE",
            description = "Who may issue those.")
    private @Nullable Path tlsAuthority;

    @Override
    public Integer call() throws Exception {
        NatsConfig read = read();
        if (testOnly) {
            System.out.println((config == null ? "command line" : config) + ": configuration is valid");
            return 0;
        }
        openLog(read);
        LogLevel level = read.debug() ? LogLevel.DEBUG : LogLevel.INFO;
        return ComponentRunner.run(LogSettings.human(level), () -> {
            var server = new NatsComponent(read, Clock.systemUTC());
            Signals.on("HUP", () -> reload(server));
            Signals.on("USR1", () -> openLog(read));
            Signals.on("USR2", () -> server.enterLameDuckMode().thenRun(() -> System.exit(0)));
            return server;
        });
    }

    private NatsConfig read() throws ConfigException {
        Path file = config;
        return file == null ? NatsConfig.of(settings()) : NatsConfig.read(file, settings());
    }

    private void reload(NatsComponent server) {
        try {
            server.reload(read());
        } catch (ConfigException | IllegalArgumentException e) {
            log.atError().setCause(e).log("configuration-not-reloaded");
        }
    }

    private static void openLog(NatsConfig config) {
        Path file = config.logFile();
        if (file != null) {
            try {
                System.setOut(new PrintStream(new FileOutputStream(file.toFile(), true), true, StandardCharsets.UTF_8));
            } catch (IOException e) {
                throw new IllegalArgumentException(file + ": cannot be written: " + e.getMessage(), e);
            }
        }
    }

    private Map<String, Object> settings() {
        Map<String, Object> settings = new LinkedHashMap<>();
        put(settings, "host", host);
        put(settings, "port", port);
        put(settings, "server_name", name);
        put(settings, "http_port", httpPort);
        put(settings, "https_port", httpsPort);
        put(settings, "pid_file", pidFile);
        put(settings, "ports_file_dir", portsFileFolder);
        put(settings, "log_file", logFile);
        putIf(settings, "debug", debug);
        Map<String, Object> authorization = new LinkedHashMap<>();
        put(authorization, "user", user);
        put(authorization, "password", password);
        put(authorization, "token", token);
        if (!authorization.isEmpty()) {
            settings.put("authorization", authorization);
        }
        Map<String, Object> security = new LinkedHashMap<>();
        put(security, "cert_file", tlsCertificate);
        put(security, "key_file", tlsKey);
        put(security, "ca_file", tlsAuthority);
        putIf(security, "verify", tlsVerify);
        if (tls || !security.isEmpty()) {
            settings.put("tls", security);
        }
        return settings;
    }

    private static void put(Map<String, Object> settings, String key, @Nullable Object value) {
        if (value != null) {
            settings.put(key, value instanceof Path path ? path.toString() : value);
        }
    }

    private static void putIf(Map<String, Object> settings, String key, boolean condition) {
        if (condition) {
            settings.put(key, true);
        }
    }
}
