package dev.haneul.services.lambda;

import dev.haneul.api.lambda.CreateEventSourceMappingRequest;
import dev.haneul.api.lambda.DeleteEventSourceMappingRequest;
import dev.haneul.api.lambda.EventSourceMappingConfiguration;
import dev.haneul.api.lambda.GetEventSourceMappingRequest;
import dev.haneul.api.lambda.ListEventSourceMappingsRequest;
import dev.haneul.api.lambda.ListEventSourceMappingsResponse;
import dev.haneul.api.lambda.UpdateEventSourceMappingRequest;
import dev.haneul.api.runtime.Call;

/** The operations about event sources; a part of {@link LambdaService}, for its length. */
abstract class MappingOperations extends LayerOperations {
    abstract Mappings mappings();

    @Override
    public EventSourceMappingConfiguration createEventSourceMapping(CreateEventSourceMappingRequest in, Call call) {
        return mappings().create(in, call);
    }

    @Override
    public EventSourceMappingConfiguration updateEventSourceMapping(UpdateEventSourceMappingRequest in, Call call) {
        return mappings().update(in, call);
    }

    @Override
    public EventSourceMappingConfiguration getEventSourceMapping(GetEventSourceMappingRequest in, Call call) {
        return mappings().get(in.uuid(), call);
    }

    @Override
    public EventSourceMappingConfiguration deleteEventSourceMapping(DeleteEventSourceMappingRequest in, Call call) {
        return mappings().delete(in.uuid(), call);
    }

    @Override
    public ListEventSourceMappingsResponse listEventSourceMappings(ListEventSourceMappingsRequest in, Call call) {
        return mappings().list(in, call);
    }
}
