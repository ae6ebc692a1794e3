package dev.haneul.services.s3;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.s3.AccessControlPolicy;
import dev.haneul.api.s3.Grant;
import dev.haneul.api.s3.Grantee;
import dev.haneul.api.s3.Owner;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Access control lists as requests state them: by a canned name, by headers, or as a document. See AWS, "Access control
 * list (ACL) overview".
 */
final class AclGrants {
    static final String ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers";
    static final String AUTHENTICATED = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
    static final String LOG_DELIVERY = "http://acs.amazonaws.com/groups/s3/LogDelivery";
    static final String FULL_CONTROL = "FULL_CONTROL";
    private static final Set<String> GROUPS = Set.of(ALL_USERS, AUTHENTICATED, LOG_DELIVERY);
    private static final Set<String> PUBLIC = Set.of(ALL_USERS, AUTHENTICATED);
    private static final Set<String> PERMISSIONS = Set.of(FULL_CONTROL, "READ", "WRITE", "READ_ACP", "WRITE_ACP");
    private static final int MAX_GRANTS = 100;

    private static final Map<String, String> HEADERS = Map.of(
            "GrantFullControl", FULL_CONTROL,
            "GrantRead", "READ",
            "GrantReadACP", "READ_ACP",
            "GrantWrite", "WRITE",
            "GrantWriteACP", "WRITE_ACP");

    private AclGrants() {}

    /** Whether a request says anything of an ACL in its headers. */
    static boolean asked(Struct in) {
        return Members.text(in, "ACL") != null || granted(in);
    }

    private static boolean granted(Struct in) {
        return HEADERS.keySet().stream().anyMatch(member -> Members.text(in, member) != null);
    }

    /**
     * The list a request asks for in its headers.
     *
     * @param owner account of what the list is for
     * @param bucketOwner account of the bucket, which some canned lists name; null where the list is a bucket's own
     */
    static AccessControlPolicy of(Struct in, String owner, @Nullable String bucketOwner) {
        String canned = Members.text(in, "ACL");
        if (canned != null && granted(in)) {
            throw S3Errors.invalidRequest("Specifying both Canned ACLs and Header Grants is not allowed");
        }
        if (granted(in)) {
            return new AccessControlPolicy().owner(Owners.owner(owner)).grants(ofHeaders(in));
        }
        return canned(canned == null ? "private" : canned, owner, bucketOwner);
    }

    private static AccessControlPolicy canned(String name, String owner, @Nullable String bucketOwner) {
        List<Grant> grants = new ArrayList<>(List.of(user(owner, FULL_CONTROL)));
        switch (name) {
            case "private" -> {}
            case "public-read" -> grants.add(group(ALL_USERS, "READ"));
            case "public-read-write" -> {
                grants.add(group(ALL_USERS, "READ"));
                grants.add(group(ALL_USERS, "WRITE"));
            }
            case "authenticated-read" -> grants.add(group(AUTHENTICATED, "READ"));
            case "log-delivery-write" -> {
                if (bucketOwner != null) {
                    throw unknown(name);
                }
                grants.add(group(LOG_DELIVERY, "WRITE"));
                grants.add(group(LOG_DELIVERY, "READ_ACP"));
            }
            case "bucket-owner-read", "bucket-owner-full-control" -> {
                if (bucketOwner == null) {
                    throw unknown(name);
                }
                if (!bucketOwner.equals(owner)) {
                    grants.add(user(bucketOwner, name.equals("bucket-owner-read") ? "READ" : FULL_CONTROL));
                }
            }
            default -> throw unknown(name);
        }
        return new AccessControlPolicy().owner(Owners.owner(owner)).grants(grants);
    }

    private static Fault unknown(String name) {
        return S3Errors.invalidArgument("", "x-amz-acl", name);
    }

    private static Grant user(String account, String permission) {
        return new Grant()
                .grantee(new Grantee().id(Owners.canonicalId(account)).type("CanonicalUser"))
                .permission(permission);
    }

    private static Grant group(String uri, String permission) {
        return new Grant().grantee(new Grantee().uri(uri).type("Group")).permission(permission);
    }

    private static List<Grant> ofHeaders(Struct in) {
        List<Grant> grants = new ArrayList<>();
        for (String member : new TreeSet<>(HEADERS.keySet())) {
            String header = Members.text(in, member);
            if (header != null) {
                for (String each : header.split(",", -1)) {
                    grants.add(ofHeader(each.strip(), HEADERS.getOrDefault(member, "")));
                }
            }
        }
        checkCount(grants);
        return grants;
    }

    private static Grant ofHeader(String text, String permission) {
        int equals = text.indexOf('=');
        String kind = equals < 0 ? "" : text.substring(0, equals).strip();
        String value = text.substring(equals + 1).strip();
        if (value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"")) {
            value = value.substring(1, value.length() - 1);
        }
        Grantee grantee = switch (kind) {
            case "id" -> new Grantee().id(value).type("CanonicalUser");
            case "uri" -> new Grantee().uri(value).type("Group");
            case "emailAddress" -> new Grantee().emailAddress(value).type("AmazonCustomerByEmail");
            default ->
                throw S3Errors.invalidArgument(
                        "Argument format not recognized", "x-amz-grant-" + permission.toLowerCase(Locale.ROOT), text);
        };
        Grant grant = new Grant().grantee(grantee).permission(permission);
        check(grant);
        return grant;
    }

    /** Checks a list that came as a document. */
    static AccessControlPolicy ofDocument(AccessControlPolicy given, String owner) {
        Owner named = given.owner();
        if (named == null || named.id() == null) {
            throw malformedAcl();
        }
        if (!Owners.canonicalId(owner).equals(named.id())) {
            throw S3Errors.accessDenied();
        }
        checkCount(given.grants());
        given.grants().forEach(AclGrants::check);
        return new AccessControlPolicy().owner(Owners.owner(owner)).grants(given.grants());
    }

    private static Fault malformedAcl() {
        return Fault.client(
                "MalformedACLError",
                400,
                "The XML you provided was not well-formed or did not validate against our published schema");
    }

    private static void checkCount(List<Grant> grants) {
        if (grants.size() > MAX_GRANTS) {
            throw malformedAcl();
        }
    }

    private static void check(Grant grant) {
        Grantee grantee = grant.grantee();
        String permission = grant.permission();
        if (grantee == null || permission == null || !PERMISSIONS.contains(permission)) {
            throw malformedAcl();
        }
        String id = grantee.id();
        String uri = grantee.uri();
        if (grantee.emailAddress() != null) {
            throw Fault.client(
                    "UnresolvableGrantByEmailAddress",
                    400,
                    "The e-mail address you provided does not match any account on record.");
        }
        if (id != null && Owners.account(id).isEmpty()) {
            throw S3Errors.invalidArgument("Invalid id", "CanonicalUser/ID", id);
        }
        if (uri != null && !GROUPS.contains(uri)) {
            throw S3Errors.invalidArgument("Invalid group uri", "Group/URI", uri);
        }
        if ((id == null) == (uri == null)) {
            throw malformedAcl();
        }
    }

    /** Whether anything is granted to everybody, or to everybody with an account. */
    static boolean isPublic(AccessControlPolicy acl) {
        return acl.grants().stream().anyMatch(AclGrants::isPublic);
    }

    static boolean isPublic(Grant grant) {
        Grantee grantee = grant.grantee();
        return grantee != null && grantee.uri() != null && PUBLIC.contains(grantee.uri());
    }

    /** Whether a list says no more than that its owner has full control. */
    static boolean isPrivate(AccessControlPolicy acl) {
        String owner = acl.owner() == null ? "" : ListObjects.or(acl.owner().id());
        return acl.grants().stream()
                .allMatch(grant ->
                        grant.grantee() != null && owner.equals(grant.grantee().id()));
    }
}
