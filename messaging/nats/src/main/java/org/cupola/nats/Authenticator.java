package org.cupola.nats;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.cupola.nats.ConnectOptions.Credentials;
import org.cupola.nats.NatsConfig.Authorization;
import org.cupola.nats.NatsConfig.User;
import org.cupola.platform.config.Secret;
import org.jspecify.annotations.Nullable;

/**
 * Decides who a client is: by its certificate when that is mapped to users, else by a signed nonce, a user's password or
 * the token, in this order. Immutable, any thread; a bcrypt password takes long to check, see {@link #isSlow}.
 */
final class Authenticator {
    private static final User ANYONE = new User("", Secret.NONE, false, UserPermissions.ALL);

    private final Authorization authorization;
    private final boolean mapCertificates;
    private final Map<String, User> users = new HashMap<>();

    Authenticator(Authorization authorization, boolean mapCertificates) {
        this.authorization = authorization;
        this.mapCertificates = mapCertificates;
        authorization.users().forEach(user -> users.put(user.name(), user));
    }

    boolean isRequired() {
        return authorization.isRequired();
    }

    /** Whether INFO must carry a nonce. */
    boolean usesNonce() {
        return users.values().stream().anyMatch(User::isPublicKey);
    }

    /** Whether checking these takes so long (bcrypt) that it must not happen on an event loop. */
    boolean isSlow(Credentials credentials) {
        User user = users.get(credentials.user());
        Secret expected = user == null ? authorization.token() : user.password();
        return isBcrypt(expected);
    }

    /** The user, or nothing when the client is to be refused. */
    Optional<User> authenticate(Credentials credentials, @Nullable X509Certificate certificate, String nonce) {
        if (credentials.foreignAccount()) {
            return Optional.empty();
        }
        if (!isRequired()) {
            return Optional.of(ANYONE);
        }
        if (mapCertificates) {
            return certificate == null ? Optional.empty() : mapped(certificate);
        }
        if (!credentials.publicKey().isEmpty()) {
            return Optional.ofNullable(users.get(credentials.publicKey()))
                    .filter(User::isPublicKey)
                    .filter(user -> NonceSignature.verify(user.name(), nonce, credentials.signature()));
        }
        if (!users.isEmpty()) {
            boolean nothingShown =
                    credentials.user().isEmpty() && credentials.token().isEmpty();
            String name = nothingShown ? authorization.noAuthUser() : credentials.user();
            return Optional.ofNullable(users.get(name))
                    .filter(user -> !user.isPublicKey())
                    .filter(user -> nothingShown || matches(user.password(), credentials.password()));
        }
        return matches(authorization.token(), credentials.token()) ? Optional.of(ANYONE) : Optional.empty();
    }

    private Optional<User> mapped(X509Certificate certificate) {
        for (String name : alternativeNames(certificate)) {
            if (users.containsKey(name)) {
                return Optional.of(users.get(name));
            }
        }
        return Optional.ofNullable(
                users.get(certificate.getSubjectX500Principal().getName()));
    }

    /** E-mail addresses first, then DNS names. */
    private static List<String> alternativeNames(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.get(0).equals(1) || name.get(0).equals(2))
                            .sorted((a, b) -> ((Integer) a.get(0)).compareTo((Integer) b.get(0)))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
        } catch (CertificateParsingException e) {
            return List.of(); // names that cannot be read name nobody
        }
    }

    private static boolean matches(Secret expected, Secret given) {
        if (isBcrypt(expected)) {
            return OpenBSDBCrypt.checkPassword(expected.value(), given.value().toCharArray());
        }
        return MessageDigest.isEqual(bytes(expected), bytes(given));
    }

    private static boolean isBcrypt(Secret secret) {
        return secret.value().matches("\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}");
    }

    private static byte[] bytes(Secret secret) {
        return secret.value().getBytes(StandardCharsets.UTF_8);
    }
}
