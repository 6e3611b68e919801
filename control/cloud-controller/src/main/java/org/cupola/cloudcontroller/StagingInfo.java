package org.cupola.cloudcontroller;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import tools.jackson.core.JacksonException;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Finds {@code staging_info.yml} in a droplet. Pure. */
final class StagingInfo {
    private static final int BLOCK = 512;
    private static final long MAX_BYTES = 1 << 20;

    private StagingInfo() {}

    /** The start command the droplet was staged with; empty when it tells none or is no gzipped tar. */
    static String startCommand(InputStream droplet) throws IOException {
        try (InputStream tar = new GZIPInputStream(droplet)) {
            byte[] header = new byte[BLOCK];
            while (tar.readNBytes(header, 0, BLOCK) == BLOCK && header[0] != 0) {
                long size = size(header);
                String name = text(header, 0, 100);
                if (name.equals("./staging_info.yml") || name.equals("staging_info.yml")) {
                    return size > MAX_BYTES ? "" : command(tar.readNBytes((int) size));
                }
                tar.skipNBytes((size + BLOCK - 1) / BLOCK * BLOCK);
            }
            return "";
        } catch (ZipException | EOFException e) {
            return ""; // the cell will refuse it; here only the command is missing
        }
    }

    private static String command(byte[] yaml) {
        try {
            return YAMLMapper.shared().readTree(yaml).path("start_command").asString("");
        } catch (JacksonException e) {
            return "";
        }
    }

    private static long size(byte[] header) {
        String octal = text(header, 124, 12).trim();
        return octal.matches("[0-7]+") ? Long.parseLong(octal, 8) : 0;
    }

    private static String text(byte[] header, int at, int length) {
        int end = at;
        while (end < at + length && header[end] != 0) {
            end++;
        }
        return new String(header, at, end - at, StandardCharsets.UTF_8);
    }
}
