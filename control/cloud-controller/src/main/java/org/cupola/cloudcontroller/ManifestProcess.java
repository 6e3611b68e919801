package org.cupola.cloudcontroller;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a process section of a manifest makes of a process. Pure. */
final class ManifestProcess {
    private static final long MB = 1 << 20;

    private ManifestProcess() {}

    static ProcessRow applied(ObjectNode section, ProcessRow present) {
        String command = text(section, "command", present.command());
        if ("default".equals(command)) {
            command = null;
        }
        long logRate = present.logRate();
        String rate = section.path("log-rate-limit-per-second").asString("");
        if (!rate.isEmpty()) {
            logRate = rate.equals("-1") || rate.equals("0")
                    ? Long.parseLong(rate)
                    : ByteSize.parse(rate).orElse(logRate);
        }
        return new ProcessRow(
                present.stamp(),
                present.appGuid(),
                present.type(),
                present.version(),
                command,
                text(section, "user", present.user()),
                section.path("instances").asInt(present.instances()),
                megabytes(section, "memory", present.memoryMb()),
                megabytes(section, section.has("disk_quota") ? "disk_quota" : "disk-quota", present.diskMb()),
                logRate,
                liveness(section, present.healthCheck()),
                readiness(section, present.readinessCheck()));
    }

    private static @Nullable String text(ObjectNode section, String key, @Nullable String present) {
        JsonNode value = section.path(key);
        return value.isMissingNode() ? present : value.isNull() ? null : value.asString();
    }

    private static int megabytes(ObjectNode section, String key, int present) {
        JsonNode value = section.path(key);
        return value.isMissingNode() || value.isNull()
                ? present
                : (int) Math.max(1, ByteSize.parse(value.asString("")).orElse(present * MB) / MB);
    }

    private static ProcessRow.HealthCheck liveness(ObjectNode section, ProcessRow.HealthCheck present) {
        return check(section, "health-check", present, "timeout");
    }

    private static ProcessRow.HealthCheck readiness(ObjectNode section, ProcessRow.HealthCheck present) {
        return check(section, "readiness-health-check", present, "");
    }

    private static ProcessRow.HealthCheck check(
            ObjectNode section, String prefix, ProcessRow.HealthCheck present, String timeoutKey) {
        String type = section.path(prefix + "-type").asString(present.type());
        if (type.equals("none")) {
            type = "process";
        }
        String endpoint = text(section, prefix + "-http-endpoint", present.endpoint());
        return new ProcessRow.HealthCheck(
                type,
                timeoutKey.isEmpty() ? present.timeout() : seconds(section, timeoutKey, present.timeout()),
                seconds(section, prefix + "-invocation-timeout", present.invocationTimeout()),
                seconds(section, prefix + "-interval", present.interval()),
                type.equals("http") ? (endpoint == null ? "/" : endpoint) : null);
    }

    private static @Nullable Integer seconds(ObjectNode section, String key, @Nullable Integer present) {
        JsonNode value = section.path(key);
        return value.isIntegralNumber() ? Integer.valueOf(value.asInt()) : present;
    }
}
