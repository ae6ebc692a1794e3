/** What interactive sessions are held with: a program in a container or a server, found by the name a user gives it. */
@NullMarked
package dev.haneul.engines.session;

import org.jspecify.annotations.NullMarked;
