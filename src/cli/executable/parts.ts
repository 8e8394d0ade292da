/** How the parts of the command line are called inside the executable: the build and the executable agree on it here. */
export const mainPart = "main.js";

/** The code of a part as V8 has compiled it. Only where the build could run the Node that the executable is made of. */
export const compiledSuffix = ".compiled";

/** The native library of the key store. */
export const keyringLibrary = "keyring.node";
