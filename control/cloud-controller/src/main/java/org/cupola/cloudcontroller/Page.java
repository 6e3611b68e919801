package org.cupola.cloudcontroller;

import java.util.List;

/** One page of a list and how many there are in all. */
record Page<R>(int total, List<R> items) {
    Page {
        items = List.copyOf(items);
    }

    /** Cuts one page out of a list that is in memory anyway. */
    static <R> Page<R> of(List<R> all, ListQuery query) {
        int from = (int) Math.min(all.size(), (long) (query.page() - 1) * query.perPage());
        int to = (int) Math.min(all.size(), (long) from + query.perPage());
        return new Page<>(all.size(), all.subList(from, to));
    }
}
