package org.cupola.bbs;

import java.util.List;
import org.cupola.protocol.bbs.BbsEvent;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.DesiredLRPChangedEvent;
import org.cupola.protocol.bbs.proto.DesiredLRPCreatedEvent;
import org.cupola.protocol.bbs.proto.DesiredLRPRemovedEvent;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.protocol.bbs.proto.TaskChangedEvent;
import org.cupola.protocol.bbs.proto.TaskCreatedEvent;
import org.cupola.protocol.bbs.proto.TaskRemovedEvent;

/** The hubs, and the events of each kind of change. To be called after the commit. Any thread. */
final class Events {
    private final EventHub desired = new EventHub();
    private final EventHub instances = new EventHub();
    private final EventHub groups = new EventHub();
    private final EventHub tasks = new EventHub();

    EventHub desired() {
        return desired;
    }

    EventHub instances() {
        return instances;
    }

    EventHub groups() {
        return groups;
    }

    EventHub tasks() {
        return tasks;
    }

    void changed(Change change, String traceId) {
        instances.emit(InstanceEvents.of(change, traceId));
        groups.emit(Groups.events(change));
    }

    void desiredCreated(DesiredLRP lrp, String traceId) {
        desired.emit(List.of(new BbsEvent.DesiredLrpCreated(DesiredLRPCreatedEvent.newBuilder()
                .setDesiredLrp(lrp)
                .setTraceId(traceId)
                .build())));
    }

    void desiredChanged(DesiredLRP before, DesiredLRP after, String traceId) {
        desired.emit(List.of(new BbsEvent.DesiredLrpChanged(DesiredLRPChangedEvent.newBuilder()
                .setBefore(before)
                .setAfter(after)
                .setTraceId(traceId)
                .build())));
    }

    void desiredRemoved(DesiredLRP lrp, String traceId) {
        desired.emit(List.of(new BbsEvent.DesiredLrpRemoved(DesiredLRPRemovedEvent.newBuilder()
                .setDesiredLrp(lrp)
                .setTraceId(traceId)
                .build())));
    }

    void taskCreated(Task task) {
        tasks.emit(List.of(new BbsEvent.TaskCreated(
                TaskCreatedEvent.newBuilder().setTask(task).build())));
    }

    void taskChanged(Task before, Task after) {
        tasks.emit(List.of(new BbsEvent.TaskChanged(
                TaskChangedEvent.newBuilder().setBefore(before).setAfter(after).build())));
    }

    void taskRemoved(Task task) {
        tasks.emit(List.of(new BbsEvent.TaskRemoved(
                TaskRemovedEvent.newBuilder().setTask(task).build())));
    }

    void close() {
        List.of(desired, instances, groups, tasks).forEach(EventHub::close);
    }
}
