package org.cupola.platform.net;

/** Why a {@link Relay} is over. */
public enum RelayEnd {
    /** Both sides finished sending and everything was delivered. */
    COMPLETED,
    /** The client's connection broke; the backend's was reset. */
    CLIENT_RESET,
    /** The backend's connection broke; the client's was reset. */
    BACKEND_RESET,
    /** No bytes either way for the idle timeout. */
    IDLE,
    /** The owner closed it: no backend, a limit, the end of a drain. */
    CLOSED
}
