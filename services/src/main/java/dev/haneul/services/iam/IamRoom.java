package dev.haneul.services.iam;

import dev.haneul.api.iam.IamApi;

/** What every group of IAM's operations stands on. */
interface IamRoom extends IamApi {
    IamState state();
}
