package org.cupola.auctioneer;

/**
 * What an auction is tuned by.
 *
 * @param startingContainer    how much a container that is being started counts against its cell
 * @param firstFit             how much a cell's place in its zone counts against it; above 0 fills cells one after the other
 * @param maxStartingContainers on all cells together; 0 or less means no limit
 */
record Weights(double startingContainer, double firstFit, int maxStartingContainers) {}
