package org.cupola.uaa;

import java.util.List;

/** A set of users and other groups; its name is a scope its members may have in their tokens. Immutable. */
record Group(String id, String name, String description, long createdMillis, long modifiedMillis, int version) {

    /** Whom a group contains: a user's id or another group's. */
    record Member(String id, boolean group, String origin) {
        String type() {
            return group ? "GROUP" : "USER";
        }
    }

    /** A group a user is in, and whether by itself or through another group. */
    record Membership(Group group, boolean direct) {
        static List<String> names(List<Membership> memberships) {
            return memberships.stream().map(each -> each.group().name()).toList();
        }
    }
}
