package org.cupola.gorouter;

import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.cupola.gorouter.proxy.AccessLog;

/** Opens what the access log is written to. */
final class AccessLogTargets {
    private AccessLogTargets() {}

    static List<AccessLog.Target> open(GorouterConfig.Logs logs, InstantSource clock) throws IOException {
        List<AccessLog.Target> targets = new ArrayList<>();
        if (logs.accessFile().isPresent()) {
            try {
                targets.add(AccessLog.file(logs.accessFile().get()));
            } catch (IOException e) {
                throw new IOException(
                        "access_log.file: " + logs.accessFile().get() + " cannot be opened: " + e.getMessage(), e);
            }
        }
        logs.syslog().ifPresent(syslog -> targets.add(new SyslogTarget(syslog, clock)));
        return targets;
    }
}
