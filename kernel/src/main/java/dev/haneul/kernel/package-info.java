/** What every room needs and no AWS service in particular: names, ids, tokens; the rooms below hold the rest. */
@NullMarked
package dev.haneul.kernel;

import org.jspecify.annotations.NullMarked;
