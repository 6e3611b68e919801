package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.APP_GUID;
import static org.cupola.cloudcontroller.Columns.NAME;
import static org.cupola.cloudcontroller.Columns.STATE;

import java.util.EnumSet;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.impl.DSL;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/tasks} and those of an app. */
final class Tasks {
    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final Visible visible;
    private final TaskSync sync;
    private final CloudControllerConfig.AppLimits limits;

    Tasks(Api api, TaskSync sync) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.visible = api.visible();
        this.limits = api.config().limits();
        this.sync = sync;
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/tasks", call -> list(call, DSL.noCondition()))
                .get("/v3/tasks/{guid}", this::show)
                .patch("/v3/tasks/{guid}", this::update)
                .post("/v3/tasks/{guid}/actions/cancel", this::cancel)
                .put("/v3/tasks/{guid}/cancel", this::cancel)
                .get(
                        "/v3/apps/{guid}/tasks",
                        call -> list(
                                call, APP_GUID.eq(visible.app(call, call.guid()).guid())))
                .post("/v3/apps/{guid}/tasks", this::create);
    }

    /** A task and where its app is. */
    private record Found(AppTask task, Visible.AppIn in) {}

    private Found find(Call call) {
        AppTask task = store.database
                .read(dsl -> store.tasks.table.find(dsl, call.guid()))
                .orElseThrow(() -> ApiException.notFound("Task"));
        return new Found(task, visible.owner(call, task.appGuid(), "Task"));
    }

    private Reply list(Call call, Condition restriction) {
        ListQuery query = call.list(
                "names", "states", "app_guids", "space_guids", "organization_guids", "sequence_ids", "label_selector");
        Condition where = restriction
                .and(Processes.inVisibleApps(call, query))
                .and(query.common())
                .and(query.in("names", NAME))
                .and(query.in("states", STATE))
                .and(query.in("app_guids", APP_GUID))
                .and(query.inNumbers("sequence_ids", TaskRepository.SEQUENCE_ID))
                .and(LabelSelector.condition(query));
        Page<AppTask> page = store.database.read(dsl -> store.tasks.table.page(dsl, where, query));
        return Reply.ok(
                listing.document(call, query, page, AppTask::guid, (task, metadata) -> present(task, metadata, false)));
    }

    private Reply show(Call call) {
        Found found = find(call);
        return Reply.ok(
                present(found.task(), call.permissions().readsSecrets(found.in().space())));
    }

    private Reply create(Call call) {
        Visible.AppIn in = visible.app(call, call.guid());
        call.permissions().requireWrite(in.space());
        store.flags.require(call.permissions(), "task_creation");
        Body body = call.body()
                .allow(
                        "command",
                        "name",
                        "user",
                        "memory_in_mb",
                        "disk_in_mb",
                        "log_rate_limit_in_bytes_per_second",
                        "template",
                        "droplet_guid",
                        "metadata");
        Optional<ProcessRow> template = template(body, in);
        String command = body.string("command")
                .or(() -> template.map(process -> commandOf(process, in.app())))
                .orElse("");
        if (command.isEmpty()) {
            body.refuse("Command can't be blank");
        }
        String dropletGuid = body.string("droplet_guid")
                .or(() -> Optional.ofNullable(in.app().dropletGuid()))
                .orElse("");
        Stamp stamp = store.stamps.create();
        String name = body.string("name").orElse(stamp.guid().substring(0, 8));
        int memory = body.integer("memory_in_mb", 1)
                .orElse(template.map(ProcessRow::memoryMb).orElse(limits.defaultMemoryMb()));
        int disk = body.integer("disk_in_mb", 1)
                .orElse(template.map(ProcessRow::diskMb).orElse(limits.defaultDiskMb()));
        long logRate = body.number("log_rate_limit_in_bytes_per_second", -1)
                .orElse(template.map(ProcessRow::logRate).orElse(limits.defaultLogRate()));
        String user = body.string("user").orElse(null);
        Metadata metadata = Metadata.read(body);
        body.check();
        Droplet droplet = store.database
                .read(dsl -> store.droplets.table.find(dsl, dropletGuid))
                .filter(found -> found.appGuid().equals(in.guid()) && found.staged())
                .orElseThrow(() -> ApiException.unprocessable(
                        "Task must have a droplet. Specify droplet or assign current droplet to app."));
        AppTask task = store.database.write(dsl -> {
            AppTask created = new AppTask(
                    stamp,
                    in.guid(),
                    droplet.guid(),
                    store.tasks.nextSequenceId(dsl, in.guid()),
                    name,
                    command,
                    user,
                    AppTask.State.PENDING,
                    memory,
                    disk,
                    logRate,
                    null);
            store.tasks.insert(dsl, created);
            store.metadata.merge(dsl, created.guid(), metadata);
            event(dsl, call, "audit.app.task.create", in, created.guid());
            return created;
        });
        sync.start(task, in.app(), in.space(), droplet);
        return Reply.accepted(present(reload(task), true));
    }

    private Optional<ProcessRow> template(Body body, Visible.AppIn in) {
        JsonNode guid = body.node("template", "process", "guid");
        if (!guid.isString()) {
            return Optional.empty();
        }
        Optional<ProcessRow> process = store.database
                .read(dsl -> store.processes.table.find(dsl, guid.asString()))
                .filter(found -> found.appGuid().equals(in.guid()));
        if (process.isEmpty()) {
            body.refuse("Template process not found");
        }
        return process;
    }

    private @Nullable String commandOf(ProcessRow process, App app) {
        String explicit = process.command();
        String droplet = app.dropletGuid();
        if (explicit != null || droplet == null) {
            return explicit;
        }
        return store.database
                .read(dsl -> store.droplets.table.find(dsl, droplet))
                .map(found -> found.processTypes().get(process.type()))
                .orElse(null);
    }

    private AppTask reload(AppTask task) {
        return store.database
                .read(dsl -> store.tasks.table.find(dsl, task.guid()))
                .orElse(task);
    }

    private Reply update(Call call) {
        Found found = find(call);
        call.permissions().requireWrite(found.in().space());
        Body body = call.body().allow("metadata");
        Metadata metadata = Metadata.read(body);
        body.check();
        store.database.writeVoid(dsl -> store.metadata.merge(dsl, call.guid(), metadata));
        return Reply.ok(present(found.task(), true));
    }

    private Reply cancel(Call call) {
        Found found = find(call);
        call.permissions().requireManage(found.in().space());
        if (found.task().over()) {
            throw ApiException.unprocessable(
                    "Task state is " + found.task().state() + " and therefore cannot be canceled");
        }
        store.database.writeVoid(dsl -> {
            store.tasks.advance(
                    dsl,
                    call.guid(),
                    EnumSet.of(AppTask.State.PENDING, AppTask.State.RUNNING),
                    AppTask.State.CANCELING,
                    null,
                    store.stamps.micros());
            event(dsl, call, "audit.app.task.cancel", found.in(), call.guid());
        });
        sync.cancel(call.guid());
        return Reply.accepted(present(
                reload(found.task()), call.permissions().readsSecrets(found.in().space())));
    }

    private void event(DSLContext dsl, Call call, String type, Visible.AppIn in, String taskGuid) {
        store.events.record(
                dsl,
                call.caller(),
                type,
                AuditEvents.Party.of(in.app()),
                in.space(),
                Docs.object().put("task_guid", taskGuid));
    }

    private ObjectNode present(AppTask task, boolean secrets) {
        return present(task, store.database.read(dsl -> store.metadata.of(dsl, task.guid())), secrets);
    }

    private ObjectNode present(AppTask task, Metadata metadata, boolean secrets) {
        ObjectNode document =
                task.stamp().document().put("sequence_id", task.sequenceId()).put("name", task.name());
        if (secrets) {
            document.put("command", task.command());
        }
        document.put("user", task.user() == null ? "vcap" : task.user())
                .put("state", task.state().name())
                .put("memory_in_mb", task.memoryMb())
                .put("disk_in_mb", task.diskMb())
                .put("log_rate_limit_in_bytes_per_second", task.logRate());
        document.putObject("result").put("failure_reason", task.failureReason());
        document.put("droplet_guid", task.dropletGuid());
        document.putObject("relationships").set("app", Docs.toOne(task.appGuid()));
        document.set("metadata", metadata.document());
        ObjectNode links = document.putObject("links");
        String self = "/tasks/" + task.guid();
        links.set("self", urls.link(self));
        links.set("app", urls.link("/apps/" + task.appGuid()));
        links.set("cancel", urls.post(self + "/actions/cancel"));
        links.set("droplet", urls.link("/droplets/" + task.dropletGuid()));
        return document;
    }
}
