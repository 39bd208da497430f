/** What can go wrong with a picture, in words that say what, why and what now. */

/** `renewable`: the address may have run out, or the network been away: another try may help. */
export interface Fault {
  readonly kind: "no_picture" | "undecodable" | "unreachable" | "gone";
  readonly title: string;
  readonly text: string;
  readonly renewable: boolean;
}

/** The codes of a MediaError. */
export const ABORTED = 1;
export const NETWORK = 2;
export const DECODE = 3;
export const NOT_SUPPORTED = 4;

/** Return what is wrong where a video's element has failed. `has_played`: it showed pictures before. */
export function faultOf(code: number, is_local: boolean, has_played: boolean): Fault {
  if (code === DECODE) {
    return {
      kind: "undecodable",
      title: "The picture cannot be shown here",
      text: "The video is damaged at this point, or this browser cannot decode it. Clips that you marked are kept.",
      renewable: has_played,
    };
  }
  if (code === NOT_SUPPORTED && is_local && !has_played) return NO_PICTURE_YET;
  return {
    kind: "unreachable",
    title: "The video cannot be reached",
    text: "The connection is away, or the service is. It goes on by itself; what you mark is kept.",
    renewable: true,
  };
}

/** A video that plays sound and no picture: HEVC in a browser without it fires no error, but is 0 pixels wide. */
export function pictureFault(width_px: number, is_local: boolean): Fault | null {
  if (width_px > 0) return null;
  return is_local ? NO_PICTURE_YET : NO_PICTURE;
}

const NO_PICTURE: Fault = {
  kind: "no_picture",
  title: "This browser shows no picture of this video",
  text: "It has sound, but its pictures are in a form that this browser cannot show. Load the page again; if that does not help, try another browser.",
  renewable: false,
};

const NO_PICTURE_YET: Fault = {
  kind: "no_picture",
  title: "The picture comes when the upload is done",
  text: "Phones film in a form (HEVC) that this browser cannot play. A copy that it can is made after the upload.",
  renewable: false,
};
