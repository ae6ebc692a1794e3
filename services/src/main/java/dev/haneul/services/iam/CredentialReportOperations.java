package dev.haneul.services.iam;

import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.iam.AccessTables.KeyUseRow;
import dev.haneul.services.iam.AccessTables.ReportRow;
import dev.haneul.services.iam.CredentialTables.LoginRow;
import dev.haneul.services.iam.CredentialTables.MfaRow;
import dev.haneul.services.iam.CredentialTables.SigningCertificateRow;
import dev.haneul.services.iam.IamTables.AccessKeyRow;
import dev.haneul.services.iam.IamTables.UserRow;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The credential report: a line for the root and for every user. A new one is made at most every four hours and stays
 * for a day. See "Get credential reports for your AWS account" in the User Guide.
 */
interface CredentialReportOperations extends IamRoom {
    String REPORT = "report";
    Duration FRESH = Duration.ofHours(4);
    Duration KEPT = Duration.ofHours(24);
    int MOST_USERS = 10_000;
    String COLUMNS = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,"
            + "password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,"
            + "access_key_1_last_used_date,access_key_1_last_used_region,access_key_1_last_used_service,"
            + "access_key_2_active,access_key_2_last_rotated,access_key_2_last_used_date,"
            + "access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,cert_1_last_rotated,"
            + "cert_2_active,cert_2_last_rotated";

    @Override
    default GenerateCredentialReportResponse generateCredentialReport(GenerateCredentialReportRequest in, Call call) {
        state().accesses().flush();
        boolean made = state().writeQuietly(tx -> {
            Optional<ReportRow> there = IamState.find(tx, AccessTables.REPORTS, call.account(), REPORT);
            if (there.isPresent()
                    && state().now().isBefore(there.get().generated().plus(FRESH))) {
                return false;
            }
            ReportRow row = new ReportRow(state().now(), csv(tx, call.account()));
            IamState.put(tx, AccessTables.REPORTS, call.account(), REPORT, row);
            return true;
        });
        return made
                ? new GenerateCredentialReportResponse()
                        .state(ReportStateType.STARTED)
                        .description("No report exists. Starting a new report generation task")
                : new GenerateCredentialReportResponse().state(ReportStateType.COMPLETE);
    }

    @Override
    default GetCredentialReportResponse getCredentialReport(GetCredentialReportRequest in, Call call) {
        ReportRow row = state().read(tx -> IamState.find(tx, AccessTables.REPORTS, call.account(), REPORT))
                .orElseThrow(() -> Fault.of(
                        new CredentialReportNotPresentException(),
                        "A credential report has not been generated for this account."));
        if (!state().now().isBefore(row.generated().plus(KEPT))) {
            throw Fault.of(new CredentialReportExpiredException(), "The most recent credential report has expired.");
        }
        return new GetCredentialReportResponse()
                .content(row.csv().getBytes(StandardCharsets.UTF_8))
                .reportFormat(ReportFormatType.TEXT_CSV)
                .generatedTime(row.generated());
    }

    private static String csv(ReadTx tx, String account) {
        StringBuilder out = new StringBuilder(COLUMNS);
        boolean rootFactor = !MfaOperations.of(tx, account, MfaRow.ROOT).isEmpty();
        List<String> root = new ArrayList<>(List.of("<root_account>", "arn:aws:iam::" + account + ":root"));
        // The root is made by nobody and has no password here; its keys are the region's own.
        root.addAll(List.of("N/A", "not_supported", "N/A", "not_supported", "not_supported"));
        root.add(Boolean.toString(rootFactor));
        keys(tx, account, List.of(), root);
        certificates(List.of(), root);
        out.append('\n').append(String.join(",", root));
        for (Row<UserRow> row : tx.range(IamTables.USERS, IamTables.scope(account), "", null, MOST_USERS)) {
            out.append('\n').append(String.join(",", line(tx, account, row.value())));
        }
        return out.toString();
    }

    private static List<String> line(ReadTx tx, String account, UserRow user) {
        List<String> line = new ArrayList<>(List.of(user.name(), user.arn(account), time(user.created())));
        LoginRow login =
                IamState.find(tx, CredentialTables.LOGINS, account, user.name()).orElse(null);
        var rules = IamState.account(tx, account).password();
        if (login == null) {
            line.addAll(List.of("false", "N/A", "N/A", "N/A"));
        } else {
            boolean rotates = rules != null && rules.maxAgeDays() > 0;
            line.addAll(List.of("true", "no_information", time(login.changed())));
            line.add(
                    rotates && rules != null ? time(login.changed().plus(Duration.ofDays(rules.maxAgeDays()))) : "N/A");
        }
        line.add(Boolean.toString(!MfaOperations.of(tx, account, user.id()).isEmpty()));
        keys(tx, account, UserOperations.keys(tx, account, user.name()), line);
        certificates(UserKeyOperations.of(tx, CredentialTables.SIGNING_CERTIFICATES, account, user.id()), line);
        return line;
    }

    private static void keys(ReadTx tx, String account, List<AccessKeyRow> keys, List<String> line) {
        for (int i = 0; i < AccessKeyOperations.KEYS_PER_USER; i++) {
            if (i >= keys.size()) {
                line.addAll(List.of("false", "N/A", "N/A", "N/A", "N/A"));
                continue;
            }
            AccessKeyRow key = keys.get(i);
            KeyUseRow use =
                    IamState.find(tx, AccessTables.KEY_USES, account, key.id()).orElse(null);
            line.addAll(List.of(
                    Boolean.toString(key.active()),
                    time(key.created()),
                    time(use == null ? null : use.last()),
                    use == null ? "N/A" : use.region(),
                    use == null ? "N/A" : use.service()));
        }
    }

    private static void certificates(List<SigningCertificateRow> rows, List<String> line) {
        for (int i = 0; i < UserKeyOperations.CERTIFICATES_PER_USER; i++) {
            line.add(i < rows.size() ? Boolean.toString(rows.get(i).active()) : "false");
            line.add(i < rows.size() ? time(rows.get(i).uploaded()) : "N/A");
        }
    }

    private static String time(@Nullable Instant moment) {
        return moment == null ? "N/A" : moment.toString().replace("Z", "+00:00");
    }
}
