/**
 * Container images: where they come from, and their layers unpacked into one root.
 *
 * <p>{@link dev.haneul.services.lambda.image.ImageSource} is the seam: until a registry stands, {@link
 * dev.haneul.services.lambda.image.OciLayouts} reads OCI image layouts in the region's data folder. {@code skopeo copy
 * docker://public.ecr.aws/lambda/python:3.13 oci:DATA/lambda/images/mine:v1} puts one there, and {@code
 * 000000000000.dkr.ecr.us-east-1.amazonaws.com/mine:v1} is then its ImageUri: the registry's host is not looked at.
 *
 * <p>Specifications followed: OCI Image Format 1.1 (layout, manifest, configuration, layers with whiteouts), and "Create
 * a Lambda function using a container image".
 */
@NullMarked
package dev.haneul.services.lambda.image;

import org.jspecify.annotations.NullMarked;
