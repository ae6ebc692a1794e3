/** Where the region is put together ({@link dev.haneul.server.Region}, one page) and commanded from a terminal. */
@NullMarked
package dev.haneul.server;

import org.jspecify.annotations.NullMarked;
