package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.QueryParamsBuilder;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Writes pages of resources. Any thread. */
final class Listing {
    private final Urls urls;
    private final Store store;

    /** Writes one resource that carries metadata. */
    @FunctionalInterface
    interface Presenter<R> {
        ObjectNode present(R resource, Metadata metadata);
    }

    Listing(Urls urls, Store store) {
        this.urls = urls;
        this.store = store;
    }

    <R> Reply reply(Call call, ListQuery query, Page<R> page, Function<R, ObjectNode> presenter) {
        return Reply.ok(document(call, query, page, presenter));
    }

    <R> ObjectNode document(Call call, ListQuery query, Page<R> page, Function<R, ObjectNode> presenter) {
        ObjectNode document = Docs.object();
        document.set("pagination", pagination(call, query, page.total()));
        ArrayNode resources = document.putArray("resources");
        page.items().forEach(item -> resources.add(presenter.apply(item)));
        return document;
    }

    /** Reads the metadata of the whole page at once. */
    <R> ObjectNode document(
            Call call, ListQuery query, Page<R> page, Function<R, String> guid, Presenter<R> presenter) {
        Map<String, Metadata> metadata = metadata(page.items(), guid);
        return document(
                call,
                query,
                page,
                item -> presenter.present(item, metadata.getOrDefault(guid.apply(item), Metadata.NONE)));
    }

    <R> Map<String, Metadata> metadata(List<R> items, Function<R, String> guid) {
        return store.database.read(
                dsl -> store.metadata.of(dsl, items.stream().map(guid).toList()));
    }

    private ObjectNode pagination(Call call, ListQuery query, int total) {
        int last = Math.max(1, (total + query.perPage() - 1) / query.perPage());
        ObjectNode pagination = Docs.object().put("total_results", total).put("total_pages", last);
        pagination.set("first", page(call, query, 1));
        pagination.set("last", page(call, query, last));
        pagination.set("next", query.page() < last ? page(call, query, query.page() + 1) : Docs.orNull(null));
        pagination.set("previous", query.page() > 1 ? page(call, query, query.page() - 1) : Docs.orNull(null));
        return pagination;
    }

    private ObjectNode page(Call call, ListQuery query, int number) {
        QueryParamsBuilder parameters = QueryParams.builder();
        query.parameters().forEach((name, value) -> {
            if (!name.equals("page") && !name.equals("per_page")) {
                parameters.add(name, value);
            }
        });
        parameters.add("page", Integer.toString(number)).add("per_page", Integer.toString(query.perPage()));
        return Docs.link(urls.base() + call.path() + "?" + parameters.build().toQueryString());
    }
}
