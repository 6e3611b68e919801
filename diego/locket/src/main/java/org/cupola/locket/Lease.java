package org.cupola.locket;

import org.cupola.protocol.bbs.LocketClient;
import org.cupola.protocol.bbs.proto.Resource;
import org.cupola.protocol.bbs.proto.TypeCode;

/**
 * One row: who holds a key, and for how long unless renewed.
 *
 * @param modifiedIndex raised by each renewal, 1 at first
 * @param modifiedId    made when the key was taken; another taking has another
 */
record Lease(
        String key, String owner, String value, String type, long modifiedIndex, String modifiedId, long ttlSeconds) {
    TypeCode typeCode() {
        return switch (type) {
            case "lock" -> TypeCode.LOCK;
            case "presence" -> TypeCode.PRESENCE;
            default -> TypeCode.UNKNOWN;
        };
    }

    Resource toResource() {
        return Resource.newBuilder()
                .setKey(key)
                .setOwner(owner)
                .setValue(value)
                .setType(LocketClient.typeName(typeCode()))
                .setTypeCode(typeCode())
                .build();
    }
}
