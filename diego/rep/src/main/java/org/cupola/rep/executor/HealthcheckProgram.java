package org.cupola.rep.executor;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.cupola.platform.config.GoDuration;
import org.cupola.protocol.bbs.proto.RunAction;
import org.cupola.rep.container.NetworkInfo;

/** Does in process what the lifecycle's check program, named by an older kind of monitor, would do in the container. */
final class HealthcheckProgram {
    private static final String PATH = "/tmp/lifecycle/healthcheck";
    private static final int DEFAULT_PORT = 8080;
    private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(1);

    private HealthcheckProgram() {}

    /** Empty when the action runs something else. */
    static Optional<Probe> probe(RunAction action, NetworkInfo network) {
        if (!action.getPath().equals(PATH)) {
            return Optional.empty();
        }
        int port = DEFAULT_PORT;
        String uri = "";
        Duration timeout = DEFAULT_TIMEOUT;
        List<String> arguments = action.getArgsList();
        for (int i = 0; i < arguments.size(); i++) {
            String flag = arguments.get(i).replaceFirst("^--?", "");
            String value;
            if (flag.contains("=")) {
                value = flag.substring(flag.indexOf('=') + 1);
                flag = flag.substring(0, flag.indexOf('='));
            } else {
                value = i + 1 < arguments.size() ? arguments.get(++i) : "";
            }
            switch (flag) {
                case "port" -> port = value.matches("\\d{1,5}") ? Integer.parseInt(value) : port;
                case "uri" -> uri = value;
                case "timeout" -> timeout = duration(value);
                default -> {
                    // intervals are the monitor's own business
                }
            }
        }
        int listening = network.listenPort(port);
        String address = network.containerAddress();
        return Optional.of(
                uri.isEmpty()
                        ? new TcpProbe(address, listening, timeout)
                        : new HttpProbe(address, listening, uri, timeout));
    }

    private static Duration duration(String text) {
        try {
            return GoDuration.parse(text);
        } catch (IllegalArgumentException e) {
            return DEFAULT_TIMEOUT;
        }
    }
}
