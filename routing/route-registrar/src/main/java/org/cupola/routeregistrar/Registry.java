package org.cupola.routeregistrar;

/** A router's side that routes are registered with. Blocking; any thread. */
interface Registry {
    /** @throws RegistryException when it was not told; the next interval, or sooner, is another chance */
    void register(RegistrarRoute route) throws RegistryException;

    void unregister(RegistrarRoute route) throws RegistryException;
}
