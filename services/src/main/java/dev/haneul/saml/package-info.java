/**
 * SAML 2.0 as far as a region takes part in it: what an identity provider's metadata says, and whether an assertion is
 * that provider's. IAM keeps the metadata, STS checks assertions. XML is read without DTDs, entities or anything that
 * lies outside the document. Missing: encrypted assertions.
 */
@NullMarked
package dev.haneul.saml;

import org.jspecify.annotations.NullMarked;
