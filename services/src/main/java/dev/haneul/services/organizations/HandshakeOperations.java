package dev.haneul.services.organizations;

import dev.haneul.api.organizations.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.services.organizations.Organizations.Page;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** Invitations: sent by the management account, answered by the invited one. */
interface HandshakeOperations extends OrganizationsRoom {
    Duration VALID = Duration.ofDays(15);

    @Override
    default InviteAccountToOrganizationResponse inviteAccountToOrganization(
            InviteAccountToOrganizationRequest in, Call call) {
        String target = in.target().id();
        if (!HandshakePartyType.ACCOUNT.equals(in.target().type()) || !target.matches("[0-9]{12}")) {
            throw OrganizationFaults.invalid(
                    "INVALID_PARTY_TYPE_TARGET", "Invitations go to accounts by their id in this region.");
        }
        String id = "h-" + state().ids().lower(10);
        return state().change(call, draft -> {
            boolean open =
                    draft.handshakes.values().stream().anyMatch(each -> isOpen(each) && target.equals(invited(each)));
            if (open) {
                throw OrganizationFaults.of(
                        "DuplicateHandshakeException", "A handshake with the same action and target already exists.");
            }
            if (state().membership(target).isPresent()) {
                throw OrganizationFaults.of(
                                "HandshakeConstraintViolationException",
                                "The account that you are trying to invite is already a member of an organization.")
                        .with("Reason", "ALREADY_IN_AN_ORGANIZATION");
            }
            OrganizationRow row = draft.before;
            Handshake handshake = new Handshake()
                    .id(id)
                    .arn(row.arn("handshake/" + row.id() + "/invite/" + id))
                    .action(ActionType.INVITE)
                    .state(HandshakeState.OPEN)
                    .parties(List.of(
                            new HandshakeParty().id(row.id()).type(HandshakePartyType.ORGANIZATION),
                            new HandshakeParty().id(target).type(HandshakePartyType.ACCOUNT)))
                    .resources(List.of(
                            new HandshakeResource()
                                    .type(HandshakeResourceType.ORGANIZATION)
                                    .value(row.id()),
                            new HandshakeResource()
                                    .type(HandshakeResourceType.ACCOUNT)
                                    .value(target)))
                    .requestedTimestamp(state().now())
                    .expirationTimestamp(state().now().plus(VALID));
            draft.handshakes.put(id, handshake);
            return new InviteAccountToOrganizationResponse().handshake(handshake);
        });
    }

    private static String invited(Handshake handshake) {
        return handshake.parties().stream()
                .filter(party -> HandshakePartyType.ACCOUNT.equals(party.type()))
                .map(HandshakeParty::id)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse("");
    }

    private boolean isOpen(Handshake handshake) {
        return HandshakeState.OPEN.equals(handshake.state()) && state().now().isBefore(handshake.expirationTimestamp());
    }

    /** As it stands now: an open one whose time is over has expired. */
    private Handshake current(Handshake handshake) {
        boolean over = HandshakeState.OPEN.equals(handshake.state()) && !isOpen(handshake);
        return over ? with(handshake, HandshakeState.EXPIRED) : handshake;
    }

    private static Handshake with(Handshake old, String state) {
        return new Handshake()
                .id(old.id())
                .arn(old.arn())
                .action(old.action())
                .state(state)
                .parties(old.parties())
                .resources(old.resources())
                .requestedTimestamp(old.requestedTimestamp())
                .expirationTimestamp(old.expirationTimestamp());
    }

    private static OrganizationRow holding(ReadTx tx, String id) {
        return Organizations.all(tx).stream()
                .filter(row -> row.handshakes().containsKey(id))
                .findFirst()
                .orElseThrow(OrganizationFaults::noHandshake);
    }

    /** Ends an open handshake, for the party whose turn that is. */
    private Handshake end(String id, String state, boolean byInvited, Call call) {
        return state().write(tx -> {
            OrganizationRow row = holding(tx, id);
            return Organizations.change(tx, row, draft -> {
                Handshake handshake = Objects.requireNonNull(draft.handshakes.get(id));
                String party = byInvited ? invited(handshake) : row.management();
                if (!party.equals(call.account())) {
                    throw OrganizationFaults.denied();
                }
                if (!isOpen(handshake)) {
                    throw OrganizationFaults.of(
                            "InvalidHandshakeTransitionException",
                            "You can't perform the operation on the handshake in its current state.");
                }
                Handshake ended = with(handshake, state);
                draft.handshakes.put(id, ended);
                if (state.equals(HandshakeState.ACCEPTED)) {
                    if (Organizations.of(tx, call.account()).isPresent()) {
                        throw OrganizationFaults.of(
                                "AlreadyInOrganizationException",
                                "The AWS account is already a member of an organization.");
                    }
                    enter(draft, call.account());
                }
                return ended;
            });
        });
    }

    private void enter(Draft draft, String account) {
        OrganizationRow row = draft.before;
        draft.accounts.put(
                account,
                new Account()
                        .id(account)
                        .arn(row.arn("account/" + row.id() + "/" + account))
                        .email("root@" + account + ".localhost")
                        .name(account)
                        .status(AccountStatus.ACTIVE)
                        .state(AccountState.ACTIVE)
                        .joinedMethod(AccountJoinedMethod.INVITED)
                        .joinedTimestamp(state().now()));
        draft.join(account, row.root());
    }

    @Override
    default AcceptHandshakeResponse acceptHandshake(AcceptHandshakeRequest in, Call call) {
        return new AcceptHandshakeResponse().handshake(end(in.handshakeId(), HandshakeState.ACCEPTED, true, call));
    }

    @Override
    default DeclineHandshakeResponse declineHandshake(DeclineHandshakeRequest in, Call call) {
        return new DeclineHandshakeResponse().handshake(end(in.handshakeId(), HandshakeState.DECLINED, true, call));
    }

    @Override
    default CancelHandshakeResponse cancelHandshake(CancelHandshakeRequest in, Call call) {
        return new CancelHandshakeResponse().handshake(end(in.handshakeId(), HandshakeState.CANCELED, false, call));
    }

    @Override
    default DescribeHandshakeResponse describeHandshake(DescribeHandshakeRequest in, Call call) {
        OrganizationRow row = state().read(tx -> holding(tx, in.handshakeId()));
        Handshake found = Objects.requireNonNull(row.handshakes().get(in.handshakeId()));
        if (!call.account().equals(row.management()) && !call.account().equals(invited(found))) {
            throw OrganizationFaults.denied();
        }
        return new DescribeHandshakeResponse().handshake(current(found));
    }

    @Override
    default ListHandshakesForAccountResponse listHandshakesForAccount(ListHandshakesForAccountRequest in, Call call) {
        List<Handshake> all = state().read(Organizations::all).stream()
                .flatMap(row -> row.handshakes().values().stream())
                .filter(each -> call.account().equals(invited(each)))
                .map(this::current)
                .toList();
        Page<Handshake> page = state().page(all, in.nextToken(), in.maxResults());
        return new ListHandshakesForAccountResponse().handshakes(page.items()).nextToken(page.next());
    }

    @Override
    default ListHandshakesForOrganizationResponse listHandshakesForOrganization(
            ListHandshakesForOrganizationRequest in, Call call) {
        List<Handshake> all = state().managed(call).handshakes().values().stream()
                .map(this::current)
                .toList();
        Page<Handshake> page = state().page(all, in.nextToken(), in.maxResults());
        return new ListHandshakesForOrganizationResponse()
                .handshakes(page.items())
                .nextToken(page.next());
    }
}
