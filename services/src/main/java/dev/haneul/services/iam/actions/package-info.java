/**
 * What every operation asks for, as data: a text file per service says which actions an operation needs on which
 * resources. An operation that stands in no file is refused to everyone but root; a test lists those.
 *
 * <p>A file holds, line by line:
 *
 * <pre>
 * resource NAME = TEMPLATE                 a name for a resource template
 * OPERATION: NEED ; NEED …                 every need must be allowed
 * OPERATION: public                        needs nothing
 * OPERATION: inside                        asks by itself while it runs, for each resource it meets
 *
 * NEED     = ACTION on RESOURCE [trusted] [closed] [guarded] [if MEMBERS | unless MEMBERS] [with KEY=MEMBER …]
 * RESOURCE = NAME, TEMPLATE or *
 * </pre>
 *
 * <p>A template is an ARN with places: <code>{partition}</code>, <code>{region}</code>, <code>{account}</code>, or
 * request members, <code>{A.B[].C}</code> (each element of a list is a resource of its own), with alternatives
 * <code>{A/B}</code> (the first that is set) and a form behind a bar, <code>{A|form}</code> ({@link
 * dev.haneul.services.iam.actions.Forms}). With the form {@code arn} a value may be the resource's whole ARN instead of
 * its name; <code>{A|arn=default}</code> says what stands for a value that is missing, else that is {@code *}. Keys of a
 * map are <code>{A.keys}</code>. {@code trusted}: only the role's trust policy opens it, even within its account. {@code
 * closed}: the same with the policy of any resource that is there, services aside (KMS keys). {@code guarded}: services, too, need its policy. {@code if} and {@code unless} look whether one of the
 * members is set (and not false). {@code with} names condition keys; {@code 'text'} stands for itself and {@code @NAME} for
 * the ARN of a named resource.
 *
 * <p>Action names, resource types and keys are those of AWS's service authorization reference.
 */
@NullMarked
package dev.haneul.services.iam.actions;

import org.jspecify.annotations.NullMarked;
