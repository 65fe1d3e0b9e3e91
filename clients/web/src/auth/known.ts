/** Says in local storage that somebody signed in here, so that strangers cause no vain refresh. */
export const KNOWN = "cadenza.known";
