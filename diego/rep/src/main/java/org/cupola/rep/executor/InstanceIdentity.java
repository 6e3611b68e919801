package org.cupola.rep.executor;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.cupola.platform.tls.CertificateAuthority;
import org.cupola.platform.tls.Pem;
import org.cupola.platform.tls.TlsIdentity;

/**
 * Issues each instance a certificate that says who it is: its guid as common name and DNS name, its address, and the
 * units (organization, space, application) that the work names. Any thread.
 */
public final class InstanceIdentity {
    static final String CERTIFICATE = "/etc/cf-instance-credentials/instance.crt";
    static final String KEY = "/etc/cf-instance-credentials/instance.key";
    static final Map<String, String> ENVIRONMENT = Map.of("CF_INSTANCE_CERT", CERTIFICATE, "CF_INSTANCE_KEY", KEY);

    private static final Duration LONG = Duration.ofHours(4);
    private static final Duration MARGIN = Duration.ofMinutes(30);

    private final CertificateAuthority authority;
    private final Duration validity;

    public InstanceIdentity(CertificateAuthority authority, Duration validity) {
        this.authority = authority;
        this.validity = validity;
    }

    /** Files by their path in the container. */
    Map<String, byte[]> issue(String guid, List<String> units, String address) {
        TlsIdentity identity = authority.issue(guid, units, List.of(guid, address), validity);
        List<Object> chain = new ArrayList<>(identity.chain());
        chain.add(authority.certificate());
        return Map.of(
                CERTIFICATE, Pem.write(chain.toArray()).getBytes(StandardCharsets.UTF_8),
                KEY, Pem.write(identity.key()).getBytes(StandardCharsets.UTF_8));
    }

    /** How long after its issue a certificate is replaced. */
    Duration rotation() {
        return validity.compareTo(LONG) > 0
                ? validity.minus(MARGIN)
                : validity.multipliedBy(7).dividedBy(8);
    }
}
