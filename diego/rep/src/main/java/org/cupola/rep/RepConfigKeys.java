package org.cupola.rep;

import java.util.List;

/** Keys of the original's file that are known and have no meaning here: they tune parts that this cell does not have. */
final class RepConfigKeys {
    static final List<String> WITHOUT_MEANING = List.of(
            "bbs_client_session_cache_size",
            "bbs_max_idle_conns_per_host",
            "ca_file",
            "container_inode_limit",
            "container_max_cpu_shares",
            "container_reap_interval",
            "create_work_pool_size_override",
            "declarative_healthcheck_path",
            "delete_work_pool_size_override",
            "disk_capacity_mb",
            "enable_legacy_api_endpoints",
            "enable_unproxied_port_mappings",
            "extra_root_fs_dir",
            "garden_addr",
            "garden_healthcheck_command_retry_pause",
            "garden_healthcheck_emission_interval",
            "garden_healthcheck_process_args",
            "garden_healthcheck_process_dir",
            "garden_healthcheck_process_env",
            "garden_healthcheck_process_path",
            "garden_healthcheck_process_user",
            "garden_healthcheck_timeout",
            "garden_network",
            "health_check_container_owner_name",
            "healthcheck_container_owner_name",
            "healthcheck_work_pool_size",
            "layering_mode",
            "instance_identity_cred_dir",
            "lock_retry_interval",
            "locket_client_keepalive_time",
            "locket_client_keepalive_timeout",
            "memory_capacity_mb",
            "metrics_work_pool_size",
            "proxy_memory_allocation_mb",
            "read_work_pool_size",
            "report_interval",
            "server_cert_file",
            "server_key_file",
            "session_name",
            "set_cpu_weight",
            "sidecar_root_fs",
            "sidecar_root_fs_path",
            "temp_dir",
            "use_schedulable_disk_size",
            "volman_driver_paths");

    private RepConfigKeys() {}
}
