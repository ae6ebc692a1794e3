package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.EcsApi;

/** The API of services. */
public interface ServiceOperations extends EcsApi {
    Services services();
}
