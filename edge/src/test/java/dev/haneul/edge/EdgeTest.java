package dev.haneul.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.edge.table.Action;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.RoutingTable;
import java.io.IOException;
import java.net.ConnectException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which table a balancer works by when several are at hand. */
class EdgeTest {
    private final Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private static RoutingTable saying(String words) {
        return Rig.table(
                RoutingTable.Settings.APPLICATION,
                Rig.listener(
                        80,
                        Listener.Protocol.HTTP,
                        null,
                        Rig.rule(List.of(), new Action.Fixed(200, "text/plain", words))));
    }

    private String answer() throws IOException {
        return rig.say(80, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "");
    }

    @Test
    void aTableFromBeforeCarriesTrafficUntilAnotherIsApplied() throws IOException {
        rig.edge.resume(saying("before"));
        assertThat(answer()).endsWith("before");
        rig.edge.apply(saying("after"));
        assertThat(answer()).endsWith("after");
    }

    @Test
    void aTableFromBeforeDoesNotReplaceWhatWasAppliedMeanwhile() throws IOException {
        rig.edge.apply(saying("after"));
        rig.edge.resume(saying("before"));
        assertThat(answer()).endsWith("after");
    }

    @Test
    void whatWasRemovedListensNoMoreWhoeverStillAppliesATable() throws IOException {
        Balancer removed = rig.edge.apply(saying("once"));
        rig.edge.remove(Rig.BALANCER);
        removed.apply(saying("again"));
        assertThatThrownBy(this::answer).isInstanceOf(ConnectException.class);
    }
}
