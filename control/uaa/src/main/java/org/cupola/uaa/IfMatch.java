package org.cupola.uaa;

/** The version a change of a SCIM resource was made for. */
final class IfMatch {
    private IfMatch() {}

    /**
     * @param current what {@code *} stands for
     * @throws UaaError 400 without a usable {@code If-Match}
     */
    static int version(Call call, int current, String what) {
        String text =
                call.header("if-match").orElseThrow(() -> UaaError.scim(400, "scim", "Missing If-Match for " + what));
        String plain = text.strip().replaceAll("^\"|\"$", "");
        if (plain.equals("*")) {
            return current;
        }
        try {
            return Integer.parseInt(plain);
        } catch (NumberFormatException e) {
            throw UaaError.scim(400, "scim", "Invalid version match header: " + text);
        }
    }
}
