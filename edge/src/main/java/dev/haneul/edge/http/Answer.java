package dev.haneul.edge.http;

import org.jspecify.annotations.Nullable;

/**
 * What a target answers.
 *
 * @param upgraded the connection, where the target agreed to another protocol; null otherwise
 */
record Answer(
        int status,
        String reason,
        Headers headers,
        Content content,
        @Nullable H1Link upgraded) {}
