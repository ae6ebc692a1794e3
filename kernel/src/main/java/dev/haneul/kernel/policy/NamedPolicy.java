package dev.haneul.kernel.policy;

/**
 * A policy with the name it is known by in answers.
 *
 * @param name a managed policy's ARN, or an inline policy's name
 */
public record NamedPolicy(String name, PolicyDocument document) {}
