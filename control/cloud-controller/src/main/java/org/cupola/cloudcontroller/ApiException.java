package org.cupola.cloudcontroller;

import com.linecorp.armeria.common.HttpStatus;
import java.util.List;

/** A request that ends in the v3 error envelope. */
final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient HttpStatus status;
    private final transient List<ApiError> errors;

    ApiException(HttpStatus status, List<ApiError> errors) {
        super(errors.getFirst().detail());
        this.status = status;
        this.errors = List.copyOf(errors);
    }

    private ApiException(int status, int code, String title, String detail) {
        this(HttpStatus.valueOf(status), List.of(new ApiError(code, title, detail)));
    }

    HttpStatus status() {
        return status;
    }

    List<ApiError> errors() {
        return errors;
    }

    static ApiException invalidAuthToken() {
        return new ApiException(401, 1000, "CF-InvalidAuthToken", "Invalid Auth Token");
    }

    static ApiException notAuthenticated() {
        return new ApiException(401, 10002, "CF-NotAuthenticated", "Authentication error");
    }

    static ApiException notAuthorized() {
        return new ApiException(
                403, 10003, "CF-NotAuthorized", "You are not authorized to perform the requested action");
    }

    static ApiException orgSuspended() {
        return new ApiException(403, 10017, "CF-OrgSuspended", "The organization is suspended");
    }

    static ApiException featureDisabled(String flagOrMessage) {
        return new ApiException(403, 330002, "CF-FeatureDisabled", "Feature Disabled: " + flagOrMessage);
    }

    static ApiException unknownRequest() {
        return new ApiException(404, 10000, "CF-NotFound", "Unknown request");
    }

    /** @param resource as users read it, such as {@code App} */
    static ApiException notFound(String resource) {
        return new ApiException(404, 10010, "CF-ResourceNotFound", resource + " not found");
    }

    static ApiException messageParseError(String reason) {
        return new ApiException(400, 1001, "CF-MessageParseError", "Request invalid due to parse error: " + reason);
    }

    static ApiException badRequest(String detail) {
        return new ApiException(400, 1004, "CF-BadRequest", "Bad request: " + detail);
    }

    static ApiException badQuery(String detail) {
        return new ApiException(400, 10005, "CF-BadQueryParameter", "The query parameter is invalid: " + detail);
    }

    /** The common validation error. */
    static ApiException unprocessable(String detail) {
        return new ApiException(422, 10008, "CF-UnprocessableEntity", detail);
    }

    static ApiException unprocessable(List<String> details) {
        return new ApiException(
                HttpStatus.UNPROCESSABLE_ENTITY,
                details.stream()
                        .map(detail -> new ApiError(10008, "CF-UnprocessableEntity", detail))
                        .toList());
    }

    static ApiException bitsAlreadyUploaded() {
        return new ApiException(
                400,
                150004,
                "CF-PackageBitsAlreadyUploaded",
                "Bits may be uploaded only once. Create a new package to upload different bits.");
    }

    static ApiException stagingInProgress() {
        return new ApiException(
                422, 170017, "CF-StagingInProgress", "Only one build can be STAGING at a time per application.");
    }

    static ApiException routerGroupNotFound(String guid) {
        return new ApiException(404, 210009, "CF-RouterGroupNotFound", "The router group could not be found: " + guid);
    }

    static ApiException instancesUnavailable(String reason) {
        return new ApiException(503, 220002, "CF-InstancesUnavailable", "Instances information unavailable: " + reason);
    }

    static ApiException routingApiUnavailable() {
        return new ApiException(503, 370001, "CF-RoutingApiUnavailable", "The Routing API is currently unavailable");
    }

    static ApiException routingApiDisabled() {
        return new ApiException(403, 370003, "CF-RoutingApiDisabled", "Routing API is disabled");
    }

    static ApiException uaaUnavailable() {
        return new ApiException(503, 20004, "CF-UaaUnavailable", "The UAA service is currently unavailable");
    }

    static ApiException uaaKeysUnavailable() {
        return new ApiException(502, 20004, "CF-UaaUnavailable", "The UAA service is currently unavailable");
    }

    static ApiException scaleDisabledDuringDeployment() {
        return new ApiException(
                422,
                390016,
                "CF-ScaleDisabledDuringDeployment",
                "Cannot scale this process while a deployment is in flight.");
    }

    static ApiException processUpdateDisabledDuringDeployment() {
        return new ApiException(
                422,
                390017,
                "CF-ProcessUpdateDisabledDuringDeployment",
                "Cannot update this process while a deployment is in flight.");
    }

    static ApiException stopDisabledDuringDeployment() {
        return new ApiException(
                422,
                390024,
                "CF-StopDisabledDuringDeployment",
                "Cannot stop the app while it is deploying, please cancel the deployment before stopping the app.");
    }

    static ApiException unknownError() {
        return new ApiException(500, 10001, "UnknownError", "An unknown error occurred.");
    }
}
