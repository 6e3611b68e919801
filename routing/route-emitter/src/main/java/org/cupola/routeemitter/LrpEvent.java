package org.cupola.routeemitter;

/** A change of BBS state, as far as it can matter to routes. */
sealed interface LrpEvent {
    String processGuid();

    /** A desired LRP was created, changed, or read. */
    record DesiredSet(Desired desired) implements LrpEvent {
        @Override
        public String processGuid() {
            return desired.processGuid();
        }
    }

    /** A desired LRP was deleted; this is how it looked last. */
    record DesiredRemoved(Desired desired) implements LrpEvent {
        @Override
        public String processGuid() {
            return desired.processGuid();
        }
    }

    /** An actual LRP was created. */
    record InstanceCreated(Instance instance) implements LrpEvent {
        @Override
        public String processGuid() {
            return instance.processGuid();
        }
    }

    /** An actual LRP changed. */
    record InstanceChanged(Instance before, Instance after) implements LrpEvent {
        @Override
        public String processGuid() {
            return after.processGuid();
        }
    }

    /** An actual LRP was deleted; this is how it looked last. */
    record InstanceRemoved(Instance instance) implements LrpEvent {
        @Override
        public String processGuid() {
            return instance.processGuid();
        }
    }
}
