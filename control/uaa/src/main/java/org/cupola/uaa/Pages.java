package org.cupola.uaa;

import java.util.Collection;

/** The few pages a person sees. Plain HTML without scripts. */
final class Pages {
    static final String CSRF = "X-Uaa-Csrf";

    private Pages() {}

    static String login(UaaConfig.Login login, String csrf, String next, String problem) {
        return page(
                "Sign in",
                (problem.isEmpty() ? "" : "<p class=\"problem\">" + escape(problem) + "</p>\n")
                        + """
                        <form action="/login.do" method="post">
                        """
                        + hidden(CSRF, csrf)
                        + (next.isEmpty() ? "" : hidden("continue", next))
                        + "<label>" + escape(login.usernamePrompt())
                        + " <input name=\"username\" type=\"text\" autocomplete=\"username\" autofocus></label>\n"
                        + "<label>" + escape(login.passwordPrompt())
                        + " <input name=\"password\" type=\"password\" autocomplete=\"current-password\"></label>\n"
                        + "<button type=\"submit\">Sign in</button>\n</form>\n");
    }

    static String approve(Client client, String csrf, Collection<String> scopes, User user) {
        var form = new StringBuilder("<p>")
                .append(escape(client.name()))
                .append(" asks for access to your account ")
                .append(escape(user.userName()))
                .append(".</p>\n<form action=\"/oauth/authorize\" method=\"post\">\n")
                .append(hidden(CSRF, csrf));
        int number = 0;
        for (String scope : scopes) {
            form.append("<label><input type=\"checkbox\" checked name=\"scope.")
                    .append(number++)
                    .append("\" value=\"scope.")
                    .append(escape(scope))
                    .append("\"> ")
                    .append(escape(scope))
                    .append("</label>\n");
        }
        return page(
                "Application authorization",
                form
                        + "<button name=\"user_oauth_approval\" value=\"true\">Authorize</button>\n"
                        + "<button name=\"user_oauth_approval\" value=\"false\">Deny</button>\n</form>\n");
    }

    static String passcode(String code) {
        return page(
                "Temporary authentication code",
                "<p>Valid once, for five minutes:</p>\n<h2>" + escape(code) + "</h2>\n");
    }

    static String home(User user) {
        return page(
                "Signed in",
                "<p>You are signed in as " + escape(user.userName())
                        + ".</p>\n<p><a href=\"/passcode\">Temporary authentication code</a> "
                        + "<a href=\"/logout.do\">Sign out</a></p>\n");
    }

    static String problem(String text) {
        return page("Something is wrong", "<p class=\"problem\">" + escape(text) + "</p>\n");
    }

    // Clients find the value by a greedy match up to the line's last quote: nothing quoted may follow it.
    private static String hidden(String name, String value) {
        return "<input type=\"hidden\" name=\"" + name + "\" value=\"" + escape(value) + "\"/>\n";
    }

    private static String page(String title, String content) {
        return """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>%s</title>
                <style>
                body { font: 16px/1.5 system-ui, sans-serif; max-width: 26em; margin: 4em auto; padding: 0 1em; }
                label { display: block; margin: .6em 0; }
                .problem { color: #a00; }
                </style>
                </head>
                <body>
                <h1>%s</h1>
                %s</body>
                </html>
                """.formatted(title, title, content);
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
