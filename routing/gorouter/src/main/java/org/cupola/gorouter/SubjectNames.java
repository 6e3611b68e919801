package org.cupola.gorouter;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import org.cupola.gorouter.GorouterConfig.Subject;

/** Compares configured subjects with those of certificates. */
final class SubjectNames {
    private SubjectNames() {}

    /** Whether the certificate's subject has exactly these parts. */
    static boolean matches(Subject wanted, X509Certificate certificate) {
        return parts(wanted).equals(parts(certificate));
    }

    /** As people write it. */
    static String text(Subject subject) {
        return String.join(",", parts(subject));
    }

    private static List<String> parts(Subject subject) {
        List<String> parts = new ArrayList<>();
        add(parts, "CN", subject.commonName().isEmpty() ? List.of() : List.of(subject.commonName()));
        add(parts, "SERIALNUMBER", subject.serialNumber().isEmpty() ? List.of() : List.of(subject.serialNumber()));
        add(parts, "C", subject.country());
        add(parts, "O", subject.organization());
        add(parts, "OU", subject.organizationalUnit());
        add(parts, "L", subject.locality());
        add(parts, "ST", subject.province());
        add(parts, "STREET", subject.streetAddress());
        add(parts, "POSTALCODE", subject.postalCode());
        return parts.stream().sorted().toList();
    }

    private static void add(List<String> parts, String type, List<String> values) {
        values.forEach(value -> parts.add(type + "=" + value));
    }

    private static List<String> parts(X509Certificate certificate) {
        try {
            List<String> parts = new ArrayList<>();
            String name = certificate
                    .getSubjectX500Principal()
                    .getName("RFC2253", java.util.Map.of("2.5.4.5", "SERIALNUMBER", "2.5.4.17", "POSTALCODE"));
            for (Rdn rdn : new LdapName(name).getRdns()) {
                parts.add(rdn.getType().toUpperCase(Locale.ROOT) + "=" + rdn.getValue());
            }
            return parts.stream().sorted().toList();
        } catch (InvalidNameException e) {
            return List.of();
        }
    }
}
