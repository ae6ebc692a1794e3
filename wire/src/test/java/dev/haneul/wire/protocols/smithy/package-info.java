/** Smithy's protocol tests, run against the codecs as a server: requests in, responses out, malformed requests. */
package dev.haneul.wire.protocols.smithy;
