/** The package's, put in by the build. */
declare const LINNET_VERSION: string;
