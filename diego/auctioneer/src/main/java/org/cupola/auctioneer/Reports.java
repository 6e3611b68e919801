package org.cupola.auctioneer;

/** Whom the auctioneer tells what it could not place. Blocking; must not throw. */
interface Reports {
    void failed(Item.Lrp lrp, PlacementError error);

    void failed(Item.Task task, PlacementError error);
}
