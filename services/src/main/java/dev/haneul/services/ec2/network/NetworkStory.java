package dev.haneul.services.ec2.network;

import dev.haneul.api.ec2.Ec2Api;

/** What every story of networks has. */
interface NetworkStory extends Ec2Api {
    /** What they all stand on. */
    Network network();
}
