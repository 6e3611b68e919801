package org.cupola.rep;

import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.Evacuation;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.Task;
import org.cupola.rep.executor.Containers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is done about records of the BBS that name this cell and have no container on it. Whether there really is none is looked at again
 * right before. Stateless, any thread.
 */
record Residues(Bbs bbs, Containers containers) {
    private static final Logger log = LoggerFactory.getLogger(Residues.class);
    static final String NO_CONTAINER = "task container does not exist";

    /**
     * @param lost whether the instance was lost with an earlier run of this cell, so that it is wanted elsewhere, rather than
     *             having ended here
     */
    Outcome process(ActualLRP lrp, boolean lost) {
        String guid = lrp.getActualLrpInstanceKey().getInstanceGuid();
        if (containers.find(guid).isPresent()) {
            return Outcome.SETTLED;
        }
        try {
            switch (lrp.getPresence()) {
                case EVACUATING -> bbs.removeEvacuating(lrp.getActualLrpKey(), lrp.getActualLrpInstanceKey());
                case ORDINARY -> {
                    if (!(lost && replaced(lrp))) {
                        bbs.remove(lrp.getActualLrpKey(), lrp.getActualLrpInstanceKey());
                    }
                }
                case SUSPECT, UNRECOGNIZED -> bbs.remove(lrp.getActualLrpKey(), lrp.getActualLrpInstanceKey());
            }
            return Outcome.SETTLED;
        } catch (BbsException e) {
            if (!e.isNotFound()) {
                log.atWarn()
                        .addKeyValue("process_guid", lrp.getActualLrpKey().getProcessGuid())
                        .addKeyValue("index", lrp.getActualLrpKey().getIndex())
                        .addKeyValue("reason", e.getMessage())
                        .log("residual-lrp-not-removed");
            }
            return e.answered() ? Outcome.SETTLED : Outcome.TRY_AGAIN;
        }
    }

    /**
     * Lets the BBS unclaim the instance, which asks for a new place at once; a removed one would be missed only by the next
     * convergence.
     */
    private boolean replaced(ActualLRP lrp) throws BbsException {
        Evacuation answer = bbs.evacuateClaimed(lrp.getActualLrpKey(), lrp.getActualLrpInstanceKey());
        if (answer.error().isPresent() && !answer.error().get().answered()) {
            throw answer.error().get();
        }
        return answer.error().isEmpty();
    }

    Outcome process(Task task) {
        if (containers.find(task.getTaskGuid()).isPresent()) {
            return Outcome.SETTLED;
        }
        try {
            bbs.completeTask(task.getTaskGuid(), true, NO_CONTAINER, NO_CONTAINER);
            return Outcome.SETTLED;
        } catch (BbsException e) {
            log.atWarn()
                    .addKeyValue("task_guid", task.getTaskGuid())
                    .addKeyValue("reason", e.getMessage())
                    .log("residual-task-not-completed");
            return e.answered() ? Outcome.SETTLED : Outcome.TRY_AGAIN;
        }
    }
}
