package org.cupola.rep;

import java.util.List;
import org.cupola.protocol.bbs.CellLrp;
import org.cupola.protocol.bbs.proto.ActualLRPInstanceKey;
import org.cupola.protocol.bbs.proto.ActualLRPInternalRoute;
import org.cupola.protocol.bbs.proto.ActualLRPKey;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo;
import org.cupola.protocol.bbs.proto.ActualLRPNetInfo.PreferredAddress;
import org.cupola.protocol.bbs.proto.PortMapping;
import org.cupola.rep.container.NetworkInfo;
import org.jspecify.annotations.Nullable;

/**
 * What the cell tells the BBS of itself beside a container's state.
 *
 * @param preferInstanceAddress whether routers shall use the container's address in the place of the cell's
 */
record CellIdentity(String cellId, String zone, boolean preferInstanceAddress) {
    static ActualLRPKey key(CellLrp lrp) {
        return ActualLRPKey.newBuilder()
                .setProcessGuid(lrp.processGuid())
                .setIndex(lrp.index())
                .setDomain(lrp.domain())
                .build();
    }

    ActualLRPInstanceKey instance(CellLrp lrp) {
        return ActualLRPInstanceKey.newBuilder()
                .setInstanceGuid(lrp.instanceGuid())
                .setCellId(cellId)
                .build();
    }

    ActualLRPNetInfo netInfo(@Nullable NetworkInfo network) {
        if (network == null) {
            return ActualLRPNetInfo.getDefaultInstance();
        }
        var info = ActualLRPNetInfo.newBuilder()
                .setAddress(network.externalAddress())
                .setInstanceAddress(network.containerAddress())
                .setPreferredAddress(preferInstanceAddress ? PreferredAddress.INSTANCE : PreferredAddress.HOST);
        network.ports()
                .forEach(mapping -> info.addPorts(PortMapping.newBuilder()
                        .setContainerPort(mapping.containerPort())
                        .setHostPort(mapping.hostPort())));
        return info.build();
    }

    static List<ActualLRPInternalRoute> internalRoutes(List<String> hostnames) {
        return hostnames.stream()
                .map(name ->
                        ActualLRPInternalRoute.newBuilder().setHostname(name).build())
                .toList();
    }
}
