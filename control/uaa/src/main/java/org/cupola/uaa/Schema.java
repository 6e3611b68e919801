package org.cupola.uaa;

import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.name;
import static org.jooq.impl.DSL.table;

import java.util.List;
import java.util.function.Consumer;
import org.cupola.platform.sql.Migrations;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.Table;
import org.jooq.impl.SQLDataType;

/** Tables of the UAA's database, portable between SQLite, PostgreSQL and MariaDB. Times are milliseconds since 1970. */
final class Schema {
    static final Table<Record> USERS = table(name("uaa_users"));
    static final Table<Record> GROUPS = table(name("uaa_groups"));
    static final Table<Record> MEMBERS = table(name("uaa_group_members"));
    static final Table<Record> EXTERNAL_GROUPS = table(name("uaa_external_groups"));
    static final Table<Record> CLIENTS = table(name("uaa_clients"));
    static final Table<Record> APPROVALS = table(name("uaa_approvals"));
    static final Table<Record> CODES = table(name("uaa_codes"));
    static final Table<Record> SESSIONS = table(name("uaa_sessions"));
    static final Table<Record> TOKENS = table(name("uaa_tokens"));
    static final Table<Record> REFRESH_FAMILIES = table(name("uaa_refresh_families"));
    static final Table<Record> FAILURES = table(name("uaa_login_failures"));
    static final Table<Record> KEYS = table(name("uaa_signing_keys"));

    static final Field<String> ID = text("id");
    static final Field<String> USER_NAME = text("user_name");
    static final Field<String> USER_KEY = text("user_key");
    static final Field<String> ORIGIN = text("origin");
    static final Field<String> EXTERNAL_ID = text("external_id");
    static final Field<String> GIVEN_NAME = text("given_name");
    static final Field<String> FAMILY_NAME = text("family_name");
    static final Field<String> EMAIL = text("email");
    static final Field<String> PHONE = text("phone");
    static final Field<Boolean> ACTIVE = field(name("active"), SQLDataType.BOOLEAN);
    static final Field<Boolean> VERIFIED = field(name("verified"), SQLDataType.BOOLEAN);
    static final Field<String> PASSWORD = text("password_hash");
    static final Field<Boolean> CHANGE_REQUIRED = field(name("change_required"), SQLDataType.BOOLEAN);
    static final Field<Long> PASSWORD_AT = time("password_at");
    static final Field<String> SALT = text("salt");
    static final Field<Long> CREATED_AT = time("created_at");
    static final Field<Long> MODIFIED_AT = time("modified_at");
    static final Field<Integer> VERSION = field(name("version"), SQLDataType.INTEGER);
    static final Field<Long> LAST_LOGON = time("last_logon");
    static final Field<Long> PREVIOUS_LOGON = time("previous_logon");

    static final Field<String> DISPLAY_NAME = text("display_name");
    static final Field<String> DESCRIPTION = text("description");
    static final Field<String> GROUP_ID = text("group_id");
    static final Field<String> MEMBER_ID = text("member_id");
    static final Field<String> MEMBER_TYPE = text("member_type");
    static final Field<String> EXTERNAL_GROUP = text("external_group");

    static final Field<String> CLIENT_ID = text("client_id");
    static final Field<String> DETAILS = text("details");
    static final Field<String> USER_ID = text("user_id");
    static final Field<String> SCOPE = text("scope");
    static final Field<String> STATUS = text("status");
    static final Field<Long> EXPIRES_AT = time("expires_at");
    static final Field<String> KIND = text("kind");
    static final Field<String> CONTENT = text("content");
    static final Field<String> CURRENT = text("current_id");
    static final Field<String> PREVIOUS = text("previous_id");
    static final Field<Long> AT = time("failed_at");
    static final Field<String> PEM = text("pem");

    private static final List<Consumer<DSLContext>> HISTORY = List.of(Schema::first);

    private Schema() {}

    static Migrations migrations() {
        return new Migrations("uaa", HISTORY);
    }

    private static void first(DSLContext dsl) {
        dsl.execute("""
                create table uaa_users (id varchar(36) not null primary key, user_name varchar(255) not null,
                 user_key varchar(255) not null, origin varchar(64) not null, external_id varchar(255) not null,
                 given_name varchar(255) not null, family_name varchar(255) not null, email varchar(255) not null,
                 phone varchar(64) not null, active boolean not null, verified boolean not null,
                 password_hash varchar(255) not null, change_required boolean not null, password_at bigint not null,
                 salt varchar(64) not null, created_at bigint not null, modified_at bigint not null, version integer not null,
                 last_logon bigint, previous_logon bigint, unique (user_key, origin))""");
        dsl.execute("""
                create table uaa_groups (id varchar(36) not null primary key, display_name varchar(255) not null unique,
                 description varchar(255) not null, created_at bigint not null, modified_at bigint not null,
                 version integer not null)""");
        dsl.execute("""
                create table uaa_group_members (group_id varchar(36) not null, member_id varchar(36) not null,
                 member_type varchar(8) not null, origin varchar(64) not null, primary key (group_id, member_id))""");
        dsl.execute("create index uaa_members_by_member on uaa_group_members (member_id)");
        dsl.execute("""
                create table uaa_external_groups (group_id varchar(36) not null, external_group varchar(255) not null,
                 origin varchar(64) not null, primary key (group_id, external_group, origin))""");
        dsl.execute("""
                create table uaa_clients (client_id varchar(255) not null primary key, details text not null,
                 modified_at bigint not null)""");
        dsl.execute("""
                create table uaa_approvals (user_id varchar(36) not null, client_id varchar(255) not null,
                 scope varchar(255) not null, status varchar(16) not null, expires_at bigint not null,
                 modified_at bigint not null, primary key (user_id, client_id, scope))""");
        dsl.execute("""
                create table uaa_codes (id varchar(64) not null primary key, kind varchar(16) not null,
                 user_id varchar(36) not null, content text not null, expires_at bigint not null)""");
        dsl.execute("""
                create table uaa_sessions (id varchar(64) not null primary key, user_id varchar(36) not null,
                 created_at bigint not null, expires_at bigint not null, content text not null)""");
        dsl.execute("""
                create table uaa_tokens (id varchar(64) not null primary key, user_id varchar(36) not null,
                 client_id varchar(255) not null, kind varchar(16) not null, scope text not null, content text not null,
                 created_at bigint not null, expires_at bigint not null)""");
        dsl.execute("create index uaa_tokens_by_user on uaa_tokens (user_id)");
        dsl.execute("create index uaa_tokens_by_client on uaa_tokens (client_id)");
        dsl.execute("create index uaa_tokens_by_expiry on uaa_tokens (expires_at)");
        dsl.execute("""
                create table uaa_refresh_families (id varchar(64) not null primary key, user_id varchar(36) not null,
                 current_id varchar(64) not null, previous_id varchar(64) not null, modified_at bigint not null,
                 expires_at bigint not null)""");
        dsl.execute("create table uaa_login_failures (user_id varchar(36) not null, failed_at bigint not null)");
        dsl.execute("create index uaa_failures_by_user on uaa_login_failures (user_id)");
        dsl.execute("""
                create table uaa_signing_keys (id varchar(255) not null primary key, pem text not null,
                 created_at bigint not null)""");
    }

    private static Field<String> text(String name) {
        return field(name(name), SQLDataType.VARCHAR);
    }

    private static Field<Long> time(String name) {
        return field(name(name), SQLDataType.BIGINT);
    }
}
