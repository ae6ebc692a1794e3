package dev.haneul.services.iam;

import com.google.zxing.BarcodeFormat;
import com.google.zxing.WriterException;
import com.google.zxing.common.BitMatrix;
import com.google.zxing.qrcode.QRCodeWriter;
import dev.haneul.api.iam.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.services.iam.CredentialTables.MfaRow;
import dev.haneul.services.iam.IamTables.UserRow;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Virtual MFA devices: made with a seed that is told once, given to a user by two codes in a row, taken away. */
interface MfaOperations extends IamRoom {
    int DEVICES_PER_USER = 8;
    int SEED_BYTES = 40;
    int QR_PIXELS = 250;
    /** How far a device's clock may be off when it is enabled or set anew, in steps of half a minute. */
    int WIDEST_DRIFT = 20;

    /** The device of a serial number (its ARN), whoever's it is. */
    static Optional<MfaRow> find(ReadTx tx, String account, String serialNumber) {
        String name = serialNumber.substring(serialNumber.lastIndexOf('/') + 1);
        return IamState.find(tx, CredentialTables.MFA_DEVICES, account, name)
                .filter(row -> row.arn(account).equals(serialNumber));
    }

    private static String sealedFor(String account, String name) {
        return "mfa " + account + " " + IamTables.id(name);
    }

    static byte[] seed(IamState state, String account, MfaRow row) {
        return Totp.unbase32(state.secrets().open(sealedFor(account, row.name()), row.seed()));
    }

    /** The devices of a user's id, or of the root. */
    static List<MfaRow> of(ReadTx tx, String account, String owner) {
        return tx.find(CredentialTables.MFA_DEVICES, IamTables.scope(account), "user", owner, "", 100).stream()
                .map(Row::value)
                .toList();
    }

    @Override
    default CreateVirtualMFADeviceResponse createVirtualMFADevice(CreateVirtualMFADeviceRequest in, Call call) {
        byte[] seed = new byte[SEED_BYTES];
        state().random().nextBytes(seed);
        String shown = Totp.base32(seed);
        MfaRow row = new MfaRow(
                in.virtualMFADeviceName(),
                Paths.of(in.path()),
                state().secrets().seal(sealedFor(call.account(), in.virtualMFADeviceName()), shown),
                state().now(),
                null,
                null,
                0,
                0,
                Tags.of(in.tags()));
        String label = state().write(tx -> {
            if (IamState.find(tx, CredentialTables.MFA_DEVICES, call.account(), row.name())
                    .isPresent()) {
                throw IamFaults.alreadyExists("MFADevice entity at the same path and name already exists.");
            }
            IamState.put(tx, CredentialTables.MFA_DEVICES, call.account(), row.name(), row);
            String alias = IamState.account(tx, call.account()).alias();
            return alias.isEmpty() ? call.account() : alias;
        });
        String uri = "otpauth://totp/Amazon%20Web%20Services:" + row.name() + "@" + label + "?secret=" + shown
                + "&issuer=Amazon%20Web%20Services";
        return new CreateVirtualMFADeviceResponse()
                .virtualMFADevice(new VirtualMFADevice()
                        .serialNumber(row.arn(call.account()))
                        .base32StringSeed(shown.getBytes(StandardCharsets.US_ASCII))
                        .qrCodePNG(qrCode(uri))
                        .tags(row.tags().isEmpty() ? null : Tags.list(row.tags())));
    }

    private static byte[] qrCode(String text) {
        try {
            BitMatrix pixels = new QRCodeWriter().encode(text, BarcodeFormat.QR_CODE, QR_PIXELS, QR_PIXELS);
            return Png.of(pixels.getWidth(), pixels.getHeight(), pixels::get);
        } catch (WriterException e) {
            throw IamFaults.invalidInput("The name does not fit into a QR code.");
        }
    }

    @Override
    default EnableMFADeviceResponse enableMFADevice(EnableMFADeviceRequest in, Call call) {
        state().write(tx -> {
            String owner = owner(tx, in.userName(), call);
            MfaRow row = device(tx, in.serialNumber(), call);
            if (row.user() != null) {
                throw IamFaults.alreadyExists("MFA Device is already in use.");
            }
            if (of(tx, call.account(), owner).size() >= DEVICES_PER_USER) {
                throw IamFaults.quota("MFADevicesPerUser", DEVICES_PER_USER);
            }
            int drift = drift(call.account(), row, in.authenticationCode1(), in.authenticationCode2());
            long taken = Totp.step(state().now()) + drift;
            MfaRow enabled = row.of(owner, state().now(), drift, taken);
            IamState.put(tx, CredentialTables.MFA_DEVICES, call.account(), row.name(), enabled);
            return true;
        });
        return new EnableMFADeviceResponse();
    }

    @Override
    default ResyncMFADeviceResponse resyncMFADevice(ResyncMFADeviceRequest in, Call call) {
        state().write(tx -> {
            String owner = owner(tx, in.userName(), call);
            MfaRow row = owned(tx, in.serialNumber(), owner, call);
            int drift = drift(call.account(), row, in.authenticationCode1(), in.authenticationCode2());
            long taken = Totp.step(state().now()) + drift;
            IamState.put(
                    tx,
                    CredentialTables.MFA_DEVICES,
                    call.account(),
                    row.name(),
                    row.of(owner, row.enabled(), drift, taken));
            return true;
        });
        return new ResyncMFADeviceResponse();
    }

    /** How many steps ahead the device is whose two codes in a row these are; the second is the code of now. */
    private int drift(String account, MfaRow row, String first, String second) {
        byte[] seed = seed(state(), account, row);
        long now = Totp.step(state().now());
        for (int off = 0; off <= WIDEST_DRIFT; off++) {
            for (int drift : off == 0 ? new int[] {0} : new int[] {off, -off}) {
                if (Totp.is(first, seed, now + drift - 1) && Totp.is(second, seed, now + drift)) {
                    return drift;
                }
            }
        }
        throw Fault.of(new InvalidAuthenticationCodeException(), "Authentication code for device is not valid.");
    }

    @Override
    default DeactivateMFADeviceResponse deactivateMFADevice(DeactivateMFADeviceRequest in, Call call) {
        state().write(tx -> {
            MfaRow row = owned(tx, in.serialNumber(), owner(tx, in.userName(), call), call);
            IamState.put(
                    tx,
                    CredentialTables.MFA_DEVICES,
                    call.account(),
                    row.name(),
                    row.of(null, null, 0, row.lastStep()));
            return true;
        });
        return new DeactivateMFADeviceResponse();
    }

    @Override
    default DeleteVirtualMFADeviceResponse deleteVirtualMFADevice(DeleteVirtualMFADeviceRequest in, Call call) {
        state().write(tx -> {
            MfaRow row = device(tx, in.serialNumber(), call);
            if (row.user() != null) {
                throw IamFaults.deleteConflict("MFA VirtualDevice in use. Must deactivate first.");
            }
            IamState.delete(tx, CredentialTables.MFA_DEVICES, call.account(), row.name());
            return true;
        });
        return new DeleteVirtualMFADeviceResponse();
    }

    @Override
    default ListMFADevicesResponse listMFADevices(ListMFADevicesRequest in, Call call) {
        String account = call.account();
        return state().read(tx -> {
            String owner = owner(tx, in.userName(), call);
            String name = owner.equals(MfaRow.ROOT) ? "" : UserOperations.userName(in.userName(), call);
            Pages<MfaRow> page = state().pages()
                    .of(of(tx, account, owner), row -> IamTables.id(row.name()), in.marker(), in.maxItems());
            return new ListMFADevicesResponse()
                    .mfaDevices(page.map(row -> new MFADevice()
                                    .userName(name)
                                    .serialNumber(row.arn(account))
                                    .enableDate(row.enabled()))
                            .items())
                    .isTruncated(page.truncated())
                    .marker(page.marker());
        });
    }

    @Override
    default GetMFADeviceResponse getMFADevice(GetMFADeviceRequest in, Call call) {
        return state().read(tx -> {
            MfaRow row = device(tx, in.serialNumber(), call);
            String named = in.userName();
            if (named != null) {
                owned(tx, in.serialNumber(), owner(tx, named, call), call);
            }
            return new GetMFADeviceResponse()
                    .userName(userOf(tx, row, call).map(UserRow::name).orElse(null))
                    .serialNumber(in.serialNumber())
                    .enableDate(row.enabled());
        });
    }

    @Override
    default ListVirtualMFADevicesResponse listVirtualMFADevices(ListVirtualMFADevicesRequest in, Call call) {
        String wanted = in.assignmentStatus();
        boolean unassigned = !AssignmentStatusType.ASSIGNED.equals(wanted);
        boolean assigned = !AssignmentStatusType.UNASSIGNED.equals(wanted);
        return state().read(tx -> {
            Pages<MfaRow> page = state().pages()
                    .of(
                            tx,
                            CredentialTables.MFA_DEVICES,
                            IamTables.scope(call.account()),
                            row -> row.user() == null ? unassigned : assigned,
                            in.marker(),
                            in.maxItems());
            return new ListVirtualMFADevicesResponse()
                    .virtualMFADevices(page.map(row -> listed(tx, row, call)).items())
                    .isTruncated(page.truncated())
                    .marker(page.marker());
        });
    }

    private static VirtualMFADevice listed(ReadTx tx, MfaRow row, Call call) {
        VirtualMFADevice out =
                new VirtualMFADevice().serialNumber(row.arn(call.account())).enableDate(row.enabled());
        if (MfaRow.ROOT.equals(row.user())) {
            return out.user(new User().userId(call.account()).arn("arn:aws:iam::" + call.account() + ":root"));
        }
        return out.user(userOf(tx, row, call)
                .map(user -> Views.brief(user, call.account()))
                .orElse(null));
    }

    @Override
    default TagMFADeviceResponse tagMFADevice(TagMFADeviceRequest in, Call call) {
        retag(in.serialNumber(), call, row -> row.withTags(Tags.with(row.tags(), in.tags())));
        return new TagMFADeviceResponse();
    }

    @Override
    default UntagMFADeviceResponse untagMFADevice(UntagMFADeviceRequest in, Call call) {
        retag(in.serialNumber(), call, row -> row.withTags(Tags.without(row.tags(), in.tagKeys())));
        return new UntagMFADeviceResponse();
    }

    @Override
    default ListMFADeviceTagsResponse listMFADeviceTags(ListMFADeviceTagsRequest in, Call call) {
        MfaRow row = state().read(tx -> device(tx, in.serialNumber(), call));
        Pages<Tag> page = state().pages().of(Tags.list(row.tags()), Tag::key, in.marker(), in.maxItems());
        return new ListMFADeviceTagsResponse()
                .tags(page.items())
                .isTruncated(page.truncated())
                .marker(page.marker());
    }

    private void retag(String serial, Call call, UnaryOperator<MfaRow> change) {
        state().write(tx -> {
            MfaRow row = device(tx, serial, call);
            IamState.put(tx, CredentialTables.MFA_DEVICES, call.account(), row.name(), change.apply(row));
            return true;
        });
    }

    private static MfaRow device(ReadTx tx, String serial, Call call) {
        return find(tx, call.account(), serial)
                .orElseThrow(() ->
                        IamFaults.noSuchEntity("VirtualMFADevice with serial number " + serial + " does not exist."));
    }

    private static MfaRow owned(ReadTx tx, String serial, String owner, Call call) {
        return find(tx, call.account(), serial)
                .filter(row -> owner.equals(row.user()))
                .orElseThrow(() -> IamFaults.noSuchEntity("MFA Device invalid for user."));
    }

    /** Whose device a request is about: the named user's id, the calling user's, or the root's. */
    private static String owner(ReadTx tx, @Nullable String userName, Call call) {
        boolean root = call.principal().type() == Principal.Type.ROOT;
        if (root && (userName == null || userName.equals(call.account()))) {
            return MfaRow.ROOT;
        }
        return IamState.user(tx, call.account(), UserOperations.userName(userName, call))
                .id();
    }

    private static Optional<UserRow> userOf(ReadTx tx, MfaRow row, Call call) {
        String owner = row.user();
        if (owner == null || owner.equals(MfaRow.ROOT)) {
            return Optional.empty();
        }
        return tx.find(IamTables.USERS, IamTables.scope(call.account()), "id", owner, "", 1).stream()
                .map(Row::value)
                .findFirst();
    }
}
