package dev.haneul.services.ec2.compute;

/** What is wanted of an instance. */
enum Goal {
    RUN,
    STOP,
    TERMINATE
}
