package dev.haneul.services.iam;

import dev.haneul.api.iam.IamApi;
import dev.haneul.kernel.call.AccountRules;

/** What every group of IAM's operations stands on. */
interface IamRoom extends IamApi {
    IamState state();

    /** What holds for whole accounts. */
    AccountRules accounts();
}
