package dev.haneul.storage;

import java.util.ArrayList;
import java.util.List;

/** Which segments may go. */
final class SegmentTrim {
    private SegmentTrim() {}

    /** The oldest segments of a log, up to the first that has to stay. */
    static List<SegmentFile> gone(SegmentLog log, Segments.Retention keep) {
        List<SegmentFile> gone = new ArrayList<>();
        long bytes = log.segments().stream().mapToLong(SegmentFile::size).sum();
        for (SegmentFile each : log.segments()) {
            boolean passed = each.end() <= keep.fromPosition() || each.times().newest() < keep.fromMillis();
            boolean tooMuch = bytes > keep.maxBytes() && each != log.last();
            if (each.size() == 0 || !(passed || tooMuch)) {
                break;
            }
            gone.add(each);
            bytes -= each.size();
        }
        return gone;
    }
}
