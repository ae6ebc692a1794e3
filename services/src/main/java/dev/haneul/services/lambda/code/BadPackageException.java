package dev.haneul.services.lambda.code;

/** A deployment package that cannot be taken; the message is AWS's where it has one for the case. */
public final class BadPackageException extends Exception {
    private static final long serialVersionUID = 1L;

    public BadPackageException(String message) {
        super(message);
    }

    /** AWS's words for whatever is wrong with the archive itself. */
    static BadPackageException unreadable() {
        return new BadPackageException(
                "Could not unzip uploaded file. Please check your file, then try to upload again.");
    }
}
