package org.cupola.uaa;

/**
 * A client that proved who it is, and how.
 *
 * @param secretHash of the secret that was used; empty for none
 * @param method     empty for a secret, else {@code none} or {@code private_key_jwt}; goes into tokens
 */
record ClientAuthentication(Client client, String secretHash, String method) {
    static final String NONE = "none";
    static final String PRIVATE_KEY_JWT = "private_key_jwt";

    boolean isPublic() {
        return method.equals(NONE) && secretHash.isEmpty();
    }
}
