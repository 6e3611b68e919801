package org.cupola.rep;

import java.util.List;
import org.cupola.protocol.bbs.BbsException;
import org.cupola.protocol.bbs.Evacuation;
import org.cupola.protocol.bbs.proto.ActualLRP;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.DesiredLRP;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.cupola.protocol.bbs.proto.StartActualLRPRequest;
import org.cupola.protocol.bbs.proto.Task;

/** The BBS as one cell needs it. Blocking; any thread. */
interface Bbs {
    void claim(ActualLRPKey key, ActualLRPInstanceKey instance) throws BbsException;

    void start(StartActualLRPRequest request) throws BbsException;

    void crash(ActualLRPKey key, ActualLRPInstanceKey instance, String reason) throws BbsException;

    void remove(ActualLRPKey key, ActualLRPInstanceKey instance) throws BbsException;

    Evacuation evacuateClaimed(ActualLRPKey key, ActualLRPInstanceKey instance);

    Evacuation evacuateRunning(EvacuateRunningActualLRPRequest request);

    Evacuation evacuateStopped(ActualLRPKey key, ActualLRPInstanceKey instance);

    Evacuation evacuateCrashed(ActualLRPKey key, ActualLRPInstanceKey instance, String reason);

    void removeEvacuating(ActualLRPKey key, ActualLRPInstanceKey instance) throws BbsException;

    DesiredLRP desiredLrp(String processGuid) throws BbsException;

    /** The task runs on this cell, or is about to. */
    void startTask(String guid) throws BbsException;

    Task task(String guid) throws BbsException;

    void completeTask(String guid, boolean failed, String failureReason, String result) throws BbsException;

    void rejectTask(String guid, String reason) throws BbsException;

    /** What the BBS believes to be on this cell. */
    List<ActualLRP> actualLrps() throws BbsException;

    /** What the BBS believes to be on this cell. */
    List<Task> tasks() throws BbsException;
}
