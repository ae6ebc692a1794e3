package dev.haneul.services.lambda;

import dev.haneul.services.lambda.run.JavaTrainer;
import dev.haneul.services.lambda.runtimes.Runtimes;

/** What functions are made and changed with: where code comes from, and who has a word in it. */
record Deployment(
        CodeSource source,
        Runtimes runtimes,
        JavaTrainer trainer,
        Roles roles,
        LayerChoice layers,
        DestinationRules destinations,
        CodeSigning signing,
        SealedVariables variables,
        Images images,
        VpcInterfaces networks) {}
