package org.cupola.protocol.bbs;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import org.cupola.protocol.bbs.proto.ActualLRPChangedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPCrashedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPCreatedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceChangedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceCreatedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceRemovedEvent;
import org.cupola.protocol.bbs.proto.ActualLRPRemovedEvent;
import org.cupola.protocol.bbs.proto.DesiredLRPChangedEvent;
import org.cupola.protocol.bbs.proto.DesiredLRPCreatedEvent;
import org.cupola.protocol.bbs.proto.DesiredLRPRemovedEvent;
import org.cupola.protocol.bbs.proto.TaskChangedEvent;
import org.cupola.protocol.bbs.proto.TaskCreatedEvent;
import org.cupola.protocol.bbs.proto.TaskRemovedEvent;

/** One event of a BBS stream, with the message it carries. Immutable. */
public sealed interface BbsEvent {
    /** What follows {@code event:} on the wire. */
    String name();

    Message message();

    record DesiredLrpCreated(DesiredLRPCreatedEvent message) implements BbsEvent {
        @Override
        public String name() {
            return "desired_lrp_created";
        }
    }

    record DesiredLrpChanged(DesiredLRPChangedEvent message) implements BbsEvent {
        @Override
        public String name() {
            return "desired_lrp_changed";
        }
    }

    record DesiredLrpRemoved(DesiredLRPRemovedEvent message) implements BbsEvent {
        @Override
        public String name() {
            return "desired_lrp_removed";
        }
    }

    record InstanceCreated(ActualLRPInstanceCreatedEvent message) implements BbsEvent {
        @Override
        public String name() {
            return "actual_lrp_instance_created";
        }
    }

    record InstanceChanged(ActualLRPInstanceChangedEvent message) implements BbsEvent {
        @Override
        public String name() {
            return "actual_lrp_instance_changed";
        }
    }

    record InstanceRemoved(ActualLRPInstanceRemovedEvent message) implements BbsEvent {
        @Override
        public String name() {
            return "actual_lrp_instance_removed";
        }
    }

    record ActualLrpCrashed(ActualLRPCrashedEvent message) implements BbsEvent {
        @Override
        public String name() {
            return "actual_lrp_crashed";
        }
    }

    /** Of the deprecated group stream, as the next two. */
    record GroupCreated(ActualLRPCreatedEvent message) implements BbsEvent {
        @Override
        public String name() {
            return "actual_lrp_created";
        }
    }

    record GroupChanged(ActualLRPChangedEvent message) implements BbsEvent {
        @Override
        public String name() {
            return "actual_lrp_changed";
        }
    }

    record GroupRemoved(ActualLRPRemovedEvent message) implements BbsEvent {
        @Override
        public String name() {
            return "actual_lrp_removed";
        }
    }

    record TaskCreated(TaskCreatedEvent message) implements BbsEvent {
        @Override
        public String name() {
            return "task_created";
        }
    }

    record TaskChanged(TaskChangedEvent message) implements BbsEvent {
        @Override
        public String name() {
            return "task_changed";
        }
    }

    record TaskRemoved(TaskRemovedEvent message) implements BbsEvent {
        @Override
        public String name() {
            return "task_removed";
        }
    }

    /**
     * @throws IllegalArgumentException for a name this client does not know
     * @throws InvalidProtocolBufferException when the bytes are not the message of that name
     */
    static BbsEvent decode(String name, byte[] message) throws InvalidProtocolBufferException {
        return switch (name) {
            case "desired_lrp_created" -> new DesiredLrpCreated(DesiredLRPCreatedEvent.parseFrom(message));
            case "desired_lrp_changed" -> new DesiredLrpChanged(DesiredLRPChangedEvent.parseFrom(message));
            case "desired_lrp_removed" -> new DesiredLrpRemoved(DesiredLRPRemovedEvent.parseFrom(message));
            case "actual_lrp_instance_created" -> new InstanceCreated(ActualLRPInstanceCreatedEvent.parseFrom(message));
            case "actual_lrp_instance_changed" -> new InstanceChanged(ActualLRPInstanceChangedEvent.parseFrom(message));
            case "actual_lrp_instance_removed" -> new InstanceRemoved(ActualLRPInstanceRemovedEvent.parseFrom(message));
            case "actual_lrp_crashed" -> new ActualLrpCrashed(ActualLRPCrashedEvent.parseFrom(message));
            case "actual_lrp_created" -> new GroupCreated(ActualLRPCreatedEvent.parseFrom(message));
            case "actual_lrp_changed" -> new GroupChanged(ActualLRPChangedEvent.parseFrom(message));
            case "actual_lrp_removed" -> new GroupRemoved(ActualLRPRemovedEvent.parseFrom(message));
            case "task_created" -> new TaskCreated(TaskCreatedEvent.parseFrom(message));
            case "task_changed" -> new TaskChanged(TaskChangedEvent.parseFrom(message));
            case "task_removed" -> new TaskRemoved(TaskRemovedEvent.parseFrom(message));
            default -> throw new IllegalArgumentException("unrecognized event type: " + name);
        };
    }
}
