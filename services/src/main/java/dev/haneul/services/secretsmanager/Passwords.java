package dev.haneul.services.secretsmanager;

import dev.haneul.api.secretsmanager.GetRandomPasswordRequest;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** Random passwords of the characters a request leaves, one of each kind at least where it asks so (the default). */
final class Passwords {
    private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
    private static final int DEFAULT_LENGTH = 32;

    private final SecureRandom random = new SecureRandom();

    String make(GetRandomPasswordRequest in) {
        long asked = in.passwordLength() == null ? DEFAULT_LENGTH : in.passwordLength();
        if (asked < 1 || asked > 4096) {
            throw SecretFaults.invalid("The password length must be between 1 and 4096.");
        }
        List<String> kinds = new ArrayList<>();
        add(kinds, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", in.excludeUppercase(), in);
        add(kinds, "abcdefghijklmnopqrstuvwxyz", in.excludeLowercase(), in);
        add(kinds, "0123456789", in.excludeNumbers(), in);
        add(kinds, PUNCTUATION, in.excludePunctuation(), in);
        if (Boolean.TRUE.equals(in.includeSpace())) {
            add(kinds, " ", false, in);
        }
        String all = String.join("", kinds);
        if (all.isEmpty()) {
            throw SecretFaults.invalid("Every character is excluded.");
        }
        boolean each = !Boolean.FALSE.equals(in.requireEachIncludedType());
        if (each && asked < kinds.size()) {
            throw SecretFaults.invalid("The password length is too short for one character of each included type.");
        }
        List<Character> chosen = new ArrayList<>();
        if (each) {
            kinds.forEach(kind -> chosen.add(kind.charAt(random.nextInt(kind.length()))));
        }
        while (chosen.size() < asked) {
            chosen.add(all.charAt(random.nextInt(all.length())));
        }
        Collections.shuffle(chosen, random);
        return chosen.stream().map(String::valueOf).collect(Collectors.joining());
    }

    private static void add(
            List<String> kinds,
            String characters,
            @org.jspecify.annotations.Nullable Boolean excluded,
            GetRandomPasswordRequest in) {
        String out = in.excludeCharacters() == null ? "" : in.excludeCharacters();
        String left = characters
                .chars()
                .filter(each -> out.indexOf(each) < 0)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
        if (!Boolean.TRUE.equals(excluded) && !left.isEmpty()) {
            kinds.add(left);
        }
    }
}
