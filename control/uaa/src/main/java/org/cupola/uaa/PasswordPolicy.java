package org.cupola.uaa;

import java.util.ArrayList;
import java.util.List;

/** What a user's password must look like; counts of zero ask for nothing. */
public record PasswordPolicy(int minLength, int maxLength, int upperCase, int lowerCase, int digits, int special) {
    public static final PasswordPolicy NONE = new PasswordPolicy(0, 255, 0, 0, 0, 0);

    /** One sentence per rule the password breaks. */
    List<String> violations(String password) {
        List<String> violations = new ArrayList<>();
        if (password.length() < minLength) {
            violations.add("Password must be at least " + minLength + " characters in length.");
        }
        if (password.length() > maxLength) {
            violations.add("Password must be no more than " + maxLength + " characters in length.");
        }
        require(violations, password.chars().filter(Character::isUpperCase).count(), upperCase, "uppercase");
        require(violations, password.chars().filter(Character::isLowerCase).count(), lowerCase, "lowercase");
        require(violations, password.chars().filter(Character::isDigit).count(), digits, "digit");
        long others =
                password.chars().filter(c -> !Character.isLetterOrDigit(c)).count();
        require(violations, others, special, "special");
        return violations;
    }

    private static void require(List<String> violations, long found, int least, String kind) {
        if (found < least) {
            violations.add("Password must contain at least " + least + " " + kind + " characters.");
        }
    }
}
