package dev.haneul.services.ec2.network;

import dev.haneul.api.ec2.Ec2Api;

/** The API of virtual networks: one interface per story. */
public interface NetworkOperations extends Ec2Api {}
