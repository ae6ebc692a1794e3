/**
 * The model files as the generator sees them. {@link dev.haneul.codegen.model.ModelReader} reads them strictly: an
 * unknown key, a missing target or a shape without a kind is an error, so a typo in a patch cannot pass unnoticed.
 */
@NullMarked
package dev.haneul.codegen.model;

import org.jspecify.annotations.NullMarked;
