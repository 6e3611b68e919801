package org.cupola.gorouter.proxy;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.cupola.gorouter.head.Names;
import org.cupola.gorouter.head.RequestHead;
import org.cupola.gorouter.routes.Pool;
import org.jspecify.annotations.Nullable;

/**
 * A client's wish for one instance, by {@code X-Cf-App-Instance} or {@code X-Cf-Process-Instance}. Immutable.
 *
 * @param refusal  why it cannot be understood, or {@code null}
 * @param byApp    whether the GUID is the app's, else the process's
 * @param index    instance index, empty for any
 * @param process  whether the process header was there too: it then names what is missing
 */
record InstanceChoice(@Nullable Answer refusal, boolean byApp, String guid, String index, boolean process) {
    private static final String GUID = "[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}";
    private static final Pattern APP = Pattern.compile("(" + GUID + "):(\\d+)");
    private static final Pattern PROCESS = Pattern.compile("(" + GUID + ")(?::(\\d+))?");

    static InstanceChoice of(RequestHead request) {
        boolean process = request.has(Names.X_CF_PROCESS_INSTANCE);
        if (request.has(Names.X_CF_APP_INSTANCE)) {
            Matcher app = APP.matcher(request.value(Names.X_CF_APP_INSTANCE));
            return app.matches()
                    ? new InstanceChoice(null, true, app.group(1), app.group(2), process)
                    : refused("invalid_cf_app_instance_header", "Invalid X-CF-App-Instance Header");
        }
        Matcher matcher = PROCESS.matcher(request.value(Names.X_CF_PROCESS_INSTANCE));
        return matcher.matches()
                ? new InstanceChoice(
                        null, false, matcher.group(1), matcher.group(2) == null ? "" : matcher.group(2), true)
                : refused("invalid_cf_process_instance_header", "Invalid X-CF-Process-Instance Header");
    }

    private static InstanceChoice refused(String error, String message) {
        return new InstanceChoice(Answer.error(400, error, Answer.NOT_STORED, message), false, "", "", false);
    }

    /** The instances asked for, {@code null} when there are none. */
    @Nullable
    Pool among(Pool pool) {
        Pool only = pool.only(info -> (byApp ? info.app() : info.tag("process_id")).equals(guid)
                && (index.isEmpty() || info.instanceIndex().equals(index)));
        return only.isEmpty() ? null : only;
    }

    String missing(String host) {
        String kind = process ? "process guid" : "guid";
        String instance = index.isEmpty() ? "Requested instance" : "Requested instance ('" + index + "')";
        return instance + " with " + kind + " ('" + guid + "') does not exist for route ('" + host + "')";
    }
}
