/**
 * The names of the two calls that may cross between the enrolment window's page and the main process. A file of its
 * own, because that window is trusted with less than the main one: it never learns the names of anything else.
 *
 * Names only, and no imports: the sandboxed preload is built from this file alone.
 */

/** The one global that the preload puts into the page. */
export const enrolmentBridgeName = "deskpairEnrolment";

export const enrolmentChannels = { options: "enrolment.options", result: "enrolment.result" } as const;
