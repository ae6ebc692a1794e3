/**
 * Event source mappings of streams, ready for the rooms that have streams: {@link
 * dev.haneul.services.lambda.streams.StreamSource} is the seam, {@link dev.haneul.services.lambda.streams.StreamPlan} decides
 * what becomes of a batch, {@link dev.haneul.services.lambda.streams.ShardReader} carries it out for one shard. Until Kinesis
 * or DynamoDB Streams stand, no mapping leads here: CreateEventSourceMapping refuses such sources.
 *
 * <p>AWS pages followed: "Using Lambda to process records from Amazon Kinesis Data Streams", "Configuring partial batch
 * response", "Retain discarded batch records".
 */
@NullMarked
package dev.haneul.services.lambda.streams;

import org.jspecify.annotations.NullMarked;
