package org.cupola.cloudcontroller;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.Check;
import org.cupola.protocol.bbs.proto.CheckDefinition;
import org.cupola.protocol.bbs.proto.HTTPCheck;
import org.cupola.protocol.bbs.proto.ParallelAction;
import org.cupola.protocol.bbs.proto.RunAction;
import org.cupola.protocol.bbs.proto.TCPCheck;
import org.cupola.protocol.bbs.proto.TimeoutAction;

/** How a cell finds out whether an instance is well. Pure. */
final class HealthChecks {
    private static final String LOG_SOURCE = "HEALTH";
    private static final long MONITOR_TIMEOUT_MS = 600_000;

    private HealthChecks() {}

    /** The declarative form; empty when neither liveness nor readiness is checked. */
    static Optional<CheckDefinition> definition(ProcessRow process, List<Integer> ports) {
        CheckDefinition.Builder definition = CheckDefinition.newBuilder().setLogSource(LOG_SOURCE);
        addChecks(process.healthCheck(), ports, definition::addChecks);
        addChecks(process.readinessCheck(), ports, definition::addReadinessChecks);
        return definition.getChecksCount() + definition.getReadinessChecksCount() == 0
                ? Optional.empty()
                : Optional.of(definition.build());
    }

    private static void addChecks(ProcessRow.HealthCheck check, List<Integer> ports, Consumer<Check> add) {
        switch (check.type()) {
            case "http" -> add.accept(http(check, ports.getFirst()));
            case "port" -> ports.forEach(port -> add.accept(tcp(check, port)));
            default -> {} // a process check is the process itself
        }
    }

    private static Check http(ProcessRow.HealthCheck check, int port) {
        String endpoint = check.endpoint();
        HTTPCheck.Builder http = HTTPCheck.newBuilder().setPort(port).setPath(endpoint == null ? "/" : endpoint);
        Integer timeout = check.invocationTimeout();
        if (timeout != null) {
            http.setRequestTimeoutMs(timeout * 1000L);
        }
        Integer interval = check.interval();
        if (interval != null) {
            http.setIntervalMs(interval * 1000L);
        }
        return Check.newBuilder().setHttpCheck(http).build();
    }

    private static Check tcp(ProcessRow.HealthCheck check, int port) {
        TCPCheck.Builder tcp = TCPCheck.newBuilder().setPort(port);
        Integer timeout = check.invocationTimeout();
        if (timeout != null) {
            tcp.setConnectTimeoutMs(timeout * 1000L);
        }
        Integer interval = check.interval();
        if (interval != null) {
            tcp.setIntervalMs(interval * 1000L);
        }
        return Check.newBuilder().setTcpCheck(tcp).build();
    }

    /** The form for cells that run the lifecycle's check program; empty for process checks. */
    static Optional<Action> monitor(ProcessRow process, List<Integer> ports) {
        ProcessRow.HealthCheck check = process.healthCheck();
        if (check.type().equals("process")) {
            return Optional.empty();
        }
        ParallelAction.Builder parallel = ParallelAction.newBuilder();
        for (int i = 0; i < ports.size(); i++) {
            RunAction.Builder run = RunAction.newBuilder()
                    .setPath("/tmp/lifecycle/healthcheck")
                    .addArgs("-port=" + ports.get(i))
                    .setUser("vcap")
                    .setLogSource(LOG_SOURCE)
                    .setSuppressLogOutput(true);
            if (check.type().equals("http") && i == 0) {
                String endpoint = check.endpoint();
                run.addArgs("-uri=" + (endpoint == null ? "/" : endpoint));
            }
            Integer timeout = check.invocationTimeout();
            if (timeout != null) {
                run.addArgs("-timeout=" + timeout + "s");
            }
            parallel.addActions(Action.newBuilder().setRunAction(run));
        }
        return Optional.of(Action.newBuilder()
                .setTimeoutAction(TimeoutAction.newBuilder()
                        .setTimeoutMs(MONITOR_TIMEOUT_MS)
                        .setLogSource(LOG_SOURCE)
                        .setAction(Action.newBuilder().setParallelAction(parallel)))
                .build());
    }
}
