package org.cupola.gorouter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.cupola.platform.config.ConfigException;
import org.cupola.platform.config.ConfigReader;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

/**
 * Section 1 of the contract, the file: every key, its default and that it is heeded, the forms of values, and each complaint
 * to the letter. What a key does is shown where its subject is; the command line, exit codes and what a process prints, in
 * GorouterProcessTest (module acceptance); scalars of YAML in ConfigReaderTest; keys of our own in GorouterConfigTest.
 */
class ConfigurationContractTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final CertificateAuthority OURS = CertificateAuthority.create("ours", DAY, Clock.systemUTC());
    private static final TlsIdentity SITE = OURS.issue("site", List.of("site.test"), DAY);
    private static final TlsIdentity OTHER = OURS.issue("other", List.of("other.test"), DAY);

    @TempDir
    private Path folder;

    /** A file in which the names of certificates and keys stand for their PEM. */
    private GorouterConfig read(String yaml) throws Exception {
        String text = yaml.replace("$CERT", text(Pem.write(SITE.certificate())))
                .replace("$KEY", text(Pem.write(SITE.key())))
                .replace("$WRONG_KEY", text(Pem.write(OTHER.key())))
                .replace("$OTHER_CERT", text(Pem.write(OTHER.certificate())))
                .replace("$OTHER_KEY", text(Pem.write(OTHER.key())))
                .replace("$CA", text(Pem.write(OURS.certificate())));
        return GorouterConfig.read(Files.writeString(folder.resolve("gorouter.yml"), text));
    }

    private static String text(String pem) {
        return "\"" + pem.replace("\n", "\\n") + "\"";
    }

    /** {@code a.b.c: value} as YAML. */
    private static String nested(String key, String value) {
        String[] parts = key.split("\\.");
        return "{" + String.join(": {", parts) + ": " + value + "}".repeat(parts.length);
    }

    // ---- 1.4 to 1.9: keys ----

    /** 1.4 to 1.9: the second column is the contract's default, the third anything else */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            status.host                                | 0.0.0.0              | 127.0.0.1
            status.port                                | 8080                 | 1
            status.enable_nontls_health_checks         | true                 | false, tls: {certificate: $CERT, key: $KEY}
            status.enable_deprecated_varz_healthz_endpoints | false           | true
            status.tls                                 | {port: 8443}         | {certificate: $CERT, key: $KEY}
            status.user                                | ''                   | u
            status.pass                                | ''                   | 0x12
            status.routes.port                         | 8082                 | 1
            port                                       | 8081                 | 80
            enable_http2                               | true                 | no
            enable_proxy                               | false                | yes
            frontend_idle_timeout                      | 900s                 | 1s
            read_header_timeout                        | 0s                   | 1s
            max_request_header_bytes                   | 0                    | 1000
            max_request_header_bytes                   | 1048576              | 1
            max_request_headers                        | 0                    | 7
            hop_by_hop_headers_to_filter               | []                   | [X-A]
            ca_certs                                   | []                   | [$CA]
            nats.hosts                                 | [{hostname: localhost, port: 4222}] | [{hostname: other, port: 1}]
            nats.user                                  | ''                   | u
            nats.pass                                  | ''                   | p
            nats.tls_enabled                           | false                | true, cert_chain: $CERT, private_key: $KEY
            nats_client_ping_interval                  | 20s                  | 1s
            start_response_delay_interval              | 5s                   | 1s
            prune_stale_droplets_interval              | 30s                  | 0s
            droplet_stale_threshold                    | 120s                 | 1h
            suspend_pruning_if_nats_unavailable        | false                | true
            publish_active_apps_interval               | 0s                   | 1s
            isolation_segments                         | []                   | [a]
            routing_table_sharding_mode                | all                  | shared-and-segments
            zone                                       | ''                   | z1
            empty_pool_response_code_503               | false                | true
            empty_pool_timeout                         | 0s                   | 1s
            index                                      | 0                    | 3
            backends.max_conns                         | 0                    | -1
            backends.max_attempts                      | 1                    | 2
            backends.cert_chain                        | ''                   | $CERT, private_key: $KEY
            balancing_algorithm                        | round-robin          | least-connection
            balancing_algorithm_az_preference          | none                 | locally-optimistic
            endpoint_timeout                           | 60s                  | -1s
            endpoint_dial_timeout                      | 5s                   | 1s
            tls_handshake_timeout                      | 10s                  | 1s
            endpoint_keep_alive_probe_interval         | 1s                   | 2s
            disable_keep_alives                        | true                 | false
            max_idle_conns                             | 100                  | 1
            max_idle_conns_per_host                    | 2                    | 100
            max_response_header_bytes                  | 0                    | 1
            max_response_headers                       | 0                    | 1
            keep_alive_100_continue_requests           | false                | true
            skip_ssl_validation                        | false                | true
            drain_wait                                 | 0s                   | 1s
            drain_timeout                              | 60s                  | 1s
            healthcheck_user_agent                     | HTTP-Monitor/1.1     | other
            forwarded_client_cert                      | always_forward       | sanitize_set
            force_forwarded_proto_https                | false                | true
            sanitize_forwarded_proto                   | false                | true
            sticky_session_cookie_names                | [JSESSIONID]         | [JSESSIONID, other]
            sticky_sessions_for_auth_negotiate         | false                | true
            secure_cookies                             | false                | true
            trace_key                                  | ''                   | 22
            route_services_secret                      | ''                   | s
            route_services_secret_decrypt_only         | ''                   | s
            route_services_timeout                     | 60s                  | 1s
            route_services_recommend_https             | false                | true
            route_services_hairpinning                 | false                | true
            route_services_hairpinning_allowlist       | []                   | [a.b]
            route_services_internal_server_port        | 7070                 | 0
            route_services.max_attempts                | 0                    | 3
            route_services.strict_signature_validation | false                | true
            route_services.cert_chain                  | ''                   | $CERT, private_key: $KEY
            http_rewrite.responses.add_headers_if_not_present | []            | [{name: a, value: b}]
            http_rewrite.responses.remove_headers      | []                   | [{name: a}]
            html_error_template_file                   | ''                   | /tmp/page
            logging.level                              | debug                | info
            logging.syslog                             | ''                   | vcap.gorouter
            logging.syslog_truncate                    | 0                    | 1, syslog: streamed
            logging.loggregator_enabled                | false                | true
            logging.metron_address                     | localhost:3457       | other:1
            logging.disable_log_forwarded_for          | false                | true
            logging.disable_log_source_ip              | false                | true
            logging.redact_query_params                | none                 | hash
            logging.format.timestamp                   | unix-epoch           | rfc3339
            logging.extra_access_log_fields            | []                   | [dns_time]
            extra_headers_to_log                       | []                   | [X-A]
            access_log.file                            | ''                   | /tmp/log
            access_log.enable_streaming                | false                | true
            tracing.enable_zipkin                      | false                | true
            tracing.enable_w3c                         | false                | true
            tracing.w3c_tenant_id                      | ''                   | t
            prometheus.enabled                         | false                | true
            prometheus.port                            | 0                    | 1
            prometheus.cert_path                       | ''                   | /tmp/c
            prometheus.key_path                        | ''                   | /tmp/k
            prometheus.ca_path                         | ''                   | /tmp/ca
            prometheus.meters.route_lookup_time_histogram_buckets | [10000, 20000, 30000, 40000, 50000, 60000, 70000, 80000, 90000, 100000] | [1]
            prometheus.meters.gorouter_time_histogram_buckets | [1, 2, 4, 6, 8, 10, 20, 40, 50, 100, 500, 1000] | [1]
            prometheus.meters.route_registration_latency_histogram_buckets | [0.1, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4] | [1]
            prometheus.meters.routing_response_latency_histogram_buckets | [1, 2, 4, 6, 8, 10, 20, 40, 50, 100, 500, 1000] | [1]
            prometheus.meters.http_latency_histogram_buckets | [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6] | [1.0, 2.50]
            per_request_metrics_reporting              | true                 | false
            enable_envelope_v1_metrics                 | true                 | false
            send_http_start_stop_server_event          | true                 | false
            send_http_start_stop_client_event          | true                 | false
            per_app_prometheus_http_metrics_reporting  | false                | true
            route_latency_metric_muzzle_duration       | 20s                  | 30s
            debug_addr                                 | ''                   | 127.0.0.1:17002
            go_max_procs                               | -1                   | 1
            """)
    void hasTheContractsDefaultAndHeedsAnother(String key, String standard, String other) throws Exception {
        GorouterConfig defaults = GorouterConfig.defaults();

        assertThat(read(nested(key, standard.isEmpty() ? "''" : standard))).isEqualTo(defaults);
        assertThat(read(nested(key, other))).isNotEqualTo(defaults);
    }

    private static final String SSL = "enable_ssl: true, cipher_suites: ECDHE-RSA-AES128-GCM-SHA256, "
            + "tls_pem: [{cert_chain: $CERT, private_key: $KEY}], client_cert_validation: request";

    /** 1.5: keys that only the HTTPS listener reads */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            disable_http                               | false                | true
            ssl_port                                   | 443                  | 1
            min_tls_version                            | TLSv1.2              | TLSv1.1
            min_tls_version                            | ''                   | TLSv1.0
            max_tls_version                            | TLSv1.2              | TLSv1.3
            client_ca_certs                            | ''                   | $CA
            only_trust_client_ca_certs                 | false                | true, client_ca_certs: $CA
            enable_verify_client_certificate_metadata  | false                | true, client_ca_certs: $CA, \
            verify_client_certificate_metadata: [{issuer_in_chain: {common_name: ours}, valid_cert_subjects: [{common_name: a}]}]
            """)
    void heedsTheKeysOfTheHttpsListener(String key, String standard, String other) throws Exception {
        GorouterConfig plain = read("{" + SSL + "}");

        assertThat(plain.frontend().tls()).isPresent();
        assertThat(read("{" + SSL + ", " + key + ": " + (standard.isEmpty() ? "''" : standard) + "}"))
                .isEqualTo(plain);
        assertThat(read("{" + SSL + ", " + key + ": " + other + "}")).isNotEqualTo(plain);
        assertThat(read("{tls_pem: [{cert_chain: x}], client_cert_validation: x, min_tls_version: x, cipher_suites: x}")
                        .frontend()
                        .tls())
                .as("none of it is looked at without the listener")
                .isEmpty();
    }

    /** 1.5 */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "RC4-SHA",
                "DES-CBC3-SHA",
                "AES128-SHA",
                "AES256-SHA",
                "AES128-SHA256",
                "AES128-GCM-SHA256",
                "AES256-GCM-SHA384",
                "ECDHE-ECDSA-RC4-SHA",
                "ECDHE-ECDSA-AES128-SHA",
                "ECDHE-ECDSA-AES256-SHA",
                "ECDHE-RSA-RC4-SHA",
                "ECDHE-RSA-DES-CBC3-SHA",
                "ECDHE-RSA-AES128-SHA",
                "ECDHE-RSA-AES256-SHA",
                "ECDHE-ECDSA-AES128-SHA256",
                "ECDHE-RSA-AES128-SHA256",
                "ECDHE-RSA-AES128-GCM-SHA256",
                "ECDHE-ECDSA-AES128-GCM-SHA256",
                "ECDHE-RSA-AES256-GCM-SHA384",
                "ECDHE-ECDSA-AES256-GCM-SHA384",
                "ECDHE-RSA-CHACHA20-POLY1305",
                "ECDHE-ECDSA-CHACHA20-POLY1305",
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
                "TLS_RSA_WITH_RC4_128_SHA",
                "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
                "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
                "TLS_AES_128_GCM_SHA256",
                "TLS_CHACHA20_POLY1305_SHA256",
                "ECDHE-RSA-AES128-GCM-SHA256:TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"
            })
    void knowsCipherSuitesByBothTheirNames(String suites) throws Exception {
        assertThat(read("{" + SSL.replace("ECDHE-RSA-AES128-GCM-SHA256", suites) + "}")
                        .frontend()
                        .tls())
                .isPresent();
    }

    /** 1.6 to 1.9: keys that the original parses and does not use, and one that it does not know at all */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "publish_start_message_interval: 1s",
                "websocket_dial_timeout: 1s",
                "load_balancer_healthy_threshold: 1s",
                "healthcheck_poll_interval: 1s",
                "healthcheck_timeout: 1s",
                "pid_file: /tmp/pid",
                "ip_local_port_range: 1024 65535",
                "backends: {clientauthcertificate: {}}",
                "enable_http1_concurrent_read_write: true"
            })
    void knowsWhatIsNotUsed(String line) throws Exception {
        var reader = (Logger) LoggerFactory.getLogger(ConfigReader.class);
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        reader.addAppender(lines);
        try {
            assertThat(read(line)).isEqualTo(GorouterConfig.defaults());
            assertThat(lines.list).isEmpty();
            assertThat(read("no_such_key: 1\nstatus: {nor_this: 2}")).isEqualTo(GorouterConfig.defaults());
            assertThat(lines.list).as("1.2: unknown keys are ignored, but told").hasSize(2);
        } finally {
            reader.detachAppender(lines);
        }
    }

    // ---- 1.2: layering and values ----

    /** 1.2 */
    @Test
    void laysTheFileOverTheDefaultsAtEveryDepth() throws Exception {
        GorouterConfig config = read("{status: {port: 1}, nats: {user: u}, prometheus: {enabled: on}}");

        assertThat(config.status().port()).isEqualTo(1);
        assertThat(config.status().routesPort()).isEqualTo(8082);
        assertThat(config.nats().servers()).containsExactly("localhost:4222");
        assertThat(config.prometheus().httpLatencyBuckets()).hasSize(9);
        assertThat(read("sticky_session_cookie_names: [other]").headers().stickyCookies())
                .as("lists replace")
                .containsExactly("other");
    }

    /** 1.2 */
    @ParameterizedTest
    @CsvSource({
        "300ms,300",
        "1.5h,5400000",
        "2h45m,9900000",
        "-1s,-1000",
        "+1s,1000",
        "'0',0",
        "1us,0",
        "1µs,0",
        "90000000ns,90"
    })
    void readsDurationsAsGoDoes(String text, long millis) throws Exception {
        assertThat(read("endpoint_timeout: '" + text + "'")
                        .backends()
                        .endpointTimeout()
                        .toMillis())
                .isEqualTo(millis);
    }

    /** 1.2 */
    @ParameterizedTest
    @ValueSource(strings = {"1d", "soon", "1", "''", "1s ", "[1s]"})
    void refusesOtherDurations(String text) {
        assertComplains("endpoint_timeout: \"" + text.replace("'", "") + "\"", "endpoint_timeout: ");
    }

    /** 1.3 row 1 */
    @Test
    void derivesWhatTheOriginalDerives() throws Exception {
        GorouterConfig config =
                read("{droplet_stale_threshold: 1s, start_response_delay_interval: 20s, endpoint_timeout: 7s}");

        assertThat(config.registry().staleThreshold()).isEqualTo(Duration.ofSeconds(20));
        assertThat(config.drain().timeout()).isEqualTo(Duration.ofSeconds(7));
        assertThat(GorouterConfig.defaults().beyond().threads()).isPositive();
    }

    // ---- 1.3: complaints ----

    /** 1.3, by its rows */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            backends: {cert_chain: $CERT, private_key: $WRONG_KEY}       | Error loading key pair: the private key does not belong to the certificate
            route_services: {cert_chain: x, private_key: x}              | Error loading key pair:
            routing_api: {uri: 'https://a', port: 1, ca_certs: $CA, cert_chain: $CERT, private_key: $WRONG_KEY} | Error loading key pair: the
            routing_api: {uri: 'https://a', port: 1, ca_certs: x}        | Error while adding CACerts to gorouter's routing-api cert pool: no
            nats: {tls_enabled: true}                                    | Error loading NATS key pair: nats.cert_chain is missing
            nats: {tls_enabled: true, cert_chain: $CERT, private_key: $WRONG_KEY} | Error loading NATS key pair: the private key
            nats: {tls_enabled: true, cert_chain: $CERT, private_key: $KEY, ca_certs: x} | Error while adding CACerts to gorouter's routing-api cert pool:
            status: {enable_nontls_health_checks: false}                 | Neither TLS nor non-TLS health endpoints are enabled. Refusing to start gorouter.
            status: {tls: {port: 1}}                                     | router.status.tls.key must be provided
            status: {tls: {key: $KEY}}                                   | router.status.tls.certificate must be provided
            status: {tls: {certificate: $CERT, key: $KEY, port: 0}}      | router.status.tls.port must not be 0
            status: {tls: {certificate: $CERT, key: $WRONG_KEY}}         | Error loading router.status.tls certificate/key pair: the private key
            {$SSL, client_cert_validation: ''}                           | router.client_cert_validation must be one of 'none', 'request' or 'require'.
            {$SSL, client_cert_validation: maybe}                        | router.client_cert_validation must be one of 'none', 'request' or 'require'.
            {$SSL, min_tls_version: TLSv9}                               | router.min_tls_version should be one of "", "TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1.0"
            {$SSL, max_tls_version: TLSv1.1}                             | router.max_tls_version should be one of "TLSv1.2" or "TLSv1.3"
            {$SSL, tls_pem: []}                                          | router.tls_pem must be provided if router.enable_ssl is set to true
            {$SSL, tls_pem: [{cert_chain: $CERT}]}                       | Error parsing PEM blocks of router.tls_pem, missing cert or key.
            {$SSL, tls_pem: [{cert_chain: $CERT, private_key: $WRONG_KEY}]} | Error loading key pair: the private key does not belong to the certificate
            {$SSL, cipher_suites: ' '}                                   | must specify list of cipher suite when ssl is enabled
            {$SSL, cipher_suites: 'AES128-SHA:no'}                       | Invalid cipher string configuration: no, please choose from [
            disable_http: true                                           | neither http nor https listener is enabled: router.enable_ssl: false, router.disable_http: true
            balancing_algorithm: hash                                    | Invalid load balancing algorithm hash. Allowed values are [round-robin least-connection]
            balancing_algorithm_az_preference: foo                       | Invalid load balancing AZ preference foo. Allowed values are [none locally-optimistic]
            load_balancer_healthy_threshold: -5s                         | Invalid load balancer healthy threshold: -5s
            forwarded_client_cert: foo                                   | Invalid forwarded client cert mode: foo. Allowed values are [always_forward forward sanitize_set]
            routing_table_sharding_mode: foo                             | Invalid sharding mode: foo. Allowed values are [all segments shared-and-segments]
            routing_table_sharding_mode: segments                        | Expected isolation segments; routing table sharding mode set to segments and none provided.
            logging: {redact_query_params: foo}                          | Invalid query param redaction mode: foo. Allowed values are [none all hash]
            ca_certs: [$CA, x]                                           | Error while adding 1 cert in CACerts to gorouter's cert pool
            {$SSL, only_trust_client_ca_certs: true}                     | router.client_ca_certs cannot be empty if router.only_trust_client_ca_certs is 'true' and router.client_cert_validation is set to 'request' or 'require'.
            {$SSL, client_ca_certs: x}                                   | Error while adding ClientCACerts to gorouter's client cert pool:
            {$SSL, client_ca_certs: $CA, enable_verify_client_certificate_metadata: true, verify_client_certificate_metadata: [{issuer_in_chain: {common_name: nobody}}]} | no CA certificate found for rule with ca subject CN=nobody
            port: 65536                                                  | port: 65536 (expected: a whole number from 0 to 65535)
            port: -1                                                     | port: -1 (expected: a whole number from 0 to 65535)
            enable_http2: perhaps                                        | enable_http2: perhaps (expected: true or false)
            isolation_segments: one                                      | isolation_segments: one (expected: a list)
            status: 1                                                    | status: 1 (expected: a mapping)
            """)
    void complainsInTheOriginalsWords(String yaml, String complaint) {
        assertComplains(yaml.replace("$SSL", SSL), complaint);
    }

    private void assertComplains(String yaml, String complaint) {
        assertThatThrownBy(() -> read(yaml)).isInstanceOf(ConfigException.class).hasMessageContaining(complaint);
    }

    /** 1.3 row 23 */
    @Test
    void needsNoClientAuthoritiesWhereNobodyIsAsked() throws Exception {
        assertThat(read("{" + SSL.replace(": request", ": none") + ", only_trust_client_ca_certs: true}")
                        .frontend()
                        .tls())
                .isPresent();
    }

    /** 1.9 */
    @ParameterizedTest
    @ValueSource(strings = {"debug", "INFO", "warn", "ERROR", "dpanic", "PANIC", "fatal", ""})
    void knowsLevelsInOneCaseOrTheOther(String level) throws Exception {
        assertThat(read("logging: {level: '" + level + "'}").logs().settings()).isNotNull();
        assertComplains("logging: {level: Info}", "logging.level: Info (expected: debug, info, warn");
    }
}
