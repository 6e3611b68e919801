package org.cupola.protocol.bbs;

import java.util.Optional;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.EvacuateClaimedActualLRPRequest;
import org.cupola.protocol.bbs.proto.EvacuateCrashedActualLRPRequest;
import org.cupola.protocol.bbs.proto.EvacuateRunningActualLRPRequest;
import org.cupola.protocol.bbs.proto.EvacuateStoppedActualLRPRequest;
import org.cupola.protocol.bbs.proto.EvacuationResponse;
import org.cupola.protocol.bbs.proto.RemoveEvacuatingActualLRPRequest;
import org.cupola.protocol.bbs.proto.RemoveEvacuatingActualLRPResponse;

/**
 * What a draining cell asks about its containers. The answers carry an error as a value, because whether to keep the container
 * must be known in any case. Blocking, immutable.
 */
public final class EvacuationClient {
    private final BbsTransport transport;

    EvacuationClient(BbsTransport transport) {
        this.transport = transport;
    }

    public Evacuation claimed(ActualLRPKey key, ActualLRPInstanceKey instance) {
        var request = EvacuateClaimedActualLRPRequest.newBuilder()
                .setActualLrpKey(key)
                .setActualLrpInstanceKey(instance)
                .build();
        return answer(
                true,
                () -> transport.exchange(BbsRoute.EVACUATE_CLAIMED_ACTUAL_LRP, request, EvacuationResponse.parser()));
    }

    public Evacuation running(EvacuateRunningActualLRPRequest request) {
        return answer(
                true,
                () -> transport.exchangeWithFallback(
                        BbsRoute.EVACUATE_RUNNING_ACTUAL_LRP_R1,
                        request,
                        BbsRoute.EVACUATE_RUNNING_ACTUAL_LRP,
                        () -> request,
                        EvacuationResponse.parser()));
    }

    public Evacuation stopped(ActualLRPKey key, ActualLRPInstanceKey instance) {
        var request = EvacuateStoppedActualLRPRequest.newBuilder()
                .setActualLrpKey(key)
                .setActualLrpInstanceKey(instance)
                .build();
        return answer(
                false,
                () -> transport.exchange(BbsRoute.EVACUATE_STOPPED_ACTUAL_LRP, request, EvacuationResponse.parser()));
    }

    /** @param reason not empty */
    public Evacuation crashed(ActualLRPKey key, ActualLRPInstanceKey instance, String reason) {
        var request = EvacuateCrashedActualLRPRequest.newBuilder()
                .setActualLrpKey(key)
                .setActualLrpInstanceKey(instance)
                .setErrorMessage(reason)
                .build();
        return answer(
                false,
                () -> transport.exchange(BbsRoute.EVACUATE_CRASHED_ACTUAL_LRP, request, EvacuationResponse.parser()));
    }

    /** For instances that are left when the evacuation has to end. */
    public void removeEvacuating(ActualLRPKey key, ActualLRPInstanceKey instance) throws BbsException {
        var request = RemoveEvacuatingActualLRPRequest.newBuilder()
                .setActualLrpKey(key)
                .setActualLrpInstanceKey(instance)
                .build();
        transport.call(BbsRoute.REMOVE_EVACUATING_ACTUAL_LRP, request, RemoveEvacuatingActualLRPResponse.parser());
    }

    private interface Exchange {
        EvacuationResponse run() throws BbsException;
    }

    private static Evacuation answer(boolean keepWithoutAnswer, Exchange exchange) {
        try {
            EvacuationResponse response = exchange.run();
            return new Evacuation(response.getKeepContainer(), BbsTransport.errorOf(response));
        } catch (BbsException e) {
            return new Evacuation(keepWithoutAnswer, Optional.of(e));
        }
    }
}
