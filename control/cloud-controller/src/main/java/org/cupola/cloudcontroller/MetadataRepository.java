package org.cupola.cloudcontroller;

import static org.cupola.cloudcontroller.Columns.GUID;
import static org.cupola.cloudcontroller.Columns.guid;
import static org.cupola.cloudcontroller.Columns.text;

import com.linecorp.armeria.common.HttpStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Table;
import org.jooq.impl.DSL;

/** Labels and annotations of all resources, in one table. Blocking; any thread. */
final class MetadataRepository {
    static final Table<?> METADATA = Columns.table("metadata");
    static final Field<String> RESOURCE_GUID = guid("resource_guid");
    static final Field<String> KIND = guid("kind");
    static final Field<String> KEY = guid("meta_key");
    static final Field<String> VALUE = text("meta_value");
    private static final String LABEL = "label";
    private static final String ANNOTATION = "annotation";
    private static final int BATCH = 500;

    private final int maxLabels;
    private final int maxAnnotations;

    MetadataRepository(int maxLabels, int maxAnnotations) {
        this.maxLabels = maxLabels;
        this.maxAnnotations = maxAnnotations;
    }

    Metadata of(DSLContext dsl, String resourceGuid) {
        return of(dsl, List.of(resourceGuid)).getOrDefault(resourceGuid, Metadata.NONE);
    }

    Map<String, Metadata> of(DSLContext dsl, Collection<String> resourceGuids) {
        Map<String, Map<String, Optional<String>>> labels = new HashMap<>();
        Map<String, Map<String, Optional<String>>> annotations = new HashMap<>();
        List<String> guids = List.copyOf(resourceGuids);
        for (int from = 0; from < guids.size(); from += BATCH) {
            List<String> batch = guids.subList(from, Math.min(guids.size(), from + BATCH));
            dsl.select(RESOURCE_GUID, KIND, KEY, VALUE)
                    .from(METADATA)
                    .where(RESOURCE_GUID.in(batch))
                    .forEach(row -> (row.get(KIND).equals(LABEL) ? labels : annotations)
                            .computeIfAbsent(row.get(RESOURCE_GUID), _ -> new HashMap<>())
                            .put(row.get(KEY), Optional.of(row.get(VALUE))));
        }
        Map<String, Metadata> found = new HashMap<>();
        guids.forEach(guid -> found.put(
                guid, new Metadata(labels.getOrDefault(guid, Map.of()), annotations.getOrDefault(guid, Map.of()))));
        return found;
    }

    /** Merges the change key by key. */
    void merge(DSLContext dsl, String resourceGuid, Metadata change) {
        if (change.isEmpty()) {
            return;
        }
        merge(dsl, resourceGuid, LABEL, change.labels());
        merge(dsl, resourceGuid, ANNOTATION, change.annotations());
        refuseTooMany(dsl, resourceGuid, LABEL, maxLabels, 390020, "CF-LabelLimitExceeded");
        refuseTooMany(dsl, resourceGuid, ANNOTATION, maxAnnotations, 390023, "CF-AnnotationLimitExceeded");
    }

    private static void merge(DSLContext dsl, String resourceGuid, String kind, Map<String, Optional<String>> entries) {
        entries.forEach((key, value) -> {
            dsl.deleteFrom(METADATA)
                    .where(RESOURCE_GUID.eq(resourceGuid), KIND.eq(kind), KEY.eq(key))
                    .execute();
            value.ifPresent(text -> dsl.insertInto(METADATA)
                    .set(RESOURCE_GUID, resourceGuid)
                    .set(KIND, kind)
                    .set(KEY, key)
                    .set(VALUE, text)
                    .execute());
        });
    }

    private static void refuseTooMany(
            DSLContext dsl, String resourceGuid, String kind, int max, int code, String title) {
        int count = dsl.fetchCount(dsl.selectOne().from(METADATA).where(RESOURCE_GUID.eq(resourceGuid), KIND.eq(kind)));
        if (count > max) {
            throw new ApiException(
                    HttpStatus.UNPROCESSABLE_ENTITY,
                    List.of(new ApiError(
                            code,
                            title,
                            "Failed to add " + count + " " + kind + "s because it would exceed maximum of " + max)));
        }
    }

    void delete(DSLContext dsl, Collection<String> resourceGuids) {
        List<String> guids = new ArrayList<>(resourceGuids);
        for (int from = 0; from < guids.size(); from += BATCH) {
            dsl.deleteFrom(METADATA)
                    .where(RESOURCE_GUID.in(guids.subList(from, Math.min(guids.size(), from + BATCH))))
                    .execute();
        }
    }

    static Condition labelled(String key) {
        return GUID.in(DSL.select(RESOURCE_GUID).from(METADATA).where(KIND.eq(LABEL), KEY.eq(key)));
    }

    static Condition labelled(String key, List<String> values) {
        return GUID.in(DSL.select(RESOURCE_GUID).from(METADATA).where(KIND.eq(LABEL), KEY.eq(key), VALUE.in(values)));
    }
}
