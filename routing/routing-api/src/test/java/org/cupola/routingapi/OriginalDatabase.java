package org.cupola.routingapi;

import java.util.ArrayList;
import java.util.List;
import org.cupola.platform.sql.Database;
import org.jooq.SQLDialect;

/**
 * A database as the original leaves it at one version of its schema, with rows. The tables are those that
 * {@code pg_dump} and {@code mysqldump} show after runs of the original of release 0.317.0 (version 7) and of 2026
 * (version 11); earlier and intermediate versions differ from them by what the contract lists.
 *
 * @param version of the schema: 0, 2 to 11
 * @param era     which of the original's two ORMs made the tables: of 2024 and before, or of 2026
 */
record OriginalDatabase(int version, Era era) {
    enum Era {
        UNTIL_2024,
        SINCE_2025
    }

    static final String GROUP = "52edc407-0a8a-432d-64f1-0a57fc7d724d";

    /** What it can have been: the old ORM from the beginning, the new one for databases it made itself. */
    static List<OriginalDatabase> all() {
        List<OriginalDatabase> all = new ArrayList<>();
        for (int version = 0; version <= Schema.NEWEST; version++) {
            if (version != 1) {
                all.add(new OriginalDatabase(version, Era.UNTIL_2024));
            }
        }
        for (int version = 8; version <= Schema.NEWEST; version++) {
            all.add(new OriginalDatabase(version, Era.SINCE_2025));
        }
        return all;
    }

    void create(Database database) {
        boolean postgres = database.dialect() == SQLDialect.POSTGRES;
        database.writeVoid(db -> {
            types(postgres).tables(version, era).forEach(db::execute);
            db.execute("insert into migration_data values ('routing-api-migration', ?, ?)", version, version);
            db.execute(
                    "insert into router_groups (guid, name, type, reservable_ports) values (?, 'default-tcp', 'tcp',"
                            + " '1024-33000')",
                    GROUP);
            db.execute("insert into routes (guid, created_at, updated_at, expires_at, route, port, ip, ttl, log_guid,"
                    + " route_service_url, modification_guid, modification_index) values ('h', '2040-01-02 03:04:05',"
                    + " '2040-01-02 03:04:05', '2040-01-02 03:04:05', 'a.example.org', 8080, '10.0.0.9', 120, 'log', '',"
                    + " 'http-tag', 1)");
            db.execute(
                    "insert into tcp_routes (guid, created_at, updated_at, expires_at, router_group_guid, host_port,"
                            + " host_ip, external_port, modification_guid, modification_index, ttl) values ('t',"
                            + " '2040-01-02 03:04:05', '2040-01-02 03:04:05', '2040-01-02 03:04:05', ?, 80, '10.0.0.1', 5222,"
                            + " 'tag', 3, 60)",
                    GROUP);
            if (version >= 7) {
                db.execute(
                        "insert into tcp_routes (guid, expires_at, router_group_guid, host_port, host_tls_port,"
                                + " host_ip, sni_hostname, instance_id, external_port, modification_guid, modification_index,"
                                + " ttl, isolation_segment) values ('s', '2040-01-02 03:04:05', ?, 81, 443, '10.0.0.2',"
                                + " 'sni.example.org', 'instance', 5223, 'sni-tag', 0, 60, 'segment')",
                        GROUP);
            }
        });
    }

    private Types types(boolean postgres) {
        if (postgres) {
            String number = era == Era.UNTIL_2024 ? "integer" : "bigint";
            return new Types("text", "text", "text", "timestamp with time zone", number, number, "bigint", "");
        }
        return era == Era.UNTIL_2024
                ? new Types(
                        "varchar(255)",
                        "varchar(255)",
                        "varchar(255)",
                        "datetime",
                        "int unsigned",
                        "int",
                        "int unsigned",
                        "")
                : new Types(
                        "varchar(191)",
                        "longtext",
                        "varchar(191)",
                        "datetime(3)",
                        "int unsigned",
                        "bigint",
                        "int unsigned",
                        "(191)");
    }

    /**
     * How the ORM of the time names types.
     *
     * @param key       of primary keys
     * @param text      of other texts
     * @param nullable  of texts that may be absent on purpose
     * @param number    of other numbers than ports of TCP routes
     * @param prefix    of texts in an index
     */
    private record Types(
            String key,
            String text,
            String nullable,
            String time,
            String port,
            String number,
            String tagIndex,
            String prefix) {

        List<String> tables(int version, Era era) {
            List<String> statements = new ArrayList<>();
            String common = "guid " + key + " not null, created_at " + time + " null, updated_at " + time + " null";
            String expiry = ", expires_at " + time + " null";
            String tag = ", modification_guid " + text + ", modification_index " + tagIndex;
            statements.add("create table migration_data (migration_key " + key + " not null, current_version " + number
                    + ", target_version " + number + ", primary key (migration_key))");
            statements.add("create table router_groups (" + common + ", name " + text + ", type " + text
                    + ", reservable_ports " + text + ", primary key (guid))");
            statements.add("create table routes (" + common + expiry + ", route " + text + " not null, port " + port
                    + " not null, ip " + text + " not null, ttl " + number + ", log_guid " + text
                    + ", route_service_url " + text + " not null" + tag + ", primary key (guid))");
            if (era == Era.UNTIL_2024) {
                statements.add("create unique index idx_route on routes (route, port, ip, route_service_url)");
            }
            statements.add("create table tcp_routes (" + common + expiry + ", router_group_guid " + text
                    + " not null, host_port integer not null" + since(6, version, ", host_tls_port " + number)
                    + ", host_ip " + text + " not null" + since(5, version, ", sni_hostname " + nullable)
                    + since(10, version, ", sni_rewrite_hostname " + nullable)
                    + since(6, version, ", instance_id " + nullable + (version == 6 ? " not null default ''" : ""))
                    + ", external_port integer not null" + tag + ", ttl " + number
                    + since(3, version, ", isolation_segment " + text)
                    + since(9, version, ", terminate_frontend_tls boolean default false, alp_ns " + text)
                    + since(11, version, ", enable_backend_m_tls boolean default false") + ", primary key (guid))");
            if (version >= 2) {
                statements.add("create unique index idx_rg_name on router_groups (name" + prefix + ")");
            }
            if (version >= 4 && version != 8) {
                statements.add("create unique index idx_tcp_route on tcp_routes (router_group_guid" + prefix
                        + ", host_port, host_ip" + prefix + ", external_port" + since(5, version, ", sni_hostname")
                        + since(6, version, ", host_tls_port") + since(9, version, ", terminate_frontend_tls")
                        + since(11, version, ", enable_backend_m_tls") + ")");
            }
            return statements;
        }

        private static String since(int first, int version, String part) {
            return version >= first ? part : "";
        }
    }
}
