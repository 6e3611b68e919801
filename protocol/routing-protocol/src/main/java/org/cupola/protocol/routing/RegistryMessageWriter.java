package org.cupola.protocol.routing;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes {@link RegistryMessage}s with the key order and omissions of the two programs that send them. */
final class RegistryMessageWriter {
    private final StringBuilder out = new StringBuilder(512).append('{');

    private RegistryMessageWriter() {}

    static byte[] emitter(RegistryMessage message) {
        var writer = new RegistryMessageWriter();
        writer.key("host").quoted(message.host());
        writer.key("port").out.append(message.port());
        writer.number("tls_port", message.tlsPort());
        writer.key("uris").list(message.uris());
        writer.text("protocol", message.protocol());
        writer.text("app", message.app());
        writer.text("route_service_url", message.routeServiceUrl());
        writer.text("private_instance_id", message.privateInstanceId());
        writer.text("private_instance_index", message.privateInstanceIndex());
        writer.text("server_cert_domain_san", message.serverCertDomainSan());
        writer.text("isolation_segment", message.isolationSegment());
        writer.number("stale_threshold_in_seconds", message.staleThresholdInSeconds());
        writer.number("endpoint_updated_at_ns", message.endpointUpdatedAtNs());
        Map<String, String> tags = message.tags();
        if (tags != null && !tags.isEmpty()) {
            writer.key("tags").map(tags);
        }
        writer.text("availability_zone", message.availabilityZone());
        writer.options(message.options());
        return writer.finish();
    }

    static byte[] registrar(RegistryMessage message) {
        var writer = new RegistryMessageWriter();
        writer.key("uris").list(message.uris());
        writer.key("host").quoted(message.host());
        writer.text("protocol", message.protocol());
        writer.number("port", message.port());
        writer.number("tls_port", message.tlsPort());
        Map<String, String> tags = message.tags();
        if (tags == null) {
            writer.key("tags").out.append("null");
        } else {
            writer.key("tags").map(tags);
        }
        writer.text("route_service_url", message.routeServiceUrl());
        writer.text("private_instance_id", message.privateInstanceId());
        writer.text("server_cert_domain_san", message.serverCertDomainSan());
        writer.text("availability_zone", message.availabilityZone());
        writer.options(message.options());
        return writer.finish();
    }

    private byte[] finish() {
        return out.append('}').toString().getBytes(StandardCharsets.UTF_8);
    }

    private RegistryMessageWriter key(String name) {
        if (out.length() > 1) {
            out.append(',');
        }
        out.append('"').append(name).append("\":");
        return this;
    }

    private void text(String name, String value) {
        if (!value.isEmpty()) {
            key(name).quoted(value);
        }
    }

    private void number(String name, long value) {
        if (value != 0) {
            key(name).out.append(value);
        }
    }

    private void options(RouteOptions options) {
        if (!options.isEmpty()) {
            key("options").out.append(options.json());
        }
    }

    private void list(List<String> values) {
        out.append('[');
        for (int i = 0; i < values.size(); i++) {
            out.append(i == 0 ? "" : ",");
            quoted(values.get(i));
        }
        out.append(']');
    }

    private void map(Map<String, String> values) {
        out.append('{');
        String comma = "";
        for (var entry : new TreeMap<>(values).entrySet()) {
            out.append(comma);
            quoted(entry.getKey());
            out.append(':');
            quoted(entry.getValue());
            comma = ",";
        }
        out.append('}');
    }

    /** As Go writes text: {@code <}, {@code >} and {@code &} are escaped besides what JSON demands. */
    private void quoted(String value) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '<', '>', '&', '\u2028', '\u2029' -> unicode(c);
                default -> {
                    if (c < ' ') {
                        unicode(c);
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private void unicode(char c) {
        out.append("\\u").append(Character.forDigit(c >> 12, 16));
        out.append(Character.forDigit(c >> 8 & 15, 16));
        out.append(Character.forDigit(c >> 4 & 15, 16)).append(Character.forDigit(c & 15, 16));
    }
}
