package org.cupola.cloudcontroller;

/** What the services of the API share. Immutable. */
record Api(
        Store store,
        Urls urls,
        Listing listing,
        Visible visible,
        Jobs jobs,
        LrpSync lrps,
        CloudControllerConfig config) {}
