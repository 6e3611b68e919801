package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.NAME;

import java.util.List;
import org.jooq.Condition;
import tools.jackson.databind.node.ObjectNode;

/** {@code /v3/stacks}. */
final class Stacks {
    private static final List<String> STATES = List.of("ACTIVE", "RESTRICTED", "DEPRECATED", "DISABLED");

    private final Store store;
    private final Urls urls;
    private final Listing listing;
    private final String defaultStack;

    Stacks(Api api) {
        this.store = api.store();
        this.urls = api.urls();
        this.listing = api.listing();
        this.defaultStack = api.config().platform().defaultStack();
    }

    void register(ApiRoutes routes) {
        routes.get("/v3/stacks", this::list)
                .post("/v3/stacks", this::create)
                .get("/v3/stacks/{guid}", call -> Reply.ok(present(find(call))))
                .patch("/v3/stacks/{guid}", this::update)
                .delete("/v3/stacks/{guid}", this::delete);
    }

    private StackRepository.Stack find(Call call) {
        return store.database
                .read(dsl -> store.stacks.table.find(dsl, call.guid()))
                .orElseThrow(() -> ApiException.notFound("Stack"));
    }

    private Reply list(Call call) {
        ListQuery query = call.list("names", "default", "label_selector").orderedByName();
        Condition where = query.common().and(query.in("names", NAME)).and(LabelSelector.condition(query));
        if (query.has("default")) {
            where = where.and(query.text("default", "").equals("true") ? NAME.eq(defaultStack) : NAME.ne(defaultStack));
        }
        Condition all = where;
        Page<StackRepository.Stack> page = store.database.read(dsl -> store.stacks.table.page(dsl, all, query));
        return Reply.ok(listing.document(call, query, page, StackRepository.Stack::guid, this::present));
    }

    private Reply create(Call call) {
        call.permissions().requireAdmin();
        Body body = call.body()
                .allow(
                        "name",
                        "description",
                        "state",
                        "state_reason",
                        "run_rootfs_image",
                        "build_rootfs_image",
                        "metadata");
        String name = body.requiredString("name");
        String description = body.string("description").orElse("");
        Metadata metadata = Metadata.read(body);
        body.check();
        StackRepository.Stack stack = new StackRepository.Stack(store.stamps.create(), name, description, "ACTIVE", "");
        store.database.writeVoid(dsl -> {
            if (store.stacks.table.exists(dsl, NAME.eq(name))) {
                throw ApiException.unprocessable("Name must be unique");
            }
            store.stacks.insert(dsl, stack);
            store.metadata.merge(dsl, stack.guid(), metadata);
        });
        return Reply.created(present(stack));
    }

    private Reply update(Call call) {
        call.permissions().requireAdmin();
        StackRepository.Stack stack = find(call);
        Body body = call.body().allow("metadata", "state", "state_reason");
        String state = body.string("state").orElse(stack.state());
        String reason = body.string("state_reason").orElse(stack.stateReason());
        Metadata metadata = Metadata.read(body);
        if (!STATES.contains(state)) {
            body.refuse("State must be one of " + String.join(", ", STATES));
        }
        body.check();
        store.database.writeVoid(dsl -> {
            store.stacks.setState(dsl, stack.guid(), state, reason, store.stamps.micros());
            store.metadata.merge(dsl, stack.guid(), metadata);
        });
        return Reply.ok(present(find(call)));
    }

    private Reply delete(Call call) {
        call.permissions().requireAdmin();
        StackRepository.Stack stack = find(call);
        store.database.writeVoid(dsl -> {
            if (store.apps.table.exists(dsl, AppRepository.STACK.eq(stack.name()))) {
                throw ApiException.unprocessable(
                        "Cannot delete stack '" + stack.name() + "' because apps are currently using the stack.");
            }
            store.metadata.delete(dsl, List.of(stack.guid()));
            store.stacks.table.delete(dsl, GUID.eq(stack.guid()));
        });
        return Reply.noContent();
    }

    /** Adds the configured stacks that are not there yet. */
    void seed(List<CloudControllerConfig.StackSetting> settings) {
        store.database.writeVoid(dsl -> settings.forEach(setting -> {
            if (!store.stacks.table.exists(dsl, NAME.eq(setting.name()))) {
                store.stacks.insert(
                        dsl,
                        new StackRepository.Stack(
                                store.stamps.create(), setting.name(), setting.description(), "ACTIVE", ""));
            }
        }));
    }

    private ObjectNode present(StackRepository.Stack stack) {
        return present(stack, store.database.read(dsl -> store.metadata.of(dsl, stack.guid())));
    }

    private ObjectNode present(StackRepository.Stack stack, Metadata metadata) {
        ObjectNode document = stack.stamp()
                .document()
                .put("name", stack.name())
                .put("description", stack.description())
                .put("state", stack.state())
                .put("state_reason", stack.stateReason().isEmpty() ? null : stack.stateReason())
                .put("run_rootfs_image", stack.name())
                .put("build_rootfs_image", stack.name())
                .put("default", stack.name().equals(defaultStack));
        document.set("metadata", metadata.document());
        document.putObject("links").set("self", urls.link("/stacks/" + stack.guid()));
        return document;
    }
}
