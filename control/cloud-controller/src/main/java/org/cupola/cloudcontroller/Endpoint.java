package org.cupola.cloudcontroller;

/** What is done for one method and path; runs on a virtual thread of its own and may block. */
@FunctionalInterface
interface Endpoint {
    Reply handle(Call call) throws Exception;
}
