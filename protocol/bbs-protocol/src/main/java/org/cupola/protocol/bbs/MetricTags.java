package org.cupola.protocol.bbs;

import java.util.Map;
import java.util.TreeMap;
import org.cupola.protocol.bbs.proto.MetricTagValue;

/** The tags of one instance's metrics, from those of its desired LRP. */
public final class MetricTags {
    private MetricTags() {}

    public static Map<String, String> resolve(Map<String, MetricTagValue> tags, int index, String instanceGuid) {
        Map<String, String> resolved = new TreeMap<>();
        tags.forEach((name, tag) -> resolved.put(
                name,
                switch (tag.getDynamic()) {
                    case INDEX -> Integer.toString(index);
                    case INSTANCE_GUID -> instanceGuid;
                    case DynamicValueInvalid, UNRECOGNIZED -> tag.getStatic();
                }));
        return resolved;
    }
}
