/** Services: what keeps tasks running. */
@NullMarked
package dev.haneul.services.ecs.service;

import org.jspecify.annotations.NullMarked;
