/** Names that stand in DNS: the seam between the room that keeps zones and rooms that look something up in them. */
@NullMarked
package dev.haneul.kernel.names;

import org.jspecify.annotations.NullMarked;
