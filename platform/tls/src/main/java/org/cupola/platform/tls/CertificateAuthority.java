package org.cupola.platform.tls;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Issues P-256 certificates: the platform's own authority, instance identities, test certificates. Immutable. */
public final class CertificateAuthority {
    private static final Pattern IP_ADDRESS = Pattern.compile("[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");
    private static final Duration CLOCK_SKEW = Duration.ofMinutes(5);

    private final TlsIdentity identity;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    public CertificateAuthority(TlsIdentity identity, Clock clock) {
        this.identity = identity;
        this.clock = clock;
    }

    /** A new self-signed authority. */
    public static CertificateAuthority create(String commonName, Duration validity, Clock clock) {
        KeyPair keys = KeyPairs.ecdsaP256();
        X500Name name = name(commonName, List.of());
        try {
            X509v3CertificateBuilder builder = builder(name, name, keys, clock.instant(), validity, new SecureRandom());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(
                    Extension.keyUsage,
                    true,
                    new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature));
            var certificate = sign(builder, keys.getPrivate());
            return new CertificateAuthority(new TlsIdentity(keys.getPrivate(), List.of(certificate)), clock);
        } catch (CertIOException e) {
            throw new IllegalStateException("certificate extensions cannot be encoded", e);
        }
    }

    public X509Certificate certificate() {
        return identity.certificate();
    }

    public TlsIdentity identity() {
        return identity;
    }

    /** A leaf for server and client use; each name is a DNS name or an IP address. */
    public TlsIdentity issue(String commonName, List<String> names, Duration validity) {
        return issue(commonName, List.of(), names, validity);
    }

    /** As {@link #issue(String, List, Duration)}, with organizational units in the subject (instance identity). */
    public TlsIdentity issue(
            String commonName, List<String> organizationalUnits, List<String> names, Duration validity) {
        KeyPair keys = KeyPairs.ecdsaP256();
        try {
            X509v3CertificateBuilder builder = builder(
                    X500Name.getInstance(
                            identity.certificate().getSubjectX500Principal().getEncoded()),
                    name(commonName, organizationalUnits),
                    keys,
                    clock.instant(),
                    validity,
                    random);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(
                    Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyAgreement));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
            }));
            if (!names.isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false, alternativeNames(names));
            }
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(identity.certificate()));
            return new TlsIdentity(keys.getPrivate(), List.of(sign(builder, identity.key())));
        } catch (CertIOException | CertificateException | java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException("certificate extensions cannot be encoded", e);
        }
    }

    private static X509v3CertificateBuilder builder(
            X500Name issuer, X500Name subject, KeyPair keys, Instant now, Duration validity, SecureRandom random) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(127, random).add(BigInteger.ONE),
                Date.from(now.minus(CLOCK_SKEW)),
                Date.from(now.plus(validity)),
                subject,
                keys.getPublic());
    }

    private static X509Certificate sign(X509v3CertificateBuilder builder, PrivateKey key) {
        String algorithm = key.getAlgorithm().equals("RSA") ? "SHA256withRSA" : "SHA256withECDSA";
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(algorithm).build(key)));
        } catch (OperatorCreationException | CertificateException e) {
            throw new IllegalStateException("cannot sign with " + algorithm, e);
        }
    }

    private static X500Name name(String commonName, List<String> organizationalUnits) {
        var builder = new X500NameBuilder(BCStyle.INSTANCE);
        organizationalUnits.forEach(unit -> builder.addRDN(BCStyle.OU, unit));
        return builder.addRDN(BCStyle.CN, commonName).build();
    }

    private static GeneralNames alternativeNames(List<String> names) {
        List<GeneralName> general = new ArrayList<>();
        for (String name : names) {
            boolean ip = IP_ADDRESS.matcher(name).matches();
            general.add(new GeneralName(ip ? GeneralName.iPAddress : GeneralName.dNSName, name));
        }
        return new GeneralNames(general.toArray(GeneralName[]::new));
    }
}
