package dev.haneul.services.lambda.runtimes;

/** A language, or the custom runtimes. */
public enum Family {
    PYTHON("python", "Python", "python3"),
    NODE("nodejs", "Node.js", "nodejs"),
    JAVA("java", "Java", "openjdk-25-jre-headless"),
    RUBY("ruby", "Ruby", ""),
    DOTNET("dotnet", ".NET", ""),
    GO("go", "Go", ""),
    PROVIDED("provided", "provided", "");

    private final String prefix;
    private final String label;
    private final String debianPackage;

    Family(String prefix, String label, String debianPackage) {
        this.prefix = prefix;
        this.label = label;
        this.debianPackage = debianPackage;
    }

    /** How its runtimes' names begin. */
    public String prefix() {
        return prefix;
    }

    /** Its name for people. */
    public String label() {
        return label;
    }

    /** A package of Debian and Ubuntu that has an interpreter; empty where Haneul cannot run the language. */
    public String debianPackage() {
        return debianPackage;
    }
}
