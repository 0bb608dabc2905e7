package io.cvaespark.notebooks;

/** The little Markdown that the notes use: one heading, paragraphs, {@code `code`} and fenced blocks. */
final class Markdown {
    private Markdown() {}

    static String html(String text) {
        StringBuilder html = new StringBuilder("<div class=\"markdown-body\">\n");
        boolean code = false;
        for (String block : text.strip().split("(?m)^```\\n?")) {
            if (code) {
                html.append("<pre><code>").append(escape(block)).append("</code></pre>\n");
            } else {
                for (String paragraph : block.strip().split("\\n\\n+")) {
                    html.append(element(paragraph));
                }
            }
            code = !code;
        }
        return html.append("</div>\n").toString();
    }

    private static String element(String paragraph) {
        if (paragraph.isBlank()) {
            return "";
        }
        boolean heading = paragraph.startsWith("### ");
        String inner = escape(heading ? paragraph.substring(4) : paragraph).replaceAll("`([^`]+)`", "<code>$1</code>");
        String tag = heading ? "h3" : "p";
        return "<%s>%s</%s>\n".formatted(tag, inner, tag);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
