package dev.haneul.api.runtime;

/** How a timestamp is written: {@code date-time} (RFC 3339), {@code http-date} (IMF-fixdate) or epoch seconds. */
public enum TimestampFormat {
    DATE_TIME,
    HTTP_DATE,
    EPOCH_SECONDS
}
