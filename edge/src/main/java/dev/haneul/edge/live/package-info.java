/** Target groups at work: who is well, who is busy, who is next. */
@NullMarked
package dev.haneul.edge.live;

import org.jspecify.annotations.NullMarked;
