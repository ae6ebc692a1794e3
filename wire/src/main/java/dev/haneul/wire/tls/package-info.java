/**
 * TLS of our own making: a certificate authority that a user can trust ({@code ca.pem}), and a server certificate for
 * every name the region answers to, both kept in the data folder and renewed before they end. Nothing of it is loaded
 * before the first TLS connection comes.
 */
@NullMarked
package dev.haneul.wire.tls;

import org.jspecify.annotations.NullMarked;
