package dev.haneul.codegen.generator;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Java names from AWS names. */
final class Names {
    /** Words and methods an accessor may not be called. */
    private static final Set<String> TAKEN_METHODS = Set.of(
            ("abstract assert boolean break byte case catch char class const continue default do double else enum"
                            + " extends final finally float for goto if implements import instanceof int interface long"
                            + " native new package private protected public return short static strictfp super switch"
                            + " synchronized this throw throws transient try void volatile while true false null _"
                            + " equals hashCode toString getClass notify notifyAll wait"
                            + " clone finalize")
                    .split(" "));

    /** Types that whoever uses the generated classes uses by their short names beside them. */
    private static final Set<String> TAKEN_CLASSES = Set.of(
            ("Struct StructShape SimpleShape ListShape MapShape Shape ShapeTable ServiceShape OperationShape OperationTable Member Kind"
                            + " Location Constraints TimestampFormat Protocol Body EventStream Api Call Caller Fault"
                            + " Faults Principal Nullable NullMarked List Map Set Instant BigDecimal BigInteger"
                            + " AtomicReferenceArray Optional Catalog ServiceTables")
                    .split(" "));

    private Names() {}

    /** Whether a class of this name would hide one of {@code java.lang} or of the runtime. */
    static boolean taken(String className) {
        return TAKEN_CLASSES.contains(className) || inJavaLang(className);
    }

    private static boolean inJavaLang(String className) {
        try {
            Class.forName("java.lang." + className, false, null);
            return true;
        } catch (ClassNotFoundException free) {
            return false;
        } catch (LinkageError otherCase) {
            return true;
        }
    }

    /** {@code bucketName} and {@code _x} as class names: a capital first, nothing but Java letters. */
    static String className(String shape) {
        String clean = shape.replaceAll("[^A-Za-z0-9]", "");
        return capitalised(clean);
    }

    static String capitalised(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    /**
     * An AWS name as a method name: the leading capitals fall, all but the last where a word follows. {@code ETag} is
     * {@code eTag}, {@code DBInstanceId} is {@code dbInstanceId}, {@code MD5OfBody} is {@code md5OfBody}.
     */
    static String method(String name) {
        String clean = name.replaceAll("[^A-Za-z0-9]", "").replace("IPv", "Ipv");
        int run = 0;
        while (run < clean.length() && !Character.isLowerCase(clean.charAt(run))) {
            run++;
        }
        int fall = run > 1 && run < clean.length() ? run - 1 : run;
        String fallen = clean.substring(0, fall).toLowerCase(Locale.ROOT) + clean.substring(fall);
        return TAKEN_METHODS.contains(fallen) ? fallen + "_" : fallen;
    }

    /** An AWS name as a constant: {@code PutObject} is {@code PUT_OBJECT}, {@code aws:kms} is {@code AWS_KMS}. */
    static String constant(String value) {
        String words = value.replace("IPv", "Ipv")
                .replaceAll("([a-z0-9])([A-Z])", "$1_$2")
                .replaceAll("([A-Z])([A-Z][a-z])", "$1_$2")
                .replaceAll("[^A-Za-z0-9]+", "_")
                .toUpperCase(Locale.ROOT);
        if (words.isEmpty() || words.equals("_")) {
            return "EMPTY";
        }
        return Character.isDigit(words.charAt(0)) ? "_" + words : words;
    }

    /** The name itself, or with as many underscores as it takes to be new among {@code used}, which it joins. */
    static String unique(String name, Set<String> used) {
        String free = name;
        while (!used.add(free)) {
            free = free + "_";
        }
        return free;
    }

    /** As {@link #unique}, on file systems that do not tell case apart. */
    static String uniqueFile(String name, Set<String> usedLowerCase) {
        String free = name;
        while (!usedLowerCase.add(free.toLowerCase(Locale.ROOT))) {
            free = free + "_";
        }
        return free;
    }

    /** A fresh set of used names that holds these. */
    static Set<String> used(String... names) {
        return new HashSet<>(List.of(names));
    }
}
