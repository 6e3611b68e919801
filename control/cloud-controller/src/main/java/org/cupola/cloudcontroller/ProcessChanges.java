package org.cupola.cloudcontroller;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jooq.DSLContext;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads, checks and stores changes of processes. Blocking; any thread. */
final class ProcessChanges {
    private static final List<String> TYPES = List.of("port", "process", "http");

    private final Store store;
    private final CloudControllerConfig.AppLimits limits;
    private final QuotaGuard quotas;

    ProcessChanges(Store store, CloudControllerConfig.AppLimits limits) {
        this.store = store;
        this.limits = limits;
        this.quotas = new QuotaGuard(store);
    }

    /** The process as the body of a PATCH wants it; problems are noted in the body. */
    ProcessRow read(Body body, ProcessRow present) {
        body.allow("command", "user", "health_check", "readiness_health_check", "metadata");
        Text command = text(body, "command", 4096, present.command());
        Text user = text(body, "user", 255, present.user());
        return new ProcessRow(
                present.stamp(),
                present.appGuid(),
                present.type(),
                present.version(),
                command.value(),
                user.value(),
                present.instances(),
                present.memoryMb(),
                present.diskMb(),
                present.logRate(),
                healthCheck(body, "health_check", present.healthCheck()),
                healthCheck(body, "readiness_health_check", present.readinessCheck()));
    }

    /** Wraps what may be absent. */
    private record Text(@Nullable String value) {}

    private static Text text(Body body, String key, int maxLength, @Nullable String present) {
        if (!body.has(key)) {
            return new Text(present);
        }
        Optional<String> value = body.string(key);
        if (value.isPresent() && (value.get().isEmpty() || value.get().length() > maxLength)) {
            body.refuse(Body.label(key) + " must be between 1 and " + maxLength + " characters");
        }
        return new Text(value.orElse(null));
    }

    private ProcessRow.HealthCheck healthCheck(Body body, String key, ProcessRow.HealthCheck present) {
        JsonNode node = body.node(key);
        if (node.isMissingNode() || node.isNull()) {
            return present;
        }
        String type = node.path("type").asString(present.type());
        if (!TYPES.contains(type)) {
            body.refuse(Body.label(key) + " type must be \"port\", \"process\", or \"http\"");
            return present;
        }
        JsonNode data = node.path("data");
        Integer timeout = seconds(body, key, data, "timeout", present.timeout());
        String endpoint = data.hasNonNull("endpoint")
                ? data.path("endpoint").asString("")
                : data.has("endpoint") ? null : present.endpoint();
        if (timeout != null && timeout > limits.maxHealthCheckTimeout()) {
            body.refuse("health_check_timeout Maximum exceeded: max " + limits.maxHealthCheckTimeout() + "s");
        }
        if (endpoint != null && (!endpoint.startsWith("/") || endpoint.length() > 255)) {
            body.refuse(Body.label(key) + " data endpoint must be a valid URI path");
        }
        return new ProcessRow.HealthCheck(
                type,
                timeout,
                seconds(body, key, data, "invocation_timeout", present.invocationTimeout()),
                seconds(body, key, data, "interval", present.interval()),
                type.equals("http") ? (endpoint == null ? "/" : endpoint) : null);
    }

    private static @Nullable Integer seconds(
            Body body, String check, JsonNode data, String key, @Nullable Integer present) {
        if (!data.has(key)) {
            return present;
        }
        if (data.path(key).isNull()) {
            return null;
        }
        if (!data.path(key).isIntegralNumber()
                || data.path(key).asLong() < 1
                || data.path(key).asLong() > 86_400) {
            body.refuse(Body.label(check) + " data " + key + " must be greater than or equal to 1");
            return present;
        }
        return data.path(key).asInt();
    }

    ProcessRow readScale(Body body, ProcessRow present) {
        int diskMb = body.integer("disk_in_mb", 1).orElse(present.diskMb());
        if (diskMb > limits.maxDiskMb() && diskMb != present.diskMb()) {
            body.refuse("Disk in mb too much disk requested (requested " + diskMb + " MB - must be less than "
                    + limits.maxDiskMb() + " MB)");
        }
        return sized(
                present,
                body.integer("instances", 0).orElse(present.instances()),
                body.integer("memory_in_mb", 1).orElse(present.memoryMb()),
                diskMb,
                body.number("log_rate_limit_in_bytes_per_second", -1).orElse(present.logRate()));
    }

    static ProcessRow sized(ProcessRow process, int instances, int memoryMb, int diskMb, long logRate) {
        return new ProcessRow(
                process.stamp(),
                process.appGuid(),
                process.type(),
                process.version(),
                process.command(),
                process.user(),
                instances,
                memoryMb,
                diskMb,
                logRate,
                process.healthCheck(),
                process.readinessCheck());
    }

    /** Writes it, with a new version where running instances must be replaced to be as they are wanted now. */
    ProcessRow store(DSLContext dsl, ProcessRow before, ProcessRow after) {
        long now = store.stamps.micros();
        ProcessRow written = new ProcessRow(
                new Stamp(before.guid(), before.stamp().createdAt(), now),
                after.appGuid(),
                after.type(),
                replaces(before, after) ? UUID.randomUUID().toString() : before.version(),
                after.command(),
                after.user(),
                after.instances(),
                after.memoryMb(),
                after.diskMb(),
                after.logRate(),
                after.healthCheck(),
                after.readinessCheck());
        store.processes.update(dsl, written, now);
        return written;
    }

    /** Size changes wait for the next restart; clients stop and start the app themselves. */
    private static boolean replaces(ProcessRow before, ProcessRow after) {
        return differs(before.healthCheck(), after.healthCheck())
                || differs(before.readinessCheck(), after.readinessCheck());
    }

    private static boolean differs(ProcessRow.HealthCheck before, ProcessRow.HealthCheck after) {
        return !before.type().equals(after.type()) || !Objects.equals(before.endpoint(), after.endpoint());
    }

    void checkQuota(DSLContext dsl, Space space, ProcessRow process) {
        quotas.checkInstance(dsl, space, process);
        quotas.checkProcesses(dsl, space);
    }
}
