package org.cupola.bbs;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.cupola.protocol.bbs.proto.Action;
import org.cupola.protocol.bbs.proto.CachedDependency;
import org.cupola.protocol.bbs.proto.DownloadAction;
import org.cupola.protocol.bbs.proto.ImageLayer;
import org.cupola.protocol.bbs.proto.ImageLayer.DigestAlgorithm;
import org.cupola.protocol.bbs.proto.ImageLayer.MediaType;
import org.cupola.protocol.bbs.proto.RunAction;
import org.cupola.protocol.bbs.proto.UploadAction;

/** What makes an action valid, and what it downloads. */
final class ActionRules {
    private static final Set<String> CHECKSUMS = Set.of("md5", "sha1", "sha256");

    private ActionRules() {}

    /** Checks the one inner action that counts: the lowest numbered that is set. */
    static void check(Action action, Problems problems) {
        if (action.hasDownloadAction()) {
            download(action.getDownloadAction(), problems);
        } else if (action.hasUploadAction()) {
            upload(action.getUploadAction(), problems);
        } else if (action.hasRunAction()) {
            run(action.getRunAction(), problems);
        } else if (action.hasTimeoutAction()) {
            var timeout = action.getTimeoutAction();
            child(timeout.hasAction(), timeout.getAction(), problems);
            problems.fieldIf(timeout.getTimeoutMs() <= 0, "timeout_ms");
        } else if (action.hasEmitProgressAction()) {
            var progress = action.getEmitProgressAction();
            child(progress.hasAction(), progress.getAction(), problems);
        } else if (action.hasTryAction()) {
            child(action.getTryAction().hasAction(), action.getTryAction().getAction(), problems);
        } else if (action.hasParallelAction()) {
            children(action.getParallelAction().getActionsList(), problems);
        } else if (action.hasSerialAction()) {
            children(action.getSerialAction().getActionsList(), problems);
        } else if (action.hasCodependentAction()) {
            children(action.getCodependentAction().getActionsList(), problems);
        } else {
            problems.field("inner-action");
        }
    }

    private static void child(boolean present, Action action, Problems problems) {
        if (present) {
            check(action, problems);
        } else {
            problems.field("action");
        }
    }

    private static void children(List<Action> actions, Problems problems) {
        problems.fieldIf(actions.isEmpty(), "actions");
        actions.forEach(action -> check(action, problems));
    }

    private static void download(DownloadAction action, Problems problems) {
        problems.required(action.getFrom(), "from");
        problems.required(action.getTo(), "to");
        problems.required(action.getUser(), "user");
        checksum(action.getChecksumAlgorithm(), action.getChecksumValue(), problems);
    }

    private static void upload(UploadAction action, Problems problems) {
        problems.required(action.getTo(), "to");
        problems.required(action.getFrom(), "from");
        problems.required(action.getUser(), "user");
    }

    private static void run(RunAction action, Problems problems) {
        problems.required(action.getPath(), "path");
        problems.required(action.getUser(), "user");
    }

    static void cachedDependency(CachedDependency dependency, Problems problems) {
        problems.required(dependency.getFrom(), "from");
        problems.required(dependency.getTo(), "to");
        checksum(dependency.getChecksumAlgorithm(), dependency.getChecksumValue(), problems);
    }

    private static void checksum(String algorithm, String value, Problems problems) {
        if (!algorithm.isEmpty() && value.isEmpty()) {
            problems.field("checksum value");
        } else if (algorithm.isEmpty() && !value.isEmpty()) {
            problems.field("checksum algorithm");
        } else if (!algorithm.isEmpty() && !CHECKSUMS.contains(algorithm.toLowerCase(Locale.ROOT))) {
            problems.field("invalid algorithm");
        }
    }

    static void imageLayer(ImageLayer layer, Problems problems) {
        problems.required(layer.getUrl(), "url");
        problems.required(layer.getDestinationPath(), "destination_path");
        boolean exclusive = layer.getLayerType() == ImageLayer.Type.EXCLUSIVE;
        problems.fieldIf(!exclusive && layer.getLayerType() != ImageLayer.Type.SHARED, "layer_type");
        boolean knownMedia = Set.of(MediaType.TGZ, MediaType.TAR, MediaType.ZIP).contains(layer.getMediaType());
        problems.fieldIf(!knownMedia, "media_type");
        boolean algorithm = layer.getDigestAlgorithm() != DigestAlgorithm.DigestAlgorithmInvalid;
        boolean value = !layer.getDigestValue().isEmpty();
        boolean knownAlgorithm =
                Set.of(DigestAlgorithm.SHA256, DigestAlgorithm.SHA512).contains(layer.getDigestAlgorithm());
        problems.fieldIf(algorithm ? !knownAlgorithm : value || exclusive, "digest_algorithm");
        problems.fieldIf(!value && (algorithm || exclusive), "digest_value");
    }
}
