package org.cupola.cloudcontroller;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Stages what needs no building: the files as they are, started by the Procfile or by an explicit command. The droplet has the
 * layout that buildpack droplets have.
 */
final class ProcfileStager implements Stager {
    private static final Pattern PROCESS = Pattern.compile("^([A-Za-z0-9_-]+):\\s*(.+?)\\s*$");
    private static final int TYPE_MASK = 0170000;
    private static final int SYMLINK = 0120000;
    private static final int DEFAULT_FILE_MODE = 0755;
    private static final long MAX_PROCFILE_BYTES = 1 << 20;

    @Override
    public Staged stage(Request request) throws StagingException, IOException {
        Path droplet = request.work().resolve("droplet.tgz");
        Map<String, Integer> modes;
        try (ZipFile zip = new ZipFile(request.appPackage().toFile())) {
            modes = ZipModes.read(request.appPackage());
            Map<String, String> processTypes = processTypes(zip, request);
            try (OutputStream out =
                            new GZIPOutputStream(new BufferedOutputStream(Files.newOutputStream(droplet), 1 << 16));
                    TarWriter tar = new TarWriter(out)) {
                write(tar, zip, modes, processTypes);
            }
            return new Staged(droplet, processTypes);
        } catch (ZipException e) {
            StagingException failure =
                    new StagingException("StagingError", "The app package is not a zip: " + e.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }

    private static Map<String, String> processTypes(ZipFile zip, Request request) throws StagingException, IOException {
        Map<String, String> processTypes = new LinkedHashMap<>();
        ZipEntry procfile = zip.getEntry("Procfile");
        if (procfile != null && procfile.getSize() <= MAX_PROCFILE_BYTES) {
            try (InputStream in = zip.getInputStream(procfile)) {
                new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(line -> {
                    Matcher process = PROCESS.matcher(line);
                    if (process.matches()) {
                        processTypes.put(process.group(1), process.group(2));
                    }
                });
            }
        }
        if (!processTypes.isEmpty()) {
            return processTypes;
        }
        if (!request.command().isEmpty()) {
            return Map.of(ProcessRow.WEB, request.command());
        }
        if (request.buildpacks().isEmpty()) {
            throw new StagingException(
                    "NoAppDetectedError", "An app was not successfully detected by any available buildpack");
        }
        throw new StagingException("StagingError", "Start command not specified");
    }

    private static void write(TarWriter tar, ZipFile zip, Map<String, Integer> modes, Map<String, String> processTypes)
            throws IOException, StagingException {
        for (String directory : new String[] {"./", "./app/", "./deps/", "./profile.d/", "./tmp/", "./logs/"}) {
            tar.directory(directory, 0755);
        }
        String info = Docs.object()
                .put("detected_buildpack", "")
                .put("start_command", processTypes.getOrDefault(ProcessRow.WEB, ""))
                .toString();
        tar.file("./staging_info.yml", 0644, info.getBytes(StandardCharsets.UTF_8));
        Map<String, ZipEntry> entries = new HashMap<>();
        TreeSet<String> directories = new TreeSet<>();
        for (ZipEntry entry : zip.stream().toList()) {
            String name = safe(entry.getName());
            if (entry.isDirectory()) {
                directories.add(name);
            } else {
                entries.put(name, entry);
                for (int slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
                    directories.add(name.substring(0, slash + 1));
                }
            }
        }
        for (String directory : directories) {
            tar.directory("./app/" + directory, 0755);
        }
        for (String name : new TreeSet<>(entries.keySet())) {
            ZipEntry entry = Objects.requireNonNull(entries.get(name));
            int mode = modes.getOrDefault(entry.getName(), DEFAULT_FILE_MODE);
            try (InputStream in = zip.getInputStream(entry)) {
                if ((mode & TYPE_MASK) == SYMLINK) {
                    tar.symlink(
                            "./app/" + name, safeTarget(name, new String(in.readAllBytes(), StandardCharsets.UTF_8)));
                } else {
                    tar.file("./app/" + name, mode, entry.getSize(), in);
                }
            }
        }
    }

    private static String safe(String name) throws StagingException {
        if (name.startsWith("/") || Path.of(name).normalize().startsWith("..")) {
            throw new StagingException("StagingError", "The app package has a file outside of the app: " + name);
        }
        return name;
    }

    private static String safeTarget(String name, String target) throws StagingException {
        Path parent = Path.of(name).getParent();
        Path resolved = (parent == null ? Path.of("") : parent).resolve(target).normalize();
        if (resolved.isAbsolute() || resolved.startsWith("..")) {
            throw new StagingException("StagingError", "The app package has a link out of the app: " + name);
        }
        return target;
    }
}
