package dev.haneul.services.organizations;

import dev.haneul.api.organizations.OrganizationsApi;

/** What every group of operations works with. */
interface OrganizationsRoom extends OrganizationsApi {
    Organizations state();
}
