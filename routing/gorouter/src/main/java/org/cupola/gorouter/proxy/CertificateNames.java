package org.cupola.gorouter.proxy;

import io.netty.util.NetUtil;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/** The names a certificate is good for: those of its subject alternative names; the common name does not count. */
final class CertificateNames {
    private static final int DNS = 2;
    private static final int IP = 7;

    private CertificateNames() {}

    static List<String> of(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            for (List<?> name : alternatives == null ? List.<List<?>>of() : alternatives) {
                if (name.get(0) instanceof Integer kind && (kind == DNS || kind == IP)) {
                    names.add(String.valueOf(name.get(1)));
                }
            }
        } catch (CertificateParsingException e) {
            return List.of();
        }
        return names;
    }

    /** Whether one of the names is, or as a wildcard covers, the wanted one. */
    static boolean match(List<String> names, String wanted) {
        byte[] address = NetUtil.createByteArrayFromIpAddressString(wanted);
        String lower = wanted.toLowerCase(Locale.ROOT);
        for (String name : names) {
            byte[] named = NetUtil.createByteArrayFromIpAddressString(name);
            if (address != null ? Arrays.equals(address, named) : matches(name.toLowerCase(Locale.ROOT), lower)) {
                return true;
            }
        }
        return false;
    }

    private static boolean matches(String pattern, String name) {
        if (!pattern.startsWith("*.")) {
            return pattern.equals(name);
        }
        int dot = name.indexOf('.');
        return dot > 0 && name.substring(dot).equals(pattern.substring(1));
    }
}
