package org.cupola.cloudcontroller;

/** One entry of the error envelope, of a job's errors included. */
record ApiError(int code, String title, String detail) {}
