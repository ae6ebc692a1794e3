package dev.haneul.services.sqs;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.envelope.DataKeys;
import dev.haneul.services.sqs.SqsContext.Queue;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Bodies of queues with a KMS key: sealed as they are sent, in the sender's name, and opened as they are received, in the
 * receiver's. As on AWS, nothing else of a message is. A sealed body begins with a character no message may have, and
 * says for which queue it was sealed, for it may have moved to another since.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html">Encryption
 *     at rest</a>
 */
final class QueueKeys {
    private static final char MARK = '\u0000';
    private static final int REUSE_SECONDS = 300;

    private final DataKeys keys;

    QueueKeys(DataKeys keys) {
        this.keys = keys;
    }

    private static Duration reuse(Queue queue) {
        int seconds = queue.row().seconds("KmsDataKeyReusePeriodSeconds");
        return Duration.ofSeconds(seconds == 0 ? REUSE_SECONDS : seconds);
    }

    /** A body as it is kept. */
    String kept(Queue queue, String body, Call call) {
        String key = queue.row().attributes().get("KmsMasterKeyId");
        if (key == null || key.isEmpty()) {
            return body;
        }
        return asking(() -> MARK
                + queue.arn()
                + MARK
                + keys.seal(
                        body.getBytes(StandardCharsets.UTF_8),
                        key,
                        queue.key().account(),
                        Map.of("aws:sqs:arn", queue.arn()),
                        call,
                        reuse(queue)));
    }

    /** A kept body as it was sent. */
    String told(Queue queue, String kept, Call call) {
        if (kept.isEmpty() || kept.charAt(0) != MARK) {
            return kept;
        }
        int end = kept.indexOf(MARK, 1);
        String arn = kept.substring(1, end);
        return asking(() -> new String(
                keys.open(
                        kept.substring(end + 1), queue.key().account(), Map.of("aws:sqs:arn", arn), call, reuse(queue)),
                StandardCharsets.UTF_8));
    }

    private static String asking(Supplier<String> asked) {
        try {
            return asked.get();
        } catch (Fault refused) {
            throw SqsFaults.ofKms(refused);
        }
    }
}
