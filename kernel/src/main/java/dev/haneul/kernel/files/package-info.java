/** The few things every floor does with files: removing a tree, and keeping a secret. */
@NullMarked
package dev.haneul.kernel.files;

import org.jspecify.annotations.NullMarked;
