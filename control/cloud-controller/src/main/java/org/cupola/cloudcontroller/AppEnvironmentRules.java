package org.cupola.cloudcontroller;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/** What a process finds in its environment, as far as the Cloud Controller decides it. Pure. */
final class AppEnvironmentRules {
    private final String apiUrl;
    private final int fileDescriptors;

    AppEnvironmentRules(String apiUrl, int fileDescriptors) {
        this.apiUrl = apiUrl;
        this.fileDescriptors = fileDescriptors;
    }

    /** In order; later ones replace earlier ones of the same name. */
    Map<String, String> of(RunnableProcess process, Map<String, String> runningGroup) {
        Map<String, String> environment = new LinkedHashMap<>();
        String port = Integer.toString(process.ports().getFirst());
        environment.put("PORT", port);
        if (!process.droplet().lifecycle().docker()) {
            environment.put("VCAP_APP_PORT", port);
            environment.put("VCAP_APP_HOST", "0.0.0.0");
        }
        environment.putAll(new TreeMap<>(runningGroup));
        environment.putAll(new TreeMap<>(process.app().environment()));
        environment.put("VCAP_APPLICATION", vcapApplication(process).toString());
        environment.put("MEMORY_LIMIT", process.process().memoryMb() + "m");
        environment.put("VCAP_SERVICES", "{}");
        return environment;
    }

    /** As for processes, without a port. */
    Map<String, String> ofTask(AppTask task, App app, Space space, Map<String, String> runningGroup) {
        Map<String, String> environment = new LinkedHashMap<>(new TreeMap<>(runningGroup));
        environment.putAll(new TreeMap<>(app.environment()));
        ObjectNode application = vcapApplication(app, space, task.memoryMb(), task.diskMb())
                .put("version", task.guid())
                .put("application_version", task.guid());
        environment.put("VCAP_APPLICATION", application.toString());
        environment.put("MEMORY_LIMIT", task.memoryMb() + "m");
        environment.put("VCAP_SERVICES", "{}");
        return environment;
    }

    ObjectNode vcapApplication(RunnableProcess process) {
        ProcessRow row = process.process();
        ObjectNode application = vcapApplication(process.app(), process.space(), row.memoryMb(), row.diskMb());
        application.set("application_uris", Docs.strings(process.uris()));
        application.set("uris", Docs.strings(process.uris()));
        return application
                .put("process_id", row.guid())
                .put("process_type", row.type())
                .put("version", row.version())
                .put("application_version", row.version());
    }

    /** The parts that do not depend on a process. */
    ObjectNode vcapApplication(App app, Space space, int memoryMb, int diskMb) {
        ObjectNode application = Docs.object().put("cf_api", apiUrl);
        application
                .putObject("limits")
                .put("fds", fileDescriptors)
                .put("mem", memoryMb)
                .put("disk", diskMb);
        return application
                .put("application_name", app.name())
                .put("name", app.name())
                .put("space_name", space.name())
                .put("space_id", space.guid())
                .put("organization_id", space.organizationGuid())
                .put("organization_name", space.organizationName())
                .put("application_id", app.guid());
    }
}
