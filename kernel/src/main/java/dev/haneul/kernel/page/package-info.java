/** Pages of lists, and the tokens by which clients ask for the next one. */
@NullMarked
package dev.haneul.kernel.page;

import org.jspecify.annotations.NullMarked;
