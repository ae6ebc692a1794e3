/** Load balancers and what belongs to them, by hand: with stock clients, against real listeners. */
package dev.haneul.trials.elb;
