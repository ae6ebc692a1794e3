package dev.haneul.services.ec2.compute;

import dev.haneul.api.ec2.Ec2Api;

/** The API of servers, images and disks: one interface per story. */
public interface ComputeOperations extends Ec2Api {}
