package org.cupola.launcher;

import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote into this module's jar. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Version.class.getPackage().getImplementationVersion();
        return new String[] {"cupola " + (version == null ? "(unpackaged)" : version)};
    }
}
